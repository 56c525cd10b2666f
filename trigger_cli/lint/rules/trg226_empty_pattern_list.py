"""A label has an empty list of patterns.

## What it does

Reports `"label": []` in `match` and `match_related`.

## Why is this bad?

The patterns of a label are alternatives. Without alternatives, no value matches and the trigger
never fires. An empty `match` matches everything; an empty list in it matches nothing.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": []},
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": ["prefect.flow-run.*"]},
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check labels of primary and related resources."""
    for _, label in subject.labels:
        if not label.patterns:
            yield label.at.problem(
                "the list is empty, so no resource matches",
                "leave the label out to take every value",
            )


RULE = Rule(__name__, __doc__, "error", check)
