"""`match_related` has a name without a role.

## What it does

Reports `match_related` objects with `prefect.resource.name` but without `prefect.resource.role`.

## Why is this bad?

A flow, a deployment, a work pool and a queue can all have the same name. Any related resource of
that name matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {"prefect.resource.name": "daily-export"},
  "expect": ["prefect.flow-run.Completed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.name": "daily-export",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE


def check(subject: Subject) -> Problems:
    """Skip objects with an id: it gives the kind."""
    for _, at, labels in subject.related_objects():
        if RESOURCE_NAME in labels and RESOURCE_ROLE not in labels and RESOURCE_ID not in labels:
            yield at.at(RESOURCE_NAME).key_problem(
                "any related resource of this name matches: a flow, a deployment, a work pool …",
                'add "prefect.resource.role", for instance "flow" or "deployment"',
            )


RULE = Rule(__name__, __doc__, "warning", check)
