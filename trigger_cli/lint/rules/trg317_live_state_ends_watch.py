"""A state in which the run waits satisfies the window.

## What it does

Reports Proactive triggers that expect the end of a run and also a state in which the run only waits
(`AwaitingRetry`, `Paused`, `Suspended`, `Scheduled` …), if that state is not in `after`.

## Why is this bad?

That state satisfies the window, and only the next `after` event opens another one. If a run never
leaves that state, no window covers it.

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

from trigger_cli.lint.knowledge.patterns import exact_states, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import ALL_STATES, TERMINAL_STATES, is_live_state, state_of

_RUNNING = {"RUNNING", "CANCELLING"}


def check(subject: Subject) -> Problems:
    """Skip wildcards: they match such states, but do not name them."""
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


RULE = Rule(__name__, __doc__, "info", check)
