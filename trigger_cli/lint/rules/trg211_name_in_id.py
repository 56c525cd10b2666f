"""A resource id holds a name where Prefect has a UUID.

## What it does

Reports ids such as `prefect.work-pool.kubernetes` or `prefect.flow.my-flow`.

## Why is this bad?

Ids of flows, deployments, work pools, queues, runs and automations end in a UUID. A name in its
place matches nothing.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.work-pool.kubernetes",
    "prefect.resource.role": "work-pool"
  },
  "expect": ["prefect.flow-run.Late"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.name": "kubernetes",
    "prefect.resource.role": "work-pool"
  },
  "expect": ["prefect.flow-run.Late"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.resources import name_in_id
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip tags and workers: their ids contain names."""
    for at, pattern, _ in subject.ids():
        name = name_in_id(pattern)
        if name is not None:
            yield at.problem(
                f"{quoted(name)} is a name, but this id ends in a UUID: no resource has it",
                f'match "prefect.resource.name": {quoted(name)} instead, with its role',
            )


RULE = Rule(__name__, __doc__, "warning", check)
