"""The `after` event and the expected event may belong to different runs.

## What it does

Reports Reactive triggers on run states with `after` and without `for_each`.

## Why is this bad?

All runs share one window. `Running` of one run and `Failed` of another run make the trigger fire.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Retrying"],
  "expect": ["prefect.flow-run.Failed"],
  "within": 600
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Retrying"],
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["prefect.resource.id"],
  "within": 600
}
```
"""

from trigger_cli.lint.knowledge.patterns import runs_share_bucket
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip triggers for only one run: they need no key."""
    for event in subject.reactive:
        if runs_share_bucket(event.trigger):
            yield event.at("after").key_problem(
                "without `for_each`, one run may start the window and another one end it",
                'add "for_each": ["prefect.resource.id"]',
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
