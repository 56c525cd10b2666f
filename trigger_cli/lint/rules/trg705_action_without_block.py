"""A notification or webhook does not say which block to use.

## What it does

Reports `send-notification` and `call-webhook` without a `block_document_id`, or with one that is
not a UUID.

## Why is this bad?

The API refuses the action. The block contains the destination address. The value is the id of the
block, not its name or slug.

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
  "actions": [
    {"type": "send-notification", "subject": "Failed", "body": "{{ flow_run.name }}"}
  ]
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
  "actions": [
    {
      "type": "send-notification",
      "block_document_id": "29d35854-71ee-4381-bc97-1a97731c43aa",
      "subject": "Failed",
      "body": "{{ flow_run.name }}"
    }
  ]
}
```
"""

from trigger_cli.definitions.wording import describe
from trigger_cli.lint.knowledge.actions import NEED_BLOCK
from trigger_cli.lint.knowledge.resources import may_be_id
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject

KEY = "block_document_id"


def check(subject: Subject) -> Problems:
    """Skip placeholders: another rule reports them."""
    for action in subject.actions:
        if action.kind not in NEED_BLOCK:
            continue
        given = action.get(KEY)
        if given is None:
            wrong = next((k for k in action.node.members if k != KEY and "block" in k), None)
            yield action.at("type").problem(
                f"`{KEY}` is missing: the API refuses this action",
                f"the key is `{KEY}`, not `{wrong}`" if wrong else "add the id of the block to use",
            )
        elif not may_be_id(given):
            yield action.at(KEY).problem(
                f"found {describe(given)}, expected the UUID of a block",
                "`prefect block ls` shows the ids",
            )


RULE = Rule(__name__, __doc__, "error", check)
