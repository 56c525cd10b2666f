"""A value is a template and is unknown before deployment.

## What it does

Reports values such as `enabled: "{{ prefect.variables.is_prod }}"` where a number, a choice, or
true or false is expected. `prefect deploy` fills in templates in a `prefect.yaml`. In trigger-cli,
`--var NAME=VALUE` fills them in. The rule also reports values that a Terraform or Python file
computes.

## Why is this bad?

It is not an error. The finding says that the other rules treat the value as missing.

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

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "info")
