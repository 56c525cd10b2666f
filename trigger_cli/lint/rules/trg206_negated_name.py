"""`expect` or `after` has a negated name.

## What it does

Reports `!` patterns among event names (D3).

## Why is this bad?

By the documentation, `!x` means "except x". On the open-source server it matches nothing, so `x` is
not excluded. Beside names in the other list, a `!x` in `expect` takes the names of `after` except
`x`, and a `!x` in `after` those of `expect`. Before 3.6.23, it also takes names that only begin like
a name beside it: `["a", "!x"]` takes `a1` (D23).

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
from trigger_cli.match.patterns import STAR, is_negated

_OLDER = "; before 3.6.23 it takes names that begin like another"


def check(subject: Subject) -> Problems:
    """Skip `after` where `expect` is empty: the server then asks for each name, and excludes (N4)."""
    for event in subject.events:
        trigger = event.trigger
        begins = any(not one.endswith(STAR) for one in positive(trigger.expect + trigger.after))
        older = subject.said_of("D23", "", _OLDER) if begins else ""
        for at, name in event.each("expect"):
            if is_negated(name):
                yield _problem(at, name, "after" if positive(trigger.after) else None, older)
        for at, name in event.each("after") if trigger.expect else ():
            if is_negated(name):
                yield _problem(at, name, "expect" if positive(trigger.expect) else None, older)


def _problem(at: ValueAt, name: str, other: str | None, older: str) -> Problem:
    """The problem of one negated name.

    Args:
        at: Its place.
        name: The pattern.
        other: The list whose names the server asks for, if it has any.
        older: What to say of older servers, if a name beside it is the beginning of others (D23).
    """
    does = (
        f"takes no names but those of `{other}`"
        if other
        else "excludes nothing and matches nothing"
    )
    rows = "D3, D23" if older else "D3"
    return at.problem(
        f"on the open-source server {quoted(name)} {does}{older} ({rows})",
        "list the names that are meant",
    )


RULE = Rule(__name__, __doc__, "warning", check, row="D3")
