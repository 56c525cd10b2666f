"""Prefect has no action of this type.

## What it does

Reports actions whose `type` is missing or unknown to Prefect, and suggests the nearest type; and what stands in
place of an action and is no object.

## Why is this bad?

The API refuses the automation.

## Example

```json
{
  "name": "Cancel what is late",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Late"]
  },
  "actions": [{"type": "cancel-run"}]
}
```

## Use instead

```json
{
  "name": "Cancel what is late",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Late"]
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```
"""

from trigger_cli.definitions.wording import describe
from trigger_cli.lint.knowledge.actions import ACTIONS
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import nearest


def check(subject: Subject) -> Problems:
    """Never an error: later versions may have more actions."""
    for action in subject.listed_actions:
        if not action.node.is_object:
            if not action.node.is_computed:
                found = f"found {describe(action.node.value)}, expected an action"
                yield action.problem(found, 'write an object, such as {"type": "do-nothing"}')
            continue
        if action.kind in ACTIONS:
            continue
        near = nearest(action.kind, ACTIONS) if action.kind else None
        kind = action.get("type")
        found = "the action has no `type`" if kind is None else f"found {describe(kind)}"
        yield action.at("type").problem(
            f"{found}, expected an action of Prefect's",
            f'did you mean "{near}"?' if near else f"actions are {', '.join(sorted(ACTIONS))}",
        )


RULE = Rule(__name__, __doc__, "warning", check)
