"""A value is a template, and not known before it is deployed.

## What it does

Reports values such as `enabled: "{{ prefect.variables.is_prod }}"` where a number, a choice or true or false belongs.
`prefect deploy` fills in templates in `prefect.yaml`, and `--var NAME=VALUE` does here. Reports values
that a Terraform or Python file computes, too.

## Why is this bad?

It is not bad. The finding says that the other rules treat the value as missing.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["related:deployment:prefect.resource.id"],
  "threshold": "{{ $FAILURES }}",
  "within": 3600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["related:deployment:prefect.resource.id"],
  "threshold": 3,
  "within": 3600
}
```
"""

from __future__ import annotations

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "info")
