"""`expect` or `after` has a negated name.

## What it does

Reports `!` patterns among event names (D3).

## Why is this bad?

By the documentation, `!x` means "except x". On the open-source server it matches nothing, so `x` is
not excluded. Beside names in the other list, a `!x` in `expect` takes the names of `after` except
`x`, and a `!x` in `after` those of `expect`.

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
from trigger_cli.lint.knowledge.patterns import positive
from trigger_cli.lint.rule import Problem, Problems, Rule
from trigger_cli.lint.subject import Subject, ValueAt
from trigger_cli.match.patterns import is_negated


def check(subject: Subject) -> Problems:
    """Skip `after` where `expect` is empty: the server then asks for each name, and excludes (N4)."""
    for event in subject.events:
        trigger = event.trigger
        for at, name in event.each("expect"):
            if is_negated(name):
                yield _problem(at, name, "after" if positive(trigger.after) else None)
        for at, name in event.each("after") if trigger.expect else ():
            if is_negated(name):
                yield _problem(at, name, "expect" if positive(trigger.expect) else None)


def _problem(at: ValueAt, name: str, other: str | None) -> Problem:
    """`other` is the list whose names the server asks for, if it has any."""
    does = (
        f"takes no names but those of `{other}`"
        if other
        else "excludes nothing and matches nothing"
    )
    return at.problem(
        f"on the open-source server {quoted(name)} {does} (D3)", "list the names that are meant"
    )


RULE = Rule(__name__, __doc__, "warning", check, row="D3")
