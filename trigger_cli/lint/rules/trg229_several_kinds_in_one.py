"""One `match_related` object names several kinds of resource.

## What it does

Reports objects in `match_related` with more than one role, or with ids of more than one kind.

## Why is this bad?

*One* related resource satisfies an object, so the object matches events with the flow *or* the tag.
To require both, write a list of objects in `match_related`.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": [
      "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca",
      "prefect.tag.production"
    ],
    "prefect.resource.role": ["flow", "tag"]
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
  "match_related": [
    {
      "prefect.resource.id": "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca",
      "prefect.resource.role": "flow"
    },
    {
      "prefect.resource.id": "prefect.tag.production",
      "prefect.resource.role": "tag"
    }
  ],
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.lint.knowledge.patterns import positive
from trigger_cli.lint.knowledge.resources import kind_of
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_ROLE


def check(subject: Subject) -> Problems:
    """Both readings are possible, but seldom intended."""
    for _, at, labels in subject.related_objects():
        kinds = {
            kind for pattern in positive(labels.get(RESOURCE_ID, ())) if (kind := kind_of(pattern))
        }
        roles = set(positive(labels.get(RESOURCE_ROLE, ())))
        if len(kinds) > 1 or len(roles) > 1:
            yield at.at(RESOURCE_ID if len(kinds) > 1 else RESOURCE_ROLE).key_problem(
                "one related resource has to satisfy this, so any one of these kinds is enough",
                "to ask for all of them, give `match_related` a list with an object for each",
            )


RULE = Rule(__name__, __doc__, "info", check)
