"""A sequence expects states in an order that no run goes through.

## What it does

Reports sequences in which one child expects the end of a run and a later child expects an earlier
state of the same runs.

## Why is this bad?

A single run never satisfies the sequence. Two overlapping runs can satisfy it by accident.

## Example

```json
{
  "type": "sequence",
  "within": 3600,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "prefect.flow-run.*"},
      "expect": ["prefect.flow-run.Completed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "prefect.flow-run.*"},
      "expect": ["prefect.flow-run.Running"]
    }
  ]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.Completed"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_terminal, same_filters
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import CompositeAt, Subject
from trigger_cli.vocabulary import state_of

_BEFORE_THE_END = {
    "Scheduled",
    "Late",
    "Pending",
    "Submitting",
    "Running",
    "Cancelling",
    "Paused",
    "Suspended",
}


def is_against_lifecycle(composite: CompositeAt) -> bool:
    """Whether a child expects a state that precedes one that an earlier child expects."""
    return composite.trigger.kind == "sequence" and any(
        same_filters(one.trigger, other.trigger)
        and one.trigger.expect
        and other.trigger.expect
        and all(map(is_terminal, one.trigger.expect))
        and {state_of(name) for name in other.trigger.expect} <= _BEFORE_THE_END
        for one, other in composite.pairs()
    )


def check(subject: Subject) -> Problems:
    """Compare only children with the same filters: an order of different flows is intended."""
    for composite in subject.composites:
        if is_against_lifecycle(composite):
            yield composite.at("triggers").key_problem(
                "no run goes through these states in this order, so only different runs can meet it",
                "put the children in the order of a run's states, or tell the runs apart",
            )


RULE = Rule(__name__, __doc__, "warning", check)
