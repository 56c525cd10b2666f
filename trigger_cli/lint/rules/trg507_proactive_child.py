"""A Proactive child fires at one instant; it is not a condition.

## What it does

Reports Proactive children of composites that need several.

## Why is this bad?

A Proactive child does not mean "and `x` has not happened". The child fires at the moment its window
ends. The firing then counts for the parent's `within`, even if `x` happens in that time.

## Example

```json
{
  "type": "compound",
  "require": "all",
  "within": 3600,
  "triggers": [
    {
      "type": "event",
      "posture": "Proactive",
      "match": {"prefect.resource.id": "shop.*"},
      "after": ["shop.opened"],
      "expect": ["order.placed"],
      "for_each": ["prefect.resource.id"],
      "within": 600
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
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "after": ["shop.opened"],
  "expect": ["order.placed"],
  "for_each": ["prefect.resource.id"],
  "within": 600
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject


def check(subject: Subject) -> Problems:
    """Skip composites that need one child: only the time of its firing matters."""
    for composite in subject.composites:
        for child in composite.children if composite.needs_several else ():
            if isinstance(child, EventAt) and child.trigger.posture == "Proactive":
                yield child.at("posture").problem(
                    "this child fires when its window ends; it does not mean `has not happened recently`",
                    "check that an instant is what the other children should be combined with",
                )


RULE = Rule(__name__, __doc__, "info", check)
