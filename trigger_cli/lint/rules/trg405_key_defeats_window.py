"""The window has no effect, because each run has its own window.

## What it does

Reports Reactive triggers with `threshold` 1, a `within`, and a bucket for each run, whose `expect`
names states that end a run.

## Why is this bad?

`within` with a threshold of 1 means "at most one firing in this time". A run ends only once, so
with a window for each run the trigger fires for every run.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "within": 600
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
  "within": 600
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_keyed_by_run, is_terminal
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Only an info: exports from the form in Prefect's UI have it too."""
    for event in subject.reactive:
        trigger = event.trigger
        if (
            trigger.within
            and trigger.threshold == 1
            and not trigger.after
            and is_keyed_by_run(trigger)
            and trigger.expect
            and all(map(is_terminal, trigger.expect))
        ):
            yield event.at("within").problem(
                "each run ends once and has a window of its own, so `within` holds nothing back",
                "drop `for_each` to hold back further runs, or leave `within` out",
            )


RULE = Rule(__name__, __doc__, "info", check)
