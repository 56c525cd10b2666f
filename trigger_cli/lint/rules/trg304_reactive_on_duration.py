"""The automation describes a duration, but its trigger is Reactive.

## What it does

Reports Reactive triggers on a state in which runs stay for a while (`Running`, `Pending`, `Late`
…), or on any event, in either of these cases:

- The name, the description or an unknown key of the automation contains "longer than", "stuck",
  "timeout" or similar words.
- An action cancels or deletes every run that enters the state.

## Why is this bad?

A Reactive trigger fires when a run *enters* the state. An automation "Cancel what runs for more
than 30 minutes" then cancels every run at once.

## Example

```json
{
  "name": "Cancel long-running flows",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Running"]
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```

## Use instead

```json
{
  "name": "Cancel long-running flows",
  "trigger": {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Running"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "within": 1800
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```
"""

import re

from trigger_cli.lint.knowledge.patterns import exact_states, is_unfiltered, positive
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.vocabulary import FLOW_RUN, TERMINAL_STATES

_SPEAKS_OF_TIME = re.compile(
    r"longer than|too long|long[- ]running|\bstuck\b|\bstay|exceed|time[- ]?out|timed out|\bhangs?\b|\bhung\b|hanging"
    r"|\b(?:\d+|an?|one|two)[- ]?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)\b"
    r"|not (?:finish|complete|start|ended|done)|did ?n[o']t (?:finish|complete|start)",
    re.IGNORECASE,
)
_KEY_OF_TIME = re.compile(r"duration|timeout|seconds|minutes|longer|older|stuck", re.IGNORECASE)
_ENDING = ("cancel-flow-run", "delete-flow-run")
_KNOWN_KEYS = {"within", "firing_for", "schedule_after"}


def check(subject: Subject) -> Problems:
    """Never an error: the meaning of the words is a guess."""
    spoken = _words(subject) if subject.reactive else None
    for event in subject.reactive:
        if event.trigger.after or event.trigger.threshold > 1:
            continue
        key = next((k for k in event.node.members if _is_key_of_time(k)), None)
        # A Late run is late already, so cancelling it at once is right.
        is_late = exact_states(event.trigger.expect) == ("Late",)
        ends_runs = None if is_late else _ends_every_run(event)
        if (key or spoken or ends_runs) and _enters_a_state(event):
            why = f"the key `{key}` speaks of a duration" if key else f"`{ends_runs}` ends runs"
            why = f'"{spoken}" speaks of a duration' if spoken and not key else why
            yield event.at("posture").problem(
                f"{why}, but this fires as soon as the state is entered",
                'use "posture": "Proactive": `after` the state, `expect` the next ones, `within` the time',
            )


def _enters_a_state(event: EventAt) -> bool:
    names = positive(event.trigger.expect)
    states = exact_states(names)
    return len(states) == len(names) and not set(states) & set(TERMINAL_STATES)


def _ends_every_run(event: EventAt) -> str | None:
    """The action that ends or changes every run that enters the state, if there is one."""
    if not event.trigger.expect or not is_unfiltered(event.trigger, FLOW_RUN):
        return None
    return next((one.kind for one in event.subject.actions if one.kind in _ENDING), None)


def _words(subject: Subject) -> str | None:
    for key in ("name", "description"):
        value = subject.at.node.get(key)
        if value is not None and isinstance(value.value, str):
            found = _SPEAKS_OF_TIME.search(value.value[:2_000])
            if found:
                return found.group()
    return None


def _is_key_of_time(key: str) -> bool:
    return key not in _KNOWN_KEYS and len(key) < 100 and _KEY_OF_TIME.search(key) is not None


RULE = Rule(__name__, __doc__, "warning", check)
