"""A Proactive trigger with a threshold of 0 never fires.

## What it does

Reports Proactive triggers whose `threshold` is 0 or negative.

## Why is this bad?

A Proactive trigger fires when *fewer* events than its threshold occurred. Fewer than 0 events is
impossible.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "threshold": 0,
  "within": 600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "threshold": 1,
  "within": 600
}
```
"""

from trigger_cli.lint.edits import write
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """The intended value is 1: no event at all."""
    for event in subject.proactive:
        if event.trigger.threshold <= 0:
            at = event.at("threshold")
            yield at.problem(
                f"fewer than {event.trigger.threshold} events can never come, so this never fires",
                "write 1 to fire where no event came",
                write(at, 1, safe=True),
            )


RULE = Rule(__name__, __doc__, "error", check, fixable="safe")
