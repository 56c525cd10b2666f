"""`match` excludes every expected state.

## What it does

Reports triggers on run states whose `match` requires a `prefect.state-type` or `prefect.state-name`
that none of the listed states has.

## Why is this bad?

`match` applies to every event, both those of `after` and those of `expect`. If the expected events
cannot match, a Proactive trigger fires for every run, and a Reactive trigger never fires.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*", "prefect.state-type": "RUNNING"},
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

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.dialects import DOCS
from trigger_cli.lint.knowledge.patterns import exact_states, positive
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.match.patterns import compile_label
from trigger_cli.model import Patterns
from trigger_cli.vocabulary import ALL_STATES, STATE_NAME, STATE_TYPE


def check(subject: Subject) -> Problems:
    """Check only if all names are Prefect's states: the type of others is not known."""
    for event in subject.events:
        trigger = event.trigger
        for label, patterns in trigger.match:
            if label not in {STATE_TYPE, STATE_NAME} or not all(map(is_clean, patterns)):
                continue
            for key, names in (("expect", trigger.expect), ("after", trigger.after)):
                if _excludes(names, label, patterns):
                    yield event.at("match", label).problem(
                        f"{quoted(label)} excludes every event of `{key}`: {_so(event, key)}",
                        "leave it out: the names say which states are meant",
                    )


def _excludes(names: Patterns, label: str, patterns: Patterns) -> bool:
    states = exact_states(names)
    if not states or len(states) < len(positive(names)) or not set(states) <= set(ALL_STATES):
        return False
    fits = compile_label(patterns, DOCS)
    values = states if label == STATE_NAME else [ALL_STATES[state] for state in states]
    return not any(map(fits, values))


def _so(event: EventAt, key: str) -> str:
    if key == "after":
        return "no window is ever opened"
    watches = event.trigger.posture == "Proactive"
    return "every window fires" if watches else "it never fires"


RULE = Rule(__name__, __doc__, "warning", check)
