"""A trigger's `id` is not a UUID.

## What it does

Reports an `id` of a trigger that is not a UUID. Prefect assigns an id to every trigger.

## Why is this bad?

The server refuses the definition.

## Example

```json
{
  "type": "event",
  "id": "trigger-1",
  "posture": "Reactive",
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

import re

from trigger_cli.lint.edits import fix, remove_member
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject

_UUID = re.compile(
    r"(?:urn:uuid:)?\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE
)


def check(subject: Subject) -> Problems:
    """Report every trigger that has an id."""
    for trigger in subject.triggers:
        given = trigger.node.get("id")
        if given is not None and not _UUID.fullmatch(str(given.value)):
            yield trigger.at("id").problem(
                "`id` is not a UUID: the server refuses the trigger",
                "leave it out, Prefect gives one",
                fix("remove the id", remove_member(trigger, "id"), safe=True),
            )


RULE = Rule(__name__, __doc__, "warning", check, server_severity="error", fixable="safe")
