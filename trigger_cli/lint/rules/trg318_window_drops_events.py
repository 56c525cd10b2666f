"""The window drops events that the action needs.

## What it does

Reports Reactive triggers with a `within` and a threshold of 1 whose action runs a deployment with
parameters from the event, unless each resource has its own window.

## Why is this bad?

After a firing, the trigger cools down until its window ends. Events in that time are dropped. The
deployment does not run for them, and nothing reports that.

## Known problems

If one run for many events is intended, `within` is correct. The parameters are then those of the
first event.

## Example

```json
{
  "name": "Load each file",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.file.*"},
    "expect": ["file.arrived"],
    "within": 60
  },
  "actions": [
    {
      "type": "run-deployment",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e",
      "parameters": {"path": "{{ event.payload.path }}"}
    }
  ]
}
```

## Use instead

```json
{
  "name": "Load each file",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "shop.file.*"},
    "expect": ["file.arrived"]
  },
  "actions": [
    {
      "type": "run-deployment",
      "deployment_id": "37ca4a08-e2d9-4628-a310-cc15a323378e",
      "parameters": {"path": "{{ event.payload.path }}"}
    }
  ]
}
```
"""

from collections.abc import Iterator

from trigger_cli.lint.knowledge.loops import RUN_DEPLOYMENT
from trigger_cli.lint.knowledge.templates import parameter_templates
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.times import format_duration
from trigger_cli.vocabulary import RESOURCE_ID

_OF_THE_EVENT = ("event", "flow", "task_run", "deployment", "work_", "labels", "firing")
"""The names that templates use for the event and its objects (both ``flow_run`` and ``flow``)."""


def check(subject: Subject) -> Problems:
    """Skip composites, `after` and thresholds: such triggers need not fire at every event."""
    root = subject.root
    if not isinstance(root, EventAt) or root.trigger.posture != "Reactive":
        return
    trigger = root.trigger
    if trigger.after or trigger.threshold != 1 or trigger.immediate:
        return
    if RESOURCE_ID not in trigger.for_each and any(
        word in text for text in _handed_on(subject) for word in _OF_THE_EVENT
    ):
        yield root.at("within").problem(
            f"events are dropped for up to {format_duration(trigger.within)} after a firing, and the"
            " deployment is to get what each of them says",
            "leave out `within`, so that every event fires",
        )


def _handed_on(subject: Subject) -> Iterator[str]:
    """The templates in the parameters of deployments that are run."""
    holders = [action for action in subject.actions if action.kind == RUN_DEPLOYMENT]
    for one in [subject.at] if subject.form == "deployment-trigger" else holders:
        if one.has("parameters"):
            yield from (text for _, text in parameter_templates(one.at("parameters")))


RULE = Rule(__name__, __doc__, "info", check)
