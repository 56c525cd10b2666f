"""The open-source server has no metric triggers.

## What it does

Reports metric triggers, including those inside composites.

## Why is this bad?

Prefect Cloud evaluates metric triggers. The open-source server refuses the whole definition.

## Example

```json
{
  "type": "metric",
  "metric": {"name": "lateness", "operator": ">", "threshold": 300}
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Late"]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report every metric trigger."""
    for metric in subject.metrics:
        yield metric.at("metric").key_problem(
            "the open-source server has no metric triggers and refuses this definition",
            "use Prefect Cloud, or count events instead",
        )


RULE = Rule(__name__, __doc__, "info", check, row="D11", server_severity="error")
