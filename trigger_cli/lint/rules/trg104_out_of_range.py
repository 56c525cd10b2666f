"""A number is out of range.

## What it does

Reports a `within` below 10 seconds for a Proactive trigger, a `require` below 1 or above the number
of triggers, negative durations, and durations that are too long for Prefect.

## Why is this bad?

Prefect refuses the definition.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "within": 5
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "within": 15
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "error")
