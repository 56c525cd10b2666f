"""Prefect emits no event of this name.

## What it does

Reports names in the families of Prefect's own events (`prefect.flow-run.`, `prefect.work-pool.` …)
that it does not emit, with the nearest name that it does.

## Why is this bad?

The event never comes, so a Reactive trigger never fires and a Proactive one always does. Only a state
that your own code gives this name would make it right.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Succeeded"]
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

from __future__ import annotations

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import fix, replace_value
from trigger_cli.lint.knowledge.names import diagnose
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """What is wrong in a more particular way has a rule of its own."""
    for event in subject.events:
        for at, name in event.named:
            found = diagnose(name)
            if found is None or found.kind != "unknown":
                continue
            meant = found.meant
            sign = "!" if name.startswith("!") else ""
            yield at.problem(
                f"Prefect emits no event that {quoted(name)} takes",
                f"did you mean {quoted(meant)}?" if meant else None,
                fix(f"write {meant}", replace_value(at, sign + meant), safe=False)
                if meant
                else None,
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe")
