"""A single run never has this many of these events.

## What it does

Reports triggers with a bucket for each run (`for_each` with `prefect.resource.id`) and a
`threshold` above 1 whose `expect` names states that a run enters only once.

## Why is this bad?

Each run has its own count, which never exceeds 1. A Reactive trigger never fires; a Proactive
trigger always fires.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "threshold": 3,
  "within": 3600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["related:flow:prefect.resource.id"],
  "threshold": 3,
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_keyed_by_run
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import TERMINAL_STATES, state_of

# A run that is retried enters these states again, but not that often.
_ONCE = {*TERMINAL_STATES, "Scheduled", "Submitting", "Pending", "Late"}
_FEW = 10
_ADVICE = {
    "Reactive": (
        "never fires",
        "leave `for_each` out to count all runs that match, or count by flow: `related:flow:prefect.resource.id`",
    ),
    "Proactive": ("always fires", "write a threshold of 1; a time goes into `within`"),
}


def check(subject: Subject) -> Problems:
    """Retries may bring a run to `Running` a few times, so only a high threshold is reported."""
    for event in subject.events:
        trigger = event.trigger
        states = [state_of(name) for name in trigger.expect]
        if not is_keyed_by_run(trigger) or not states or None in states:
            continue
        ends = set(states) <= set(TERMINAL_STATES)
        most = 1 if ends else len(states) if set(states) <= _ONCE else _FEW
        if trigger.threshold > most:
            always, advice = _ADVICE[trigger.posture]
            yield event.at("threshold").problem(
                f"each run has its own count, which never reaches {trigger.threshold}, so this {always}",
                advice,
            )


RULE = Rule(__name__, __doc__, "warning", check)
