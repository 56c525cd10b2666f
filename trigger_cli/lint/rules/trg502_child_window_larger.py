"""A child's window is longer than its parent's.

## What it does

Reports children whose own `within` is longer than that of their composite, if the composite needs
several children.

## Why is this bad?

The child may wait longer than the composite keeps the firings of the other children. When the child
fires, those firings may have expired.

## Example

```json
{
  "type": "compound",
  "require": "all",
  "within": 60,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.refused"],
      "threshold": 3,
      "within": 3600
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.closed"]
    }
  ]
}
```

## Use instead

```json
{
  "type": "compound",
  "require": "all",
  "within": 3600,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.refused"],
      "threshold": 3,
      "within": 3600
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.closed"]
    }
  ]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import MetricAt, Subject
from trigger_cli.times import format_duration


def check(subject: Subject) -> Problems:
    """Skip a window of 0 in the parent: another rule reports it."""
    for composite in subject.composites:
        limit = composite.trigger.within
        if not limit or not composite.needs_several:
            continue
        for child in composite.children:
            own = 0 if isinstance(child, MetricAt) else child.trigger.within or 0
            if own > limit:
                yield child.at("within").problem(
                    f"this child takes up to {format_duration(own)}, its parent remembers {format_duration(limit)}",
                    "give the parent the longer `within`",
                )


RULE = Rule(__name__, __doc__, "warning", check)
