"""On the open-source server, this window opens without an `after` event.

## What it does

Reports Proactive triggers with `after` and without `for_each` (D7).

## Why is this bad?

By the documentation, the trigger waits for the `after` event. The open-source server opens a window
when it starts, and the trigger fires although no `after` event occurred.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "after": ["shop.opened"],
  "expect": ["order.placed"],
  "within": 3600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "after": ["shop.opened"],
  "expect": ["order.placed"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import runs_share_bucket
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip watches that runs share: another rule reports that greater problem."""
    for event in subject.proactive:
        trigger = event.trigger
        if trigger.after and not trigger.for_each and not runs_share_bucket(trigger):
            yield event.at("after").key_problem(
                "the open-source server opens this window by itself, without any `after` event (D7)",
                "add `for_each`",
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True, row="D7")
