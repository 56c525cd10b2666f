"""A flow's name is compared with the names of runs.

## What it does

Reports a `prefect.resource.name` that is one exact name in the `match` of a trigger for flow run
events.

## Why is this bad?

The primary resource of these events is the run. Runs have their own names, such as
`cute-kittiwake`. The flow and the deployment are related resources.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {
    "prefect.resource.id": "prefect.flow-run.*",
    "prefect.resource.name": "nightly-backup"
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
  "match_related": {
    "prefect.resource.name": "nightly-backup",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import population
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR, is_negated
from trigger_cli.vocabulary import FLOW_RUN, RESOURCE_NAME


def check(subject: Subject) -> Problems:
    """Skip names with a wildcard: they follow a naming scheme and are intended."""
    for one, label in subject.match_labels:
        if label.label != RESOURCE_NAME or any(STAR in p or is_negated(p) for p in label.patterns):
            continue
        events = population(one) or ()
        if label.patterns and events and all(e.name.startswith(FLOW_RUN) for e in events):
            yield label.at.problem(
                f"{quoted(label.patterns[0])} is compared with the names of runs, not of flows or deployments",
                'move it to `match_related`, with "prefect.resource.role": "flow" or "deployment"',
            )


RULE = Rule(__name__, __doc__, "warning", check)
