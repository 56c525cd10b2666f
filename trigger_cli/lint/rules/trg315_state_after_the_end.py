"""The expected state cannot follow the state in `after`.

## What it does

Reports Reactive triggers on the states of one run whose `after` is a final state (`Completed`,
`Cancelled`) and whose `expect` is a state that ends a run.

## Why is this bad?

A completed run cannot fail later, so the trigger never fires.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Completed"],
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "within": 60
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Retrying"],
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "within": 60
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_keyed_by_run, is_terminal
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import state_of

_FINAL = {"Completed", "Cancelled"}


def check(subject: Subject) -> Problems:
    """Check only triggers keyed by run; skip failed and crashed runs, which may run again."""
    for event in subject.reactive:
        trigger = event.trigger
        if (
            is_keyed_by_run(trigger)
            and trigger.threshold > 0
            and trigger.after
            and trigger.expect
            and all(state_of(name) in _FINAL for name in trigger.after)
            and all(map(is_terminal, trigger.expect))
        ):
            yield event.at("after").problem(
                "a run that ended so does not end in another way after it, so this never fires",
                "start at a state that comes before the end",
            )


RULE = Rule(__name__, __doc__, "warning", check)
