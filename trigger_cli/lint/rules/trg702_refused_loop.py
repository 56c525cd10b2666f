"""The server refuses this loop.

## What it does

Reports run-deployment loops that the server's own check detects: a Reactive trigger on `Scheduled`,
`Pending`, `Running` or `prefect.flow-run.*` whose action runs a deployment, without conditions or
with `"source": "inferred"`.

## Why is this bad?

Every run goes through these states, so the automation would start runs without end. The API answers with an error.

## Example

```json
{
  "name": "Run the report when something runs",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Running"]
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
  "name": "Run the report when the export runs",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {
      "prefect.resource.name": "daily-export",
      "prefect.resource.role": "flow"
    },
    "expect": ["prefect.flow-run.Running"]
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
    """The check of `AutomationCore` in Prefect 3.8."""
    for event, why, refused in deployment_loops(subject):
        if refused:
            yield event.at("expect").problem(
                f"{why}: the server refuses this automation as an infinite loop",
                ADVICE,
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True, server_severity="error")
