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

from __future__ import annotations

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import fix, replace_value
from trigger_cli.lint.knowledge.names import diagnose
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """The new name is the only one that can be meant."""
    for event in subject.events:
        for at, name in event.named:
            found = diagnose(name)
            if found is None or found.kind != "renamed" or found.meant is None:
                continue
            sign = "!" if name.startswith("!") else ""
            yield at.problem(
                f"{quoted(name)} is called {quoted(found.meant)} now",
                f"write {quoted(sign + found.meant)}",
                fix(f"write {found.meant}", replace_value(at, sign + found.meant), safe=True),
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
