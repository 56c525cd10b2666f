"""Another run can satisfy the window.

## What it does

Reports Proactive triggers on run states with `after` and without `for_each`.

## Why is this bad?

All runs share one window. A `Completed` event of any run satisfies the window that another run's
`Running` event opened, so a run that hangs is never reported. On the open-source server, the window
also opens at start-up (D7).

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
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

from trigger_cli.lint.edits import fix, insert_member, replace_items
from trigger_cli.lint.knowledge.patterns import runs_share_bucket
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import RESOURCE_ID


def check(subject: Subject) -> Problems:
    """Skip triggers for only one run: they need no key."""
    for event in subject.proactive:
        if runs_share_bucket(event.trigger):
            given = event.has("for_each")
            at = event.at("for_each" if given else "after")
            if not given:
                edits = insert_member(event, "for_each", [RESOURCE_ID], before="within")
            else:
                edits = replace_items(at, RESOURCE_ID)
            yield at.key_problem(
                "without `for_each`, another run's event satisfies the window of the run that hangs",
                f'add "for_each": ["{RESOURCE_ID}"]',
                fix("watch each run by itself", edits, safe=False),
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True, fixable="unsafe")
