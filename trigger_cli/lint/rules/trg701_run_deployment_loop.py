"""The action starts a run that fires the trigger again.

## What it does

Reports triggers on states of flow runs whose action runs a deployment, if nothing excludes the runs
of that deployment: no condition on the flow or deployment, the same deployment, or
`"source": "inferred"`.

## Why is this bad?

The run that the action starts enters the same state and starts the next run, without end. The
server refuses only some of these loops.

## Example

```json
{
  "name": "Run the report when something completes",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Completed"]
  },
  "actions": [
    {
      "type": "run-deployment",
      "source": "selected",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e"
    }
  ]
}
```

## Use instead

```json
{
  "name": "Run the report when the export completes",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {
      "prefect.resource.name": "daily-export",
      "prefect.resource.role": "flow"
    },
    "expect": ["prefect.flow-run.Completed"]
  },
  "actions": [
    {
      "type": "run-deployment",
      "source": "selected",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e"
    }
  ]
}
```
"""

from trigger_cli.lint.knowledge.loops import ADVICE, deployment_loops
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip loops that the server refuses: another rule reports them."""
    for event, why, refused in deployment_loops(subject):
        if not refused:
            yield event.at("expect").problem(
                f"{why}, so it fires this trigger again",
                ADVICE,
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
