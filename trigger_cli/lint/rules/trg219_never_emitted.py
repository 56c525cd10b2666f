"""Prefect emits no event with this name.

## What it does

Reports names in the families of Prefect's own events (`prefect.flow-run.`, `prefect.work-pool.` …)
that Prefect does not emit, and suggests the nearest name that it emits.

## Why is this bad?

The event never occurs, so a Reactive trigger never fires and a Proactive trigger always fires. The
name is correct only if your own code sets a state with this name.

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

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report names that no more specific rule reports."""
    for wrong in wrong_names(subject, "unknown"):
        yield wrong.at.problem(
            f"Prefect emits no event that {quoted(wrong.text)} takes",
            f"did you mean {quoted(wrong.meant)}?" if wrong.meant else None,
            wrong.fix(safe=False),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe", hides=True)
