"""A composite requires its children to fire at the same instant.

## What it does

Reports compound triggers that need several children, and sequences, with a `within` of 0.

## Why is this bad?

Two events hardly ever occur at the same microsecond, so one event must fire all the children. To require several conditions of one event, write a list in `match_related`.

## Example

```json
{
  "type": "compound",
  "require": "all",
  "within": 0,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.placed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.opened"]
    }
  ]
}
```

## Use instead

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
      "expect": ["order.placed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.opened"]
    }
  ]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """`require: all` is for several children, even if the file is cut off after the first."""
    for composite in subject.composites:
        require = composite.node.get("require")
        wants_all = require is None or require.value == "all"
        if composite.trigger.within == 0 and (composite.needs_several or wants_all):
            yield composite.at("within").problem(
                "`within` is 0: only children that fire at the same instant can meet this",
                "give it a time; to ask several things of one event, give `match_related` a list",
            )


RULE = Rule(__name__, __doc__, "warning", check)
