"""A trigger matches every event of the workspace.

## What it does

Reports event triggers without any condition: no `expect` (or `*`), and nothing in `match` and
`match_related` that excludes an event.

## Why is this bad?

An empty `expect` matches *any event*, including the firings of the automation itself. The
automation therefore fires itself again and again. Prefect's staff have had to pause such
automations.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "expect": []
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_unfiltered, negated
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR
from trigger_cli.model import EventTrigger


def takes_everything(trigger: EventTrigger) -> bool:
    """Whether the trigger matches every event; a negated name excludes some (N3)."""
    expect = trigger.expect
    everything = not expect or (STAR in expect and not negated(expect))
    return is_unfiltered(trigger) and everything


def check(subject: Subject) -> Problems:
    """Check only Reactive triggers: to wait for any event can be useful."""
    for event in subject.reactive:
        if takes_everything(event.trigger):
            yield event.at("expect").problem(
                "this trigger takes every event of the workspace, its own firings too",
                "name the events in `expect`, and the resources in `match`",
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
