"""An object has the same key twice.

## What it does

Reports a key that occurs again in the same object.

## Why is this bad?

Only the last value is used. Earlier values are silently dropped.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "expect": ["order.paid"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed", "order.paid"]
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "warning")
