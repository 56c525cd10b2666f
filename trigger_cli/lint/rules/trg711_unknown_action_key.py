"""Prefect ignores a key of an action.

## What it does

Reports keys that actions of this type do not have.

## Why is this bad?

Prefect does not report the ignored key. The action behaves as if the key were missing.

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
  "actions": [
    {
      "type": "run-deployment",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e",
      "params": {"day": "today"}
    }
  ]
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
    {
      "type": "run-deployment",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e",
      "parameters": {"day": "today"}
    }
  ]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.actions import keys_of
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import nearest

_ALIASES = {"params": "parameters", "blockid": "block_document_id", "message": "body"}


def check(subject: Subject) -> Problems:
    """Skip actions of an unknown type: they may have any key."""
    for action in subject.actions:
        known = keys_of(action.kind)
        for key in action.node.members if known else ():
            if known is None or key in known:
                continue
            near = nearest(key, sorted(known), _ALIASES)
            yield action.at(key).key_problem(
                f"unknown key {quoted(key)} in this action: Prefect ignores it",
                f"did you mean `{near}`?" if near else f"known keys: {', '.join(sorted(known))}",
            )


RULE = Rule(__name__, __doc__, "warning", check)
