"""The window is shorter than the time between two heartbeats.

## What it does

Reports Proactive triggers that expect `prefect.flow-run.heartbeat` with a `within` of 180 seconds or less.

## Why is this bad?

Flow runs send a heartbeat every 180 seconds, unless that is configured otherwise. A window that ends
before the next one, or with it, takes healthy runs for dead.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.heartbeat"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "threshold": 1,
  "within": 90
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.heartbeat"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "threshold": 1,
  "within": 600
}
```
"""

from __future__ import annotations

from trigger_cli.lint.knowledge.patterns import takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.times import SECOND, format_duration
from trigger_cli.vocabulary import HEARTBEAT

INTERVAL = 180 * SECOND
"""How often a flow run sends a heartbeat by default."""


def check(subject: Subject) -> Problems:
    """Only where heartbeats start the watch: elsewhere they are taken by accident."""
    for event in subject.proactive:
        trigger = event.trigger
        if (
            HEARTBEAT in trigger.after
            and takes_name(trigger.expect, HEARTBEAT)
            and trigger.within <= INTERVAL
        ):
            yield event.at("within").problem(
                f"heartbeats come every 180 s by default, this waits for {format_duration(trigger.within)}",
                "wait for at least two intervals, or send heartbeats more often",
            )


RULE = Rule(__name__, __doc__, "warning", check)
