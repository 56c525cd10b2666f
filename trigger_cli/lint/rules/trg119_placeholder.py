"""A placeholder was never filled in.

## What it does

Reports `<uuid>`, `...`, `YOUR-DEPLOYMENT-ID`, `string` (from an API example), the UUID of zeros and
the like in names, patterns and the ids of actions.

## Why is this bad?

A placeholder matches nothing, and an action with one has no target.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.flow.<uuid>",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.id": "prefect.flow.cb6126db-d528-402f-b439-96637187a8ca",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Completed"]
}
```
"""

from __future__ import annotations

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import placeholder, texts
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Names and patterns of the triggers, and whatever in an action ends in `_id`."""
    places = [(one.at, one.text, one.is_key) for one in texts(subject)]
    for action in subject.actions:
        for key in action.node.members:
            value = action.node.members[key].node.value
            if key.endswith("_id") and isinstance(value, str):
                places.append((action.at(key), value, False))
    for at, text, is_key in places:
        found = placeholder(text)
        if found is not None:
            report = at.key_problem if is_key else at.problem
            yield report(f"{quoted(found)} stands for something that was never filled in")


RULE = Rule(__name__, __doc__, "warning", check)
