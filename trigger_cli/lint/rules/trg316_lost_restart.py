"""An `after` event shortly after the window is lost on the open-source server.

## What it does

Reports Reactive triggers with `after` and a window, without `for_each` (D8).

## Why is this bad?

By the documentation, an `after` event past the window opens a new window. On the open-source
server, the old window stays for up to 60 seconds, and an `after` event in that time is lost.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.refused"],
  "within": 120
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.refused"],
  "for_each": ["prefect.resource.id"],
  "within": 120
}
```
"""

from trigger_cli.lint.knowledge.patterns import runs_share_bucket
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """With a key per run, a second start is rare; without one, it is usual."""
    for event in subject.reactive:
        trigger = event.trigger
        if not trigger.within or trigger.for_each or runs_share_bucket(trigger):
            continue
        if trigger.after and not set(trigger.after) & set(trigger.expect):
            yield event.at("after").problem(
                "on the open-source server a start within 60 s after an expired window is lost (D8)",
                "add `for_each` if each resource has its own start",
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True, row="D8")
