"""A Proactive trigger without an `after` event fires again and again.

## What it does

Reports Proactive triggers without `after` and without `for_each`.

## Why is this bad?

The first window opens when the automation is created. The trigger fires once per `within` for as
long as no event occurs, including at night and when the emitter is switched off. The open-source
server skips one window after each satisfied window (D6).

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.*"},
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

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg314_absence_of_bad_news import is_bad_news
from trigger_cli.lint.subject import Subject
from trigger_cli.times import format_duration


def check(subject: Subject) -> Problems:
    """Only an info: it may be a dead man's switch. With a threshold of 0 it never fires (TRG302)."""
    for event in subject.proactive:
        trigger = event.trigger
        unkeyed = not trigger.after and not trigger.for_each
        if unkeyed and trigger.threshold > 0 and not is_bad_news(trigger):
            yield event.at("within").problem(
                f"this fires every {format_duration(trigger.within)} for as long as nothing comes",
                "add `after` if the window should wait for something to begin",
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True)
