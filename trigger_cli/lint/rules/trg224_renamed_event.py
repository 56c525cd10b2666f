"""An event has been renamed.

## What it does

Reports names of earlier versions of Prefect, such as `prefect.work-queue.unhealthy` and
`prefect.work-pool.not_ready`.

## Why is this bad?

The old name is no longer emitted.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.work-queue.*"},
  "expect": ["prefect.work-queue.unhealthy"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.work-queue.*"},
  "expect": ["prefect.work-queue.not-ready"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Only the new name can be intended, so the fix is safe.

    Skip lists that have both names: Prefect's own UI writes them so.
    """
    names = {text for _, text in subject.names}
    for wrong in wrong_names(subject, "renamed"):
        if wrong.written in names:
            continue
        yield wrong.at.problem(
            f"{quoted(wrong.text)} is called {quoted(wrong.meant or '')} now",
            f"write {quoted(wrong.written or '')}",
            wrong.fix(safe=True),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe", hides=True)
