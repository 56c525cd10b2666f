"""`actions_on_resolve` never run.

## What it does

Reports `actions_on_resolve` of automations without a metric trigger.

## Why is this bad?

Only metric triggers are resolved, when their value recovers. Other triggers only fire.

## Example

```json
{
  "name": "Tell of failures",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Failed"]
  },
  "actions": [{"type": "do-nothing"}],
  "actions_on_resolve": [{"type": "do-nothing"}]
}
```

## Use instead

```json
{
  "name": "Tell of failures",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Failed"]
  },
  "actions": [{"type": "do-nothing"}]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject

KEY = "actions_on_resolve"


def check(subject: Subject) -> Problems:
    """Skip empty lists: exports have them."""
    if subject.form != "automation" or subject.metrics:
        return
    listed = subject.at.node.get(KEY)
    if listed is not None and listed.items:
        yield subject.at.at(KEY).key_problem(
            "only metric triggers are resolved, so these actions never run",
            "make a second automation for the event that means `all is well again`",
        )


RULE = Rule(__name__, __doc__, "warning", check)
