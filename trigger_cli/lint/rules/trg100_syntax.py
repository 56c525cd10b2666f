"""The file is not JSON or YAML.

## What it does

Reports where a file is not valid JSON (comments and trailing commas are allowed) or YAML, and what
was found there. The other rules check fragments of documentation pages as far as they can be
parsed.

## Why is this bad?

Prefect cannot read the file, and trigger-cli can only guess its content.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
  "within": 60
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "within": 60
}
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "error")
