"""The action needs a flow run, but the trigger's events have none.

## What it does

Reports actions that change, cancel, suspend, resume or delete *the* flow run, if the trigger's
events have no flow run: a metric trigger, events about work pools, or a Proactive trigger that
fires without an event.

## Why is this bad?

The action takes the run from the event that fired the trigger. Without a run, the action fails.

## Example

```json
{
  "name": "Cancel when a pool is not ready",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.work-pool.*"},
    "expect": ["prefect.work-pool.not-ready"]
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```

## Use instead

```json
{
  "name": "Cancel what is late",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Late"]
  },
  "actions": [{"type": "cancel-flow-run"}]
}
```
"""

from trigger_cli.lint.knowledge.actions import NEED_RUN
from trigger_cli.lint.knowledge.patterns import population
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import CompositeAt, EventAt, MetricAt, Subject, TriggerAt
from trigger_cli.vocabulary import FLOW_RUN


def check(subject: Subject) -> Problems:
    """Report only if no event can name the run."""
    why = _why_no_run(subject.root)
    if why is None:
        return
    for action in subject.actions:
        if action.kind in NEED_RUN:
            yield action.at("type").problem(
                f"this needs a flow run, and {why}", "use an action that needs none"
            )


def _why_no_run(trigger: TriggerAt) -> str | None:
    match trigger:
        case MetricAt():
            return "a metric trigger is about many"
        case CompositeAt():
            reasons = [_why_no_run(child) for child in trigger.children]
            return reasons[0] if reasons and all(reasons) else None
        case EventAt():
            proactive = trigger.trigger.posture == "Proactive"
            if proactive and not trigger.trigger.after and not trigger.trigger.for_each:
                return "an absence that no event began has none"
            events = population(trigger) or ()
            known = all(event.resource_id and event.roles for event in events)
            pools = all(event.name.startswith(_WITHOUT_RUN) for event in events)
            has_run = any(
                "flow-run" in event.roles or event.name.startswith(FLOW_RUN) for event in events
            )
            if events and (known or pools) and not has_run:
                return "these events have none"
    return None


_WITHOUT_RUN = (
    "prefect.work-pool.",
    "prefect.work-queue.",
    "prefect.deployment.",
    "prefect.concurrency-limit.",
)
RULE = Rule(__name__, __doc__, "warning", check)
