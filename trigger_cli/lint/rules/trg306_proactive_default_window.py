"""A Proactive trigger does not set the length of its window.

## What it does

Reports Proactive triggers whose `within` is missing or 0, which means 10 seconds.

## Why is this bad?

Ten seconds are rarely intended: a pod takes longer to start.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"]
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
  "within": 600
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip `null`: another rule reports it."""
    for event in subject.proactive:
        within = event.node.get("within")
        if within is None:
            yield event.at("posture").problem(
                "`within` is not given, so this trigger waits for 10 seconds only",
                'add "within": the seconds after which the event is overdue',
            )
        elif within.value in (0, "0", "PT0S"):
            yield event.at("within").problem(
                "0 means the default here, so this trigger waits for 10 seconds only",
                "write the seconds after which the event is overdue",
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
