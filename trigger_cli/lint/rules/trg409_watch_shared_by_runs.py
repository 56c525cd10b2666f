"""Several runs share one window.

## What it does

Reports Proactive triggers on events of runs whose `for_each` is coarser than the run: the flow, the
deployment, or the work pool.

## Why is this bad?

All runs with the same key share one window. Another run's event satisfies the window of a run that
hangs.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["related:deployment:prefect.resource.id"],
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
from trigger_cli.lint.edits import fix, replace_items
from trigger_cli.lint.knowledge.patterns import is_about_runs, names_one_resource
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID

_RELATED = "related:"


def check(subject: Subject) -> Problems:
    """Skip labels of the run: they may be as specific as its id; those of related ones are not."""
    for event in subject.proactive:
        trigger = event.trigger
        coarse = bool(trigger.for_each) and all(
            one.startswith(_RELATED) for one in trigger.for_each
        )
        watches_runs = trigger.after and is_about_runs(trigger.after + trigger.expect)
        if coarse and watches_runs and not names_one_resource(trigger):
            at = event.at("for_each")
            edits = replace_items(at, RESOURCE_ID)
            yield at.problem(
                f"runs with the same {quoted(trigger.for_each[0])} share one window, which any of them satisfies",
                f'use "for_each": ["{RESOURCE_ID}"]',
                fix("watch each run by itself", edits, safe=False),
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe")
