"""A Reactive trigger with `after` has no window.

## What it does

Reports Reactive triggers with `after` whose `within` is missing or 0.

## Why is this bad?

By the documentation, there is then no limit: an event can follow years later. The open-source
server forgets the `after` event after about 60 seconds (D9).

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
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
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "within": 86400
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report in both dialects: neither limit is likely to be intended."""
    docs, server = "no time limit by the documentation", "about 60 s on the open-source server"
    for event in subject.events:
        if event.trigger.immediate and event.trigger.after:
            yield event.at("after").key_problem(
                f"`within` is 0: {subject.said_of('D9', docs, server)} (D9)",
                'add "within": how long after the first event the second one counts',
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
