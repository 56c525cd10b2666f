"""A trigger matches the events of its own firings.

## What it does

Reports triggers whose event names match `prefect.automation.triggered` or another event about
automations, and whose `match` does not exclude their own automation.

## Why is this bad?

Each firing is an event that fires the automation again.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "expect": ["prefect.automation.*"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.automation.0a553ecc-9b26-4bcf-a444-37b4046156e2"},
  "expect": ["prefect.automation.triggered"]
}
```
"""

from trigger_cli.lint.knowledge.patterns import is_unfiltered, takes_name
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.rules.trg201_matches_everything import takes_everything
from trigger_cli.lint.subject import Subject

_OF_A_FIRING = ("prefect.automation.triggered", "prefect.automation.action.triggered")


def check(subject: Subject) -> Problems:
    """Skip triggers that match everything: another rule reports them."""
    for event in subject.reactive:
        trigger = event.trigger
        if not trigger.expect or takes_everything(trigger):
            continue
        taken = next((n for n in _OF_A_FIRING if takes_name(trigger.expect, n)), None)
        if taken and is_unfiltered(trigger, "prefect.automation."):
            yield event.at("expect").problem(
                f"this trigger takes `{taken}` of its own automation, so each firing leads to another",
                "name the automation you mean in `match`",
            )


RULE = Rule(__name__, __doc__, "warning", check, by_absence=True)
