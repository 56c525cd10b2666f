"""The target of an action cannot be inferred from these events.

## What it does

Reports actions with `"source": "inferred"` whose trigger's events have no related resource of that kind, or no event at all.

## Why is this bad?

The action takes its target from the event that fired the trigger. Without a target, the action
fails.

## Example

```json
{
  "name": "Pause the queue",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.deployment.*"},
    "expect": ["prefect.deployment.not-ready"]
  },
  "actions": [{"type": "pause-automation", "source": "inferred"}]
}
```

## Use instead

```json
{
  "name": "Pause the deployment",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.deployment.*"},
    "expect": ["prefect.deployment.not-ready"]
  },
  "actions": [{"type": "pause-deployment", "source": "inferred"}]
}
```
"""

from trigger_cli.lint.knowledge.actions import TARGETS
from trigger_cli.lint.knowledge.patterns import population
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, MetricAt, Subject

# Even if the catalog lists no role, a deployment's events have its pool and flow.
_MAY_HAVE = {
    "prefect.deployment.": {"deployment", "work-pool", "work-queue"},
    "prefect.flow-run.": {"deployment", "work-pool", "work-queue", "automation"},
    "prefect.task-run.": {"deployment", "work-pool", "work-queue"},
    "prefect.work-pool.": {"work-pool", "work-queue"},
    "prefect.work-queue.": {"work-pool", "work-queue"},
    "prefect.worker.": {"deployment", "work-pool", "work-queue"},
    "prefect.automation.": {"automation"},
}


def check(subject: Subject) -> Problems:
    """Skip custom events: they may have any related resource."""
    root = subject.root
    for action in subject.actions:
        key = TARGETS.get(action.kind)
        if key is None or action.get("source") != "inferred":
            continue
        wanted = key.removesuffix("_id").replace("_", "-")
        if isinstance(root, MetricAt):
            found = False
        elif isinstance(root, EventAt):
            events = population(root) or ()
            families = {f for f in _MAY_HAVE for e in events if e.name.startswith(f)}
            listed = all(any(e.name.startswith(f) for f in _MAY_HAVE) for e in events)
            found = not events or not listed or any(wanted in _MAY_HAVE[f] for f in families)
        else:
            continue
        if not found:
            yield action.at("source").problem(
                f"no {wanted} can be inferred from what fires this trigger",
                f'write "source": "selected" and give `{key}`',
            )


RULE = Rule(__name__, __doc__, "warning", check)
