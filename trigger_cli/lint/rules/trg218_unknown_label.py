"""These resources have no such label.

## What it does

Reports labels in `match` and `match_related` that Prefect's own events do not have, such as
`flow_name`, `prefect.tag` or the old `prefect.name`.

## Why is this bad?

A resource without the label does not match, whatever the pattern. Prefect does not report this.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*", "flow_name": "etl"},
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "match_related": {
    "prefect.resource.name": "etl",
    "prefect.resource.role": "flow"
  },
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from __future__ import annotations

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.labels import instead_of, own_labels, related_labels
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check only if every event is Prefect's; custom events may have any label."""
    for labels, known_to in (
        (subject.match_labels, own_labels),
        (subject.related_labels, related_labels),
    ):
        for one, label in labels:
            known = known_to(one)
            if known is not None and label.label not in known and is_clean(label.label):
                yield label.at.key_problem(
                    f"these resources have no label {quoted(label.label)}, so nothing matches",
                    instead_of(label.label, known),
                )


RULE = Rule(__name__, __doc__, "warning", check)
