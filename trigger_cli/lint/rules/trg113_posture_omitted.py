"""An event trigger has no `posture`.

## What it does

Reports event triggers without `posture`, except in a `prefect.yaml`: `prefect deploy` writes
`Reactive` into its triggers. An automation is sent unchanged.

## Why is this bad?

By the documentation, such a trigger is Reactive. The open-source server refuses it.

## Example

```json
{
  "type": "event",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
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

from trigger_cli.lint.edits import fix, insert_member
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check only for the key: the default is no problem in `prefect.yaml`."""
    if subject.form == "deployment-trigger":
        return
    for event in subject.events:
        if not event.has("posture"):
            place = next((key for key in event.node.members if key != "type"), None)
            edits = insert_member(event, "posture", "Reactive", before=place)
            yield event.problem(
                "`posture` is missing: the server refuses the trigger",
                'add "posture": "Reactive"',
                fix("add posture Reactive", edits, safe=True),
            )


RULE = Rule(
    __name__,
    __doc__,
    "warning",
    check,
    by_absence=True,
    row="D12",
    server_severity="error",
    fixable="safe",
)
