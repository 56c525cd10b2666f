"""A Proactive trigger with `for_each` has no `after` event.

## What it does

Reports Proactive triggers with `for_each` and without `after` (D6).

## Why is this bad?

A key is unknown until its first event, so a resource that never reports is never missed. After a
satisfied window, the open-source server opens the next window only at the key's next event. It may
not detect that the events have stopped.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "for_each": ["prefect.resource.id"],
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

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg314_absence_of_bad_news import is_bad_news
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip the absence of bad news: another rule reports that greater mistake."""
    for event in subject.proactive:
        trigger = event.trigger
        if trigger.for_each and not trigger.after and not is_bad_news(trigger):
            yield event.at("for_each").key_problem(
                "a key is watched only once its first event has come, and nothing says when to start",
                "add `after`: the event that begins what is watched (D6)",
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
