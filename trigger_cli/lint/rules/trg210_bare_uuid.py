"""A resource id is a UUID without its kind.

## What it does

Reports id patterns that are only a UUID.

## Why is this bad?

Ids of Prefect's resources begin with their kind: `prefect.deployment.37ca4a08-…`.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match_related": {
    "prefect.resource.id": "37ca4a08-e2d9-4628-a310-cc15a323378e",
    "prefect.resource.role": "deployment"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match_related": {
    "prefect.resource.id": "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e",
    "prefect.resource.role": "deployment"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.lint.edits import write
from trigger_cli.lint.knowledge.resources import is_uuid, kind_of_role
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ROLE


def check(subject: Subject) -> Problems:
    """The role in the same object, if there is one, gives the kind of the id."""
    for at, pattern, label in subject.ids():
        if is_uuid(pattern):
            roles = dict(label.siblings).get(RESOURCE_ROLE, ())
            kind = kind_of_role(roles[0]) if len(roles) == 1 else None
            meant = f"{kind}{pattern}"
            yield at.problem(
                "this is a UUID alone: the id of a resource begins with its kind",
                f"write `{meant}`" if kind else "write for instance `prefect.deployment.<uuid>`",
                write(at, meant, "add the kind", safe=True) if kind else None,
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
