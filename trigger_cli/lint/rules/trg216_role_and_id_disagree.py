"""A role and an id are of different kinds.

## What it does

Reports `match_related` objects whose `prefect.resource.role` never occurs with a
`prefect.resource.id` of that kind.

## Why is this bad?

One related resource must satisfy the whole object, so no event ever matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e",
    "prefect.resource.role": "flow"
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

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import positive
from trigger_cli.lint.knowledge.resources import fits_role, is_uuid, kind_of_role, role_of_id
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_ROLE, TAG, TAG_ID


def check(subject: Subject) -> Problems:
    """Check only Prefect's roles; other rules report wrong ids."""
    for _, at, labels in subject.related_objects():
        roles, ids = positive(labels.get(RESOURCE_ROLE, ())), positive(labels.get(RESOURCE_ID, ()))
        if len(roles) != 1 or not ids:
            continue
        if all(is_clean(i) and not is_uuid(i) and fits_role(i, roles[0]) is False for i in ids):
            yield at.at(RESOURCE_ROLE).problem(
                f"no resource with such an id is related in the role {quoted(roles[0])}",
                _advice(ids[0], roles[0]),
            )


def _advice(id_: str, role: str) -> str | None:
    if other := role_of_id(id_):
        return f'the role of {quoted(id_)} is "{other}"'
    if role == TAG and "." not in id_:
        return f"did you mean {quoted(TAG_ID + id_)}?"
    kind = kind_of_role(role)
    if kind is None:
        return None
    return f'ids in this role start with {quoted(kind)}; a name goes into "prefect.resource.name"'


RULE = Rule(__name__, __doc__, "warning", check)
