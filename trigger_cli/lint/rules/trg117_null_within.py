"""An event trigger's `within` is `null`.

## What it does

Reports `"within": null` on an event trigger. In a composite, `null` means no limit. In an event
trigger, it is not a duration.

## Why is this bad?

Prefect refuses the definition: "`within` should be a valid timedelta".

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "within": null
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "within": 0
}
```
"""

from trigger_cli.lint.edits import write
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check only event triggers: for composites `null` is a valid value."""
    for event in subject.events:
        within = event.node.get("within")
        if within is not None and within.value is None:
            default = 10 if event.trigger.posture == "Proactive" else 0
            at = event.at("within")
            # In YAML, a key without a value has no span to replace.
            has_place = within.span != at.key_span
            yield at.key_problem(
                "`within` is null: Prefect refuses the trigger",
                f"write {default}, or leave it out",
                write(at, default, safe=True) if has_place else None,
            )


RULE = Rule(__name__, __doc__, "warning", check, server_severity="error", fixable="safe")
