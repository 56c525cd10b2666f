"""A compound or sequence trigger has no `within`.

## What it does

Reports composite triggers without the key `within`, except in a `prefect.yaml`, where
`prefect deploy` writes it. The value may be `null`, which means no limit.

## Why is this bad?

By the documentation, `within` is optional. The open-source server refuses the definition.

## Example

```json
{
  "type": "compound",
  "require": "any",
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
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.paid"]
    }
  ]
}
```

## Use instead

```json
{
  "type": "compound",
  "require": "any",
  "within": null,
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
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.paid"]
    }
  ]
}
```
"""

from trigger_cli.lint.edits import fix, insert_member
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check only for the key: `prefect deploy` writes `null` itself."""
    if subject.form == "deployment-trigger":
        return
    for composite in subject.composites:
        if not composite.has("within"):
            edits = insert_member(composite, "within", None, before="triggers")
            yield composite.problem(
                f"`within` is missing: the server refuses the {composite.trigger.kind} trigger",
                'add "within" in seconds, or null for no limit',
                fix("add within null, which is no limit", edits, safe=True),
            )


RULE = Rule(
    __name__,
    __doc__,
    "warning",
    check,
    by_absence=True,
    row="D10",
    server_severity="error",
    fixable="safe",
)
