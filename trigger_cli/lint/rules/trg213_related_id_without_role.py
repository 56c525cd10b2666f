"""`match_related` has an id without a role.

## What it does

Reports `match_related` objects with `prefect.resource.id` but without `prefect.resource.role`.

## Why is this bad?

A resource can be related in several roles. A deployment is the `deployment` of its runs and may be
the `creator` of others. Without the role, both kinds of events match.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e"
  },
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
    "prefect.resource.id": "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e",
    "prefect.resource.role": "deployment"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

from trigger_cli.lint.edits import fix, insert_member
from trigger_cli.lint.knowledge.resources import role_of_id
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_ROLE


def check(subject: Subject) -> Problems:
    """Suggest the usual role of the id's kind."""
    for _, at, labels in subject.related_objects():
        if RESOURCE_ID in labels and RESOURCE_ROLE not in labels:
            roles = {role_of_id(pattern) for pattern in labels[RESOURCE_ID]}
            role = roles.pop() if len(roles) == 1 else None
            edits = insert_member(at, RESOURCE_ROLE, role, before=RESOURCE_ID) if role else None
            yield at.at(RESOURCE_ID).key_problem(
                "no role is asked for, so this resource may be related in any way",
                f'add "prefect.resource.role": "{role}"' if role else "add the role",
                fix(f"add the role {role}", edits, safe=False),
            )


RULE = Rule(__name__, __doc__, "info", check, fixable="unsafe")
