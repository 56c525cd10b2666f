"""A child's window is longer than its parent's.

## What it does

Reports children whose own `within` is longer than that of their composite, if the composite needs
several children.

## Why is this bad?

The child may wait longer than the composite keeps the firings of the other children. When the child
fires, those firings may have expired. A Reactive child with a threshold of 1 does not wait, but
cools down after a firing: events in that time do not renew the firing that the composite keeps.

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
from trigger_cli.lint.subject import CompositeAt, EventAt, MetricAt, Subject, TriggerAt
from trigger_cli.model import EventTrigger
from trigger_cli.times import format_duration


def check(subject: Subject) -> Problems:
    """Skip a window of 0 in the parent: another rule reports it."""
    for composite in subject.composites:
        limit = composite.trigger.within
        if not limit or not composite.needs_several:
            continue
        for child in composite.children:
            own = 0 if isinstance(child, MetricAt) else child.trigger.within or 0
            if own > limit and (does := _does(child)):
                yield child.at("within").problem(
                    f"this child {does} up to {format_duration(own)}, its parent remembers {format_duration(limit)}",
                    "give the parent the longer `within`",
                )


def _does(child: TriggerAt) -> str | None:
    """What a child does for its `within`; `None` if that is without effect."""
    match child:
        case CompositeAt():
            return "takes" if child.needs_several else None
        case EventAt(trigger=EventTrigger(posture="Reactive", after=(), threshold=threshold)):
            return "takes" if threshold > 1 else "cools down after a firing for"
    return "takes"


RULE = Rule(__name__, __doc__, "warning", check)
