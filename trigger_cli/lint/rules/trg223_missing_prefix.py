"""An event name lacks its `prefect.` prefix.

## What it does

Reports names such as `flow-run.Completed` or `Completed`, which are Prefect's event names without
`prefect.` or `prefect.flow-run.`.

## Why is this bad?

The whole name is compared. The event never occurs, unless your own code emits an event with this
name.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["flow-run.Completed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """It may be a custom event, so the fix is not safe."""
    for wrong in wrong_names(subject, "missing-prefix"):
        yield wrong.at.problem(
            f"{quoted(wrong.text)} is not the whole name of Prefect's event",
            f"did you mean {quoted(wrong.meant or '')}?",
            wrong.fix(safe=False),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe", hides=True)
