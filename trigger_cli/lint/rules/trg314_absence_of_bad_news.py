"""The trigger fires when nothing is wrong.

## What it does

Reports Proactive triggers without `after` that expect only events about failures, such as
`prefect.flow-run.Failed` or `prefect.work-queue.not-ready`.

## Why is this bad?

Proactive means that the events did *not* occur. The trigger fires again and again while all is
well, and does not fire when something is wrong.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.work-queue.*"},
  "expect": ["prefect.work-queue.not-ready"],
  "within": 300
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.work-queue.*"},
  "after": ["prefect.work-queue.not-ready"],
  "expect": ["prefect.work-queue.ready"],
  "for_each": ["prefect.resource.id"],
  "within": 300
}
```
"""

import re

from trigger_cli.lint.knowledge.patterns import positive
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.model import EventTrigger

_BAD = re.compile(
    r"(?:^|[._:-])(?:failed|failure|crashed|timedout|cancelled|late|not-ready|not_ready|unhealthy"
    r"|error|errored|creation-failed|evicted|dead|exceeded)$",
    re.IGNORECASE,
)


def is_bad_news(trigger: EventTrigger) -> bool:
    """Whether every expected event is bad news."""
    names = positive(trigger.expect)
    return bool(names) and all(_BAD.search(name[-100:]) for name in names)


def check(subject: Subject) -> Problems:
    """Check only triggers without a start; after a start, it can be right to wait for bad news."""
    for event in subject.proactive:
        trigger = event.trigger
        if not trigger.after and trigger.threshold > 0 and is_bad_news(trigger):
            yield event.at("posture").problem(
                "a Proactive trigger fires when these events do not come, so it fires while all is well",
                'use "Reactive", or put them into `after` and expect what should follow',
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
