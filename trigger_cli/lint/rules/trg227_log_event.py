"""Log events never reach triggers.

## What it does

Reports the name `prefect.log.write`.

## Why is this bad?

Prefect does not deliver log events to automations, so a trigger that waits for them never fires.

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

from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report every use of the name."""
    for wrong in wrong_names(subject, "log"):
        yield wrong.at.problem(
            "log events never reach triggers, so this one never comes",
            "emit an event of your own with `emit_event` where the message is logged",
        )


RULE = Rule(__name__, __doc__, "warning", check)
