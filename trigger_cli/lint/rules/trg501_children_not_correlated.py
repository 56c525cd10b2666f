"""The children of a composite may fire for different runs.

## What it does

Reports compound and sequence triggers that need several children, if two children match the states
of the same runs: the same `match` and `match_related`, and not a single run.

## Why is this bad?

A composite keeps one firing for each child, whatever the resource. It does not compare the
`for_each` labels of the children. Two different runs can satisfy "`Running`, then `Completed`".

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
      "expect": ["prefect.flow-run.Running"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "prefect.flow-run.*"},
      "expect": ["prefect.flow-run.Failed"]
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
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import (
    exact_states,
    is_about_runs,
    names_one_resource,
    same_filters,
)
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg505_against_lifecycle import is_against_lifecycle
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Compare only children with the same filters: different flows are intended."""
    for composite in subject.composites:
        if not composite.needs_several or is_against_lifecycle(composite):
            continue
        for one, other in composite.pairs():
            same = same_filters(one.trigger, other.trigger)
            runs = is_about_runs(one.trigger.expect) and is_about_runs(other.trigger.expect)
            differ = set(exact_states(one.trigger.expect)) != set(
                exact_states(other.trigger.expect)
            )
            if same and runs and differ and not names_one_resource(one.trigger):
                yield composite.at("triggers").key_problem(
                    "these children take events of the same runs, but may fire for different runs",
                    "use one event trigger with `after`, `expect` and for_each prefect.resource.id",
                )
                break


RULE = Rule(__name__, __doc__, "warning", check)
