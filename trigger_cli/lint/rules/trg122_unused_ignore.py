"""An ignore comment has no effect.

## What it does

Reports `trigger-cli: ignore[…]` comments whose rules find nothing in that place, and codes in them
that do not exist. Comments for rules that need a log are not reported.

## Why is this bad?

The comment can hide a later finding that matters.

## Example

```yaml
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect:
  - order.placed  # trigger-cli: ignore[TRG219]
```

## Use instead

```yaml
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect:
  - order.placed
```
"""

from trigger_cli.lint.rule import Rule

RULE = Rule(__name__, __doc__, "warning", fixable="safe")
