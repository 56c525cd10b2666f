"""The metric trigger fires when all is well.

## What it does

Reports `successes` compared with `>` or `>=`, and `duration` or `lateness` with `<` or `<=`.

## Why is this bad?

An automation that reports good runs is rare. A reversed operator is more likely.

## Example

```json
{
  "type": "metric",
  "metric": {"name": "successes", "operator": ">", "threshold": 0.9}
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {"name": "successes", "operator": "<", "threshold": 0.9}
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg603_metric_never_or_always import verdict_on
from trigger_cli.lint.subject import Subject

_WELL = {"successes": (">", ">="), "duration": ("<", "<="), "lateness": ("<", "<=")}


def check(subject: Subject) -> Problems:
    """Skip thresholds that other rules report: percentages, and those that make no difference."""
    for metric in subject.metrics:
        trigger = metric.trigger
        percentage = trigger.metric == "successes" and trigger.threshold > 1
        if percentage or verdict_on(trigger):
            continue
        if trigger.operator in _WELL[trigger.metric]:
            yield metric.at("metric", "operator").problem(
                f"{trigger.metric} {trigger.operator} {trigger.threshold:g} is true when runs do well",
                "reverse the operator if you mean a problem",
            )


RULE = Rule(__name__, __doc__, "info", check)
