"""`expect` or `after` has a negated name.

## What it does

Reports `!` patterns among event names (D3).

## Why is this bad?

By the documentation, `!x` means "except x". On the open-source server it matches nothing, so `x` is
not excluded.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.work-pool.*"},
  "expect": ["prefect.work-pool.*", "!prefect.work-pool.ready"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.work-pool.*"},
  "expect": ["prefect.work-pool.not-ready", "prefect.work-pool.paused"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import is_negated


def check(subject: Subject) -> Problems:
    """Report every negated name."""
    for at, name in subject.names:
        if is_negated(name):
            yield at.problem(
                f"on the open-source server {quoted(name)} excludes nothing and matches nothing (D3)",
                "list the names that are meant",
            )


RULE = Rule(__name__, __doc__, "warning", check, row="D3")
