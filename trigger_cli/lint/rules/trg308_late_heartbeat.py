"""A heartbeat after the end of a run opens a new window.

## What it does

Reports Proactive triggers whose window opens at `prefect.flow-run.heartbeat`.

## Why is this bad?

Heartbeats are sent independently of the state changes. A heartbeat that is delivered after
`Completed` opens a window that no event will satisfy, and the trigger fires for a run that ended
normally.

## Known problems

Without `force`, the server refuses to set a run that has ended to `CRASHED`, so that action does no
harm. A notification is a false alarm.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.heartbeat"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 600
}
```

## Use instead

This notices a run that hangs only after the longest time that a run may take. No heartbeat opens or
satisfies the window.

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": [
    "prefect.flow-run.Completed",
    "prefect.flow-run.Failed",
    "prefect.flow-run.Crashed",
    "prefect.flow-run.Cancelled",
    "prefect.flow-run.TimedOut"
  ],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import HEARTBEAT


def check(subject: Subject) -> Problems:
    """Only an info, because Prefect's own guide uses this pattern."""
    for event in subject.proactive:
        for at, name in event.each("after"):
            if name == HEARTBEAT:
                yield at.problem(
                    "a heartbeat that comes late, after the run's end, opens a window that must fail",
                    "open the window at `Running`, and let only the end of the run satisfy it",
                )


RULE = Rule(__name__, __doc__, "info", check)
