"""A state in which the run waits satisfies the window.

## What it does

Reports Proactive triggers that expect the end of a run and also a state in which the run only waits
(`AwaitingRetry`, `Paused`, `Suspended`, `Scheduled` …), if that state is not in `after`. With `--log`,
reports watches of a state that expect `prefect.flow-run.*` where the runs in the log send heartbeats,
which this pattern matches too.

## Why is this bad?

That state, or heartbeat, satisfies the window, and only the next `after` event opens another one. If
a run never leaves its state, no window covers it.

## Known problems

A run may be intended to stay in such a state for any length of time. The definition is then
correct.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": [
    "prefect.flow-run.AwaitingRetry",
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

## Use instead

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

from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.knowledge.patterns import exact_states, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.times import format_duration
from trigger_cli.vocabulary import (
    ALL_STATES,
    HEARTBEAT,
    TERMINAL_STATES,
    are_live_states,
    is_live_state,
    state_of,
)

_RUNNING = {"RUNNING", "CANCELLING"}


def check(subject: Subject) -> Problems:
    """Skip wildcards: they match such states, but do not name them, and not all runs send heartbeats."""
    for event in subject.proactive:
        trigger = event.trigger
        if not trigger.after or not set(TERMINAL_STATES) <= set(exact_states(trigger.expect)):
            continue
        for at, name in event.each("expect"):
            state = state_of(name) or ""
            waits = is_live_state(name) and ALL_STATES[state] not in _RUNNING
            if waits and not takes_name(trigger.after, name):
                yield at.problem(
                    f"{state} ends the window of a run that is still alive, and opens no other",
                    "leave it out, or list it in `after` as well",
                )


def check_log(subject: Subject, facts: Facts) -> Problems:
    """Where runs send heartbeats, these end the watch of a state at once."""
    yield from check(subject)
    for event in subject.proactive:
        trigger, leaf = event.trigger, facts.leaves.get(event.path or "")
        interval = None if leaf is None else leaf.heartbeat_interval
        by_wildcard = HEARTBEAT not in trigger.expect and takes_name(trigger.expect, HEARTBEAT)
        if interval is not None and by_wildcard and are_live_states(trigger.after):
            yield event.at("expect").problem(
                "a heartbeat satisfies this window of a run that stays in its state; the log has one every"
                f" {format_duration(interval)}",
                "expect states by name, such as those that end a run",
            )


RULE = Rule(__name__, __doc__, "info", check, check_log=check_log)
