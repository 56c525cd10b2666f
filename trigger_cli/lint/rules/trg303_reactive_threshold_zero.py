"""A Reactive trigger has a threshold of 0.

## What it does

Reports Reactive triggers whose `threshold` is 0 or negative.

## Why is this bad?

A threshold of 0 does not mean "if no event occurred". The first event reaches the threshold, as it
would reach 1 (but for an event that also opens the window, which does not count). To detect
absence, use the posture Proactive.

With a `within`, an event that comes after the end of an open window reaches it, too: without
`after`, that event fires twice, for the old window and for its own (E3, E7).

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.paid"],
  "threshold": 0
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
from trigger_cli.lint.knowledge.patterns import lists_may_overlap
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR, is_negated
from trigger_cli.model import EventTrigger


def check(subject: Subject) -> Problems:
    """Offer no fix: absence or the first event may be intended."""
    for event in subject.reactive:
        if event.trigger.threshold <= 0:
            at = event.at("threshold")
            as_one = "" if _counts_the_opener(event.trigger) else ", as 1 does"
            times = "also" if event.trigger.after else "twice"
            late = (
                f", and {times} for one that comes after the window" if event.trigger.within else ""
            )
            yield at.problem(
                f"a threshold of {event.trigger.threshold} fires at the first event{as_one}{late}",
                "write 1; for absence, use the posture Proactive",
                write(at, 1, safe=False),
            )


def _counts_the_opener(trigger: EventTrigger) -> bool:
    """Whether the event that opens the window may be expected, too: 1 needs another one (B5)."""
    after, expect = (
        [STAR if is_negated(one) else one for one in names]
        for names in (trigger.after, trigger.expect or (STAR,))
    )
    return lists_may_overlap(after, expect)


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe")
