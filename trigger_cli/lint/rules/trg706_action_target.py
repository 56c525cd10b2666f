"""An action has no target, or has two.

## What it does

Reports actions on deployments, work pools, work queues and automations that are `selected` without
an id, that have an id that is not a UUID, or that have an id although the target is `inferred`.

## Why is this bad?

The API refuses the action. `"source": "selected"` is the default and needs the id. `"inferred"`
takes the target from the event and must not have an id.

## Example

```json
{
  "name": "Run the report",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.*"},
    "expect": ["shop.closed"]
  },
  "actions": [{"type": "run-deployment"}]
}
```

## Use instead

```json
{
  "name": "Run the report",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.*"},
    "expect": ["shop.closed"]
  },
  "actions": [
    {"type": "run-deployment", "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e"}
  ]
}
```
"""

from trigger_cli.definitions.wording import describe
from trigger_cli.lint.knowledge.actions import TARGETS
from trigger_cli.lint.knowledge.resources import may_be_id
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip placeholders: another rule reports them."""
    for action in subject.actions:
        key = TARGETS.get(action.kind)
        if key is None:
            continue
        given = action.get(key)
        inferred = action.get("source") == "inferred"
        if inferred and given:
            yield action.at(key).problem(
                f'`{key}` is given although "source" is "inferred": the API refuses this action',
                'remove it, or write "source": "selected"',
            )
        elif not inferred and not given:
            yield action.at("type").problem(
                f"`{key}` is missing: the API refuses this action",
                'add it, or write "source": "inferred" to take it from the event',
            )
        elif given and not may_be_id(given):
            yield action.at(key).problem(f"found {describe(given)}, expected a UUID")


RULE = Rule(__name__, __doc__, "error", check)
