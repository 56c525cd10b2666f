"""A metric matches resources that are not flow runs.

## What it does

Reports metric triggers whose `match` requires an id that no flow run has.

## Why is this bad?

Metrics are computed from the state events of flow runs, whose primary resource is the run. With
another id there is nothing to measure, and the trigger never fires.

## Example

```json
{
  "type": "metric",
  "match": {"prefect.resource.id": "prefect.deployment.*"},
  "metric": {"name": "lateness", "operator": ">", "threshold": 300}
}
```

## Use instead

```json
{
  "type": "metric",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.deployment.37ca4a08-e2d9-4628-a310-cc15a323378e",
    "prefect.resource.role": "deployment"
  },
  "metric": {"name": "lateness", "operator": ">", "threshold": 300}
}
```
"""

from trigger_cli.lint.knowledge.patterns import ids_of, may_overlap, positive
from trigger_cli.lint.knowledge.resources import is_kind_alone, is_uuid
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID


def check(subject: Subject) -> Problems:
    """Skip ids that other rules report as wrong."""
    for metric in subject.metrics:
        ids = positive(ids_of(metric.trigger))
        if not ids or any(is_kind_alone(i) or is_uuid(i) for i in ids):
            continue
        if not any(may_overlap(i, "prefect.flow-run.*") for i in ids):
            yield metric.at("match", RESOURCE_ID).problem(
                "metrics are made of flow runs, and no flow run has such an id",
                'match "prefect.flow-run.*", and ask for the rest in `match_related`',
            )


RULE = Rule(__name__, __doc__, "error", check)
