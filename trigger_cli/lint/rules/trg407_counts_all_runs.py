"""The threshold counts the runs of all flows together.

## What it does

Reports Reactive triggers on run states with a `threshold` above 1, without `for_each` and without a
condition on the flow or deployment.

## Why is this bad?

Three failures of three different flows reach the threshold, as do three failures of one flow.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
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
  "for_each": ["related:deployment:prefect.resource.id"],
  "threshold": 3,
  "within": 3600
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_about_runs, is_unfiltered
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RUN_PREFIXES


def check(subject: Subject) -> Problems:
    """Only an info: it may be intended, as in "three failures anywhere"."""
    for event in subject.reactive:
        trigger = event.trigger
        unfiltered = any(is_unfiltered(trigger, kind) for kind in RUN_PREFIXES)
        counts = trigger.threshold > 1 and not trigger.for_each
        if counts and unfiltered and is_about_runs(trigger.expect):
            yield event.at("threshold").problem(
                "runs of all flows are counted together",
                'add "for_each": ["related:flow:prefect.resource.id"] to count each flow by itself',
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True)
