"""Automations whose action causes the events that they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trigger_cli.lint.knowledge.patterns import takes_every_relation, takes_every_resource
from trigger_cli.lint.subject import EventAt, Subject
from trigger_cli.vocabulary import FLOW_RUN, RESOURCE_ID, STATE_TYPES

RUN_DEPLOYMENT = "run-deployment"
# `AutomationCore.prevent_run_deployment_loops` of Prefect 3.8.
_REFUSED = {
    "prefect.flow-run.Scheduled",
    "prefect.flow-run.Pending",
    "prefect.flow-run.Running",
    "prefect.flow-run.*",
}
_SETS = {
    "cancel-flow-run": "Cancelling",
    "suspend-flow-run": "Suspended",
    "resume-flow-run": "Resuming",
}


def deployment_loops(subject: Subject) -> Iterator[tuple[EventAt, str]]:
    """The trigger of an automation that runs a deployment whose runs fire it, and why."""
    root = subject.root
    if not isinstance(root, EventAt) or root.trigger.posture != "Reactive":
        return
    # "*" is reported by another rule.
    if not any(name.startswith(FLOW_RUN) for name in root.trigger.expect):
        return
    for action in _runs(subject):
        why = _why(root, action)
        if why is not None:
            yield root, why
            return


def is_refused_loop(subject: Subject, event: EventAt) -> bool:
    """Whether the server's own check finds the loop."""
    if not subject.automation.enabled or not _REFUSED.intersection(event.trigger.expect):
        return False
    inferred = any(action.get("source") == "inferred" for action in _runs(subject))
    return inferred or _is_unfiltered(event)


def state_set_by(action: dict[str, Any]) -> str | None:
    """The name of the state that an action sets."""
    kind = action.get("type")
    if kind == "change-flow-run-state":
        name, state = action.get("name"), action.get("state")
        if isinstance(name, str):
            return name
        names = STATE_TYPES.get(state) if isinstance(state, str) else None
        return names[0] if names else None
    return _SETS.get(kind) if isinstance(kind, str) else None


def _runs(subject: Subject) -> list[dict[str, Any]]:
    """The actions that run a deployment; a deployment's own trigger runs that deployment."""
    if subject.form == "deployment-trigger":
        return [{"type": RUN_DEPLOYMENT, "source": "selected"}]
    values = [action.node.value for action in subject.actions]
    return [value for value in values if value.get("type") == RUN_DEPLOYMENT]


def _why(event: EventAt, action: dict[str, Any]) -> str | None:
    if action.get("source") == "inferred":
        return "the action runs the deployment of the run that fired it"
    if _is_unfiltered(event):
        return "the trigger also takes the run that the action starts"
    deployment = f"prefect.deployment.{action.get('deployment_id')}"
    for labels in event.trigger.match_related:
        if deployment in dict(labels).get(RESOURCE_ID, ()):
            return "the action runs the very deployment whose runs are taken"
    return None


def _is_unfiltered(event: EventAt) -> bool:
    return takes_every_relation(event.trigger) and takes_every_resource(event.trigger, FLOW_RUN)
