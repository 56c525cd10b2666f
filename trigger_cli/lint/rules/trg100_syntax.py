"""The file is not JSON or YAML.

## What it does

Reports where a file stops being JSON (comments and trailing commas are read) or YAML, and what
stands there instead. Fragments of documentation pages are checked by the other rules as far as
they can be read.

## Why is this bad?

Prefect cannot read the file, and trigger-cli can only guess what it holds.

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
