"""The states that start the watch also satisfy it.

## What it does

Reports Proactive triggers with several names in `after` that `expect` takes as well, such as `Pending` and
`Running` with `prefect.flow-run.*`.

## Why is this bad?

The second state is counted in the watch that the first one has started, and starts none of its own. A run that goes
from `Pending` to `Running` and stays there is never reported.

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "after": ["prefect.flow-run.Pending", "prefect.flow-run.Running"],
  "expect": ["prefect.flow-run.*"],
  "for_each": ["prefect.resource.id"],
  "within": 3600
}
```

## Use instead

```json
[
  {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Pending"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "within": 3600
  },
  {
    "type": "event",
    "posture": "Proactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "after": ["prefect.flow-run.Running"],
    "expect": ["prefect.flow-run.*"],
    "for_each": ["prefect.resource.id"],
    "within": 3600
  }
]
```
"""

from __future__ import annotations

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import positive, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """One of them must be taken by `expect`: then it ends the watch of the others."""
    for event in subject.proactive:
        trigger = event.trigger
        starts = positive(trigger.after)
        both = [name for name in starts if takes_name(trigger.expect, name)]
        if len(starts) > 1 and both:
            yield event.at("after").problem(
                f"{quoted(both[-1])} ends the watch that another of these has started, and starts none",
                "make one automation for each state",
            )


RULE = Rule(__name__, __doc__, "warning", check)
