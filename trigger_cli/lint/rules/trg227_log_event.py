"""Log events never reach triggers.

## What it does

Reports the name `prefect.log.write`.

## Why is this bad?

Prefect keeps log lines away from its automations, so a trigger that waits for them never fires.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.log.write"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "etl.table.*"},
  "expect": ["etl.error.logged"]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from trigger_cli.lint.knowledge.names import diagnose
from trigger_cli.lint.rule import Problem, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    """Wherever the name stands."""
    for event in subject.events:
        for at, name in event.named:
            found = diagnose(name)
            if found is not None and found.kind == "log":
                yield at.problem(
                    "log events never reach triggers, so this one never comes",
                    "emit an event of your own with `emit_event` where the message is logged",
                )


RULE = Rule(code="TRG227", name="log-event", severity="warning", doc=__doc__, check=check)
