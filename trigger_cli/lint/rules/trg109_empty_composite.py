"""A compound or sequence trigger has no triggers.

## What it does

Reports `"triggers": []`.

## Why is this bad?

A composite trigger without children cannot fire.

## Example

```json
{"type": "compound", "require": "all", "within": 60, "triggers": []}
```

## Use instead

```json
{
  "type": "compound",
  "require": "all",
  "within": 60,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.placed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.paid"]
    }
  ]
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "warning")
