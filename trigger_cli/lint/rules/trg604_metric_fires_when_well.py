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
from trigger_cli.lint.subject import Subject

_WELL = {"successes": (">", ">="), "duration": ("<", "<="), "lateness": ("<", "<=")}


def check(subject: Subject) -> Problems:
    """Report only thresholds that are possible at all."""
    for metric in subject.metrics:
        trigger = metric.trigger
        sensible = trigger.threshold > 0 and (
            trigger.metric != "successes" or trigger.threshold < 1
        )
        if sensible and trigger.operator in _WELL[trigger.metric]:
            yield metric.at("metric", "operator").problem(
                f"{trigger.metric} {trigger.operator} {trigger.threshold:g} is true when runs do well",
                "reverse the operator if you mean a problem",
            )


RULE = Rule(__name__, __doc__, "info", check)
