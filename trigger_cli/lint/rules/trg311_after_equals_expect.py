"""The same event opens the window and satisfies it.

## What it does

Reports triggers with one name in `after` that is also in `expect`, except Proactive ones with a
threshold of 1, which watch for the next heartbeat.

## Why is this bad?

The event that opens the window is not counted in it. The trigger therefore needs one event more
than its `threshold` says.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.refused"],
  "expect": ["order.refused"],
  "within": 600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.refused"],
  "threshold": 2,
  "within": 600
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import positive
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip Proactive triggers with a threshold of 1: they watch for the next heartbeat (E4)."""
    for event in subject.events:
        watches = event.trigger.posture == "Proactive"
        if watches and event.trigger.threshold <= 1:
            continue
        starts = positive(event.trigger.after)
        if len(starts) == 1 and starts[0] in event.trigger.expect:
            yield event.at("after", 0).problem(
                f"{quoted(starts[0])} is expected too, but the one that opens the window does not count",
                "count only those that follow in `threshold`"
                if watches
                else "drop `after`, and count the first one in `threshold`",
            )


RULE = Rule(__name__, __doc__, "info", check)
