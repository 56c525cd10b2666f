"""A required key is missing.

## What it does

Reports a compound trigger without `require`, a composite without `triggers`, a metric trigger
without `metric`, or a metric without `name`, `operator` or `threshold`.

## Why is this bad?

Prefect refuses the definition.

## Example

```json
{
  "type": "metric",
  "metric": {"name": "lateness", "operator": ">"}
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {"name": "lateness", "operator": ">", "threshold": 300}
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "error")
