"""These events do not have a `for_each` label.

## What it does

Reports labels in `for_each` that the resources of the expected events do not have, roles that these
events do not have, and `related:` labels that do not have the form `related:<role>:<label>`.

## Why is this bad?

Events without the label share one bucket, so they are not counted separately.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"],
  "for_each": ["flow_name"],
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
  "for_each": ["related:flow:prefect.resource.name"],
  "threshold": 3,
  "within": 3600
}
```
"""

import re

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.labels import instead_of, own_labels, related_labels
from trigger_cli.lint.knowledge.patterns import population, run_state
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.model import EventTrigger

_RELATED = "related:"
_DOTTED = re.compile(r"related[.:]([\w-]+)\.(prefect\..+)")


def check(subject: Subject) -> Problems:
    """Skip labels of custom events: only a log can show them."""
    for event in subject.events:
        for at, label in event.each("for_each"):
            found = _explain(event, label) if is_clean(label) else None
            if found is not None:
                message, advice = found
                yield at.problem(f"{message}, so {effect_of(event.trigger)}", advice)


def effect_of(trigger: EventTrigger) -> str:
    """What a ``for_each`` label does that no event has (B2)."""
    alone = len(trigger.for_each) == 1
    return "all events share one bucket" if alone else "it tells no events apart"


def _explain(event: EventAt, label: str) -> tuple[str, str | None] | None:
    if not label.startswith(_RELATED):
        known = own_labels(event)
        if known is None or label in known:
            return None
        advice = _with_colons(label) or instead_of(label, known)
        if "`match_related`" in advice or "related resource" in advice:
            role = label.replace("_", "-").partition("-name")[0].partition("-id")[0]
            advice = f"write for instance `related:{role}:prefect.resource.id`"
        return f"these events have no label {quoted(label)}", advice
    role, _, related_label = label.removeprefix(_RELATED).rpartition(":")
    if not role or not related_label:
        return (
            f"{quoted(label)} names no role and label",
            _with_colons(label)
            or "write `related:<role>:<label>`, such as `related:flow:prefect.resource.id`",
        )
    events = population(event) or ()
    if events and all(run_state(one.name) for one in events):
        roles = frozenset[str]().union(*(one.roles for one in events))
        if role not in roles:
            return (
                f"these events have no related resource in the role {quoted(role)}",
                f"their roles are {', '.join(sorted(roles))}",
            )
    known = related_labels(event)
    if known is not None and related_label not in known:
        return f"related resources have no label {quoted(related_label)}", None
    return None


def _with_colons(label: str) -> str | None:
    dotted = _DOTTED.fullmatch(label)
    return dotted and f"did you mean {quoted(f'{_RELATED}{dotted[1]}:{dotted[2]}')}?"


RULE = Rule(__name__, __doc__, "warning", check)
