"""A value has the wrong type.

## What it does

Reports values of the wrong type: a string where a list is expected, a list where an object is
expected, a string that is not a number or duration, and a YAML tag where a pattern starting with
`!` was intended.

## Why is this bad?

Prefect refuses the definition.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": "order.placed"
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "error")
