"""A composite has one child.

## What it does

Reports compound and sequence triggers with a single child.

## Why is this bad?

The composite fires exactly when its child fires, but the event and the labels of the firing are
harder to access.

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
      "expect": ["order.placed"]
    }
  ]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report a single child of any kind."""
    for composite in subject.composites:
        if len(composite.trigger.triggers) == 1:
            yield composite.at("triggers").key_problem(
                f"this {composite.trigger.kind} trigger has one child and does what the child does",
                "use the child in its place",
            )


RULE = Rule(__name__, __doc__, "info", check)
