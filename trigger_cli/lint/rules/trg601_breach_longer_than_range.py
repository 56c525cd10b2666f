"""The breach must last longer than the range of the metric.

## What it does

Reports metric triggers whose `firing_for` is longer than their `range`.

## Why is this bad?

When the trigger could fire, every event that caused the breach has left the window. A single short
breach never fires it.

## Example

```json
{
  "type": "metric",
  "metric": {
    "name": "lateness",
    "operator": ">",
    "threshold": 300,
    "range": 600,
    "firing_for": 3600
  }
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {
    "name": "lateness",
    "operator": ">",
    "threshold": 300,
    "range": 3600,
    "firing_for": 600
  }
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.times import format_duration


def check(subject: Subject) -> Problems:
    """Only an info: it may be intended, for a value that is bad again and again."""
    for metric in subject.metrics:
        trigger = metric.trigger
        if trigger.firing_for > trigger.range:
            yield metric.at("metric", "firing_for").problem(
                f"the breach must last {format_duration(trigger.firing_for)}, the metric looks back {format_duration(trigger.range)}",
                "make `range` the longer one",
            )


RULE = Rule(__name__, __doc__, "info", check)
