"""These events have no related resource in that role.

## What it does

Reports a `prefect.resource.role` in `match_related` that none of the expected flow run events has.
For example, the run itself is the primary resource of these events, not a related resource.

## Why is this bad?

No related resource has the role, so no event ever matches. Beside a negated pattern, the object then
excludes nothing (M5).

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match_related": {
    "prefect.resource.id": "prefect.flow-run.*",
    "prefect.resource.role": "flow-run"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import population, positive, run_state, takes
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ROLE, nearest


def check(subject: Subject) -> Problems:
    """Check only state events of flow runs: for others the catalog does not list every role."""
    for one, at, labels in subject.related_objects():
        wanted = positive(labels.get(RESOURCE_ROLE, ()))
        events = population(one) or ()
        if not wanted or not events or any(run_state(event.name) is None for event in events):
            continue
        roles = frozenset[str]().union(*(event.roles for event in events))
        if any(takes(pattern, role) for pattern in wanted for role in roles):
            continue
        near = nearest(wanted[0], sorted(roles), likeness=0.6)
        if wanted[0] == "flow-run":
            advice = "the run is the primary resource: put the labels into `match`"
        elif near:
            advice = f'did you mean "{near}"?'
        else:
            advice = f"their roles are {', '.join(sorted(roles))}"
        yield at.at(RESOURCE_ROLE).problem(
            f"flow run events have no related resource in the role {quoted(wanted[0])}", advice
        )


RULE = Rule(__name__, __doc__, "warning", check)
