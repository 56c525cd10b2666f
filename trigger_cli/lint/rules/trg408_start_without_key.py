"""The start and the end may be of different runs.

## What it does

Reports Reactive triggers for the states of runs with `after` and without `for_each`.

## Why is this bad?

There is one window for all runs: `Running` of one run and `Failed` of another make the trigger fire.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Retrying"],
  "expect": ["prefect.flow-run.Failed"],
  "within": 600
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
  "within": 600
}
```
"""

from __future__ import annotations

from trigger_cli.lint.knowledge.patterns import is_about_runs, names_one_resource
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject


def is_unkeyed_start(event: EventAt) -> bool:
    """Whether runs share one window."""
    trigger = event.trigger
    return (
        trigger.posture == "Reactive"
        and bool(trigger.after)
        and not trigger.for_each
        and is_about_runs(trigger.after + trigger.expect)
        and not names_one_resource(trigger)
    )


def check(subject: Subject) -> Problems:
    """A trigger for one run alone needs no key."""
    for event in subject.events:
        if is_unkeyed_start(event):
            yield event.at("after").key_problem(
                "without `for_each`, one run may start the window and another one end it",
                'add "for_each": ["prefect.resource.id"]',
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
