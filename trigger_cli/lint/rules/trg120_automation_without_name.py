"""An automation has no name.

## What it does

Reports automations without a `name`, or with a blank `name`.

## Why is this bad?

The API requires a name. Logs and lists identify an automation only by its name.

## Example

```json
{
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.*"},
    "expect": ["order.placed"]
  },
  "actions": [{"type": "do-nothing"}]
}
```

## Use instead

```json
{
  "name": "An order was placed",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.*"},
    "expect": ["order.placed"]
  },
  "actions": [{"type": "do-nothing"}]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check only automations: a trigger gets its deployment's name."""
    if subject.form != "automation":
        return
    name = subject.at.node.get("name")
    if name is None or not str(name.value or "").strip():
        yield subject.at.at("name").problem("the automation has no name", "add a `name`")


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
