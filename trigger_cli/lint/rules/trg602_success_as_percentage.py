"""A success rate is given as a percentage.

## What it does

Reports `successes` metrics whose `threshold` is above 1.

## Why is this bad?

The metric is a fraction from 0 to 1. "Below 95" is true however the runs go.

## Example

```json
{
  "type": "metric",
  "metric": {"name": "successes", "operator": "<", "threshold": 95}
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {"name": "successes", "operator": "<", "threshold": 0.95}
}
```
"""

from trigger_cli.lint.edits import write
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """A value from 1 to 100 can only be a percentage."""
    for metric in subject.metrics:
        trigger = metric.trigger
        if trigger.metric == "successes" and 1 < trigger.threshold <= 100:
            at = metric.at("metric", "threshold")
            meant = round(trigger.threshold / 100, 6)
            yield at.problem(
                f"successes are a fraction from 0 to 1, found {trigger.threshold:g}",
                f"write {meant:g}",
                write(at, meant, f"write {meant:g}", safe=False),
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe")
