"""These resources have no such label.

## What it does

Reports labels in `match` and `match_related` that Prefect's own events do not have, such as
`flow_name`, `prefect.tag` or the old `prefect.name`. Tags have no name, only an id:
`prefect.tag.<tag>`.

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

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.labels import instead_of, own_labels, related_labels
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import LabelAt, Subject
from trigger_cli.match.patterns import is_negated
from trigger_cli.model import LabelPatterns
from trigger_cli.vocabulary import RESOURCE_NAME, RESOURCE_ROLE, TAG, TAG_ID

_NOTHING = (
    "by the documentation this excludes nothing",
    "on the open-source server nothing matches",
)


def check(subject: Subject) -> Problems:
    """Check only if every event is Prefect's; custom events may have any label."""
    for labels, known_to in (
        (subject.match_labels, own_labels),
        (subject.related_labels, related_labels),
    ):
        for one, label in labels:
            known = known_to(one)
            if known is None:
                continue
            if label.label not in known and is_clean(label.label):
                nothing = (
                    subject.said_of("D2", *_NOTHING)
                    if known_to is related_labels and _is_absence(label.siblings)
                    else "nothing matches"
                )
                yield label.at.key_problem(
                    f"these resources have no label {quoted(label.label)}, so {nothing}",
                    instead_of(label.label, known),
                )
            elif _is_tag_name(label):
                tag = label.patterns[0] if len(label.patterns) == 1 else "<tag>"
                yield label.at.key_problem(
                    f"tags have no label {quoted(label.label)}, so nothing matches",
                    f'write "prefect.resource.id": "{TAG_ID}{tag}"',
                )


def _is_absence(labels: LabelPatterns) -> bool:
    """Whether a ``match_related`` object asks only that resources are not related (M5)."""
    refusing = [patterns for _, patterns in labels if any(map(is_negated, patterns))]
    return bool(refusing) and all(is_negated(one) for patterns in refusing for one in patterns)


def _is_tag_name(label: LabelAt) -> bool:
    is_tag = dict(label.siblings).get(RESOURCE_ROLE) == (TAG,)
    return is_tag and label.label == RESOURCE_NAME and not any(map(is_negated, label.patterns))


RULE = Rule(__name__, __doc__, "warning", check)
