"""A threshold above 1 has no window.

## What it does

Reports Reactive triggers with a `threshold` above 1 whose `within` is missing or 0.

## Why is this bad?

The documentation asks for `within` with a threshold above 1. Without it, events count however far
apart they are. The open-source server forgets them after about a minute (D9).

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.refused"],
  "threshold": 3
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.refused"],
  "threshold": 3,
  "within": 600
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip triggers with an `after`: TRG309 reports them."""
    for event in subject.events:
        trigger = event.trigger
        if trigger.immediate and trigger.threshold > 1 and not trigger.after:
            yield event.at("threshold").problem(
                f"the trigger counts {trigger.threshold} events, but has no `within` to count them in",
                'add "within" in seconds',
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
