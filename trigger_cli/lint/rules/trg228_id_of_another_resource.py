"""`match` requires a resource that is never the primary resource of these events.

## What it does

Reports an id in `match` that the primary resource of the expected events never has. An example is
the id of a flow or deployment, for events whose primary resource is the flow run.

## Why is this bad?

`match` tests only the primary resource. The other resources of an event are its related resources,
so nothing ever matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca"},
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import ids_of, may_overlap, population, positive
from trigger_cli.lint.knowledge.resources import is_kind_alone, is_uuid
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.vocabulary import RESOURCE_ID


def check(subject: Subject) -> Problems:
    """Skip ids that other rules report as wrong."""
    for event in subject.events:
        ids = ids_of(event.trigger)
        wanted = positive(ids)
        if not wanted or len(wanted) < len(ids):
            continue
        if any(is_kind_alone(i) or is_uuid(i) or not is_clean(i) for i in wanted):
            continue
        possible = _ids(event)
        if possible and not any(may_overlap(i, p) for i in wanted for p in possible):
            kinds = " or ".join(sorted(quoted(p) for p in possible)[:3])
            yield event.at("match", RESOURCE_ID).problem(
                f"the primary resource of these events is {kinds}, so this id never matches",
                "ask for it in `match_related`",
            )


def _ids(event: EventAt) -> set[str]:
    """The possible ids of the primary resource; empty if unknown."""
    known = population(event) if event.trigger.expect else None
    if not known or not all(one.resource_id for one in known):
        return set()
    return {one.resource_id for one in known if one.resource_id}


RULE = Rule(__name__, __doc__, "error", check)
