"""The window is shorter than the time between two heartbeats.

## What it does

Reports Proactive triggers that expect `prefect.flow-run.heartbeat` with a `within` of 180 seconds or less.

## Why is this bad?

By default, flow runs send a heartbeat every 180 seconds. If the window ends before the next
heartbeat, or at the same time, the trigger fires for healthy runs. With `--log`, the rule uses the
interval in the log.

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

from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.patterns import takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.times import SECOND, format_duration
from trigger_cli.vocabulary import HEARTBEAT

INTERVAL = 180 * SECOND
"""The default interval of a flow run's heartbeats."""


def check(subject: Subject) -> Problems:
    """Check only watches that heartbeats start: others match heartbeats by accident."""
    for event in subject.proactive:
        if _awaits_heartbeats(event) and event.trigger.within <= INTERVAL:
            yield event.at("within").problem(
                f"heartbeats come every 180 s by default, this waits for {_window(event)}",
                "wait for at least two intervals, or send heartbeats more often",
            )


def check_log(subject: Subject, facts: Facts) -> Problems:
    """Use the interval in the log, if there is one."""
    for event in subject.proactive:
        leaf = facts.leaves.get(event.path or "")
        interval = None if leaf is None else leaf.heartbeat_interval
        if interval is None:
            yield from check(subject)
            return
        if _awaits_heartbeats(event) and event.trigger.within <= interval:
            yield event.at("within").problem(
                f"the log's heartbeats come every {format_duration(interval)}, this waits for {_window(event)}",
                "wait for at least two intervals, or send heartbeats more often",
            )


def _awaits_heartbeats(event: EventAt) -> bool:
    trigger = event.trigger
    return HEARTBEAT in trigger.after and takes_name(trigger.expect, HEARTBEAT)


def _window(event: EventAt) -> str:
    return format_duration(event.trigger.within)


RULE = Rule(__name__, __doc__, "warning", check, check_log=check_log)
