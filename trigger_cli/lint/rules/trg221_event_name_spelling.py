"""An event name has the wrong case or separator.

## What it does

Reports names that differ from one of Prefect's event names only in case, or in `_` instead of `-`.

## Why is this bad?

Names are compared exactly. `prefect.flow-run.completed` is not `prefect.flow-run.Completed`, and
never occurs.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Only one name can be intended, so the fix is safe."""
    for wrong in wrong_names(subject, "spelling"):
        written = wrong.written
        yield wrong.at.problem(
            f"{quoted(wrong.text)} is spelled differently from Prefect's event, and never comes",
            f"write {quoted(written)}" if written else "names are compared with their case",
            wrong.fix(safe=True),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe", hides=True)
