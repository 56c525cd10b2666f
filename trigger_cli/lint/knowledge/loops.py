"""Finds automations whose action causes the events that they wait for."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from trigger_cli.lint.knowledge.patterns import covers, is_unfiltered, negated
from trigger_cli.lint.subject import ActionAt, EventAt, Subject
from trigger_cli.model import EventTrigger
from trigger_cli.vocabulary import FLOW_RUN, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, STATE_TYPES

RUN_DEPLOYMENT = "run-deployment"
ADVICE = (
    "run a deployment whose runs the trigger does not take: limit them in `match_related` to another"
    " flow or deployment"
)
"""What to do about a loop, whatever makes it one."""
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


def deployment_loops(subject: Subject) -> Iterator[tuple[EventAt, str, bool]]:
    """The trigger of an automation that runs a deployment whose runs fire the trigger.

    Yields:
        At most once: the trigger, the reason, and whether the server's own check rejects it.
    """
    root = subject.root
    if not isinstance(root, EventAt) or root.trigger.posture != "Reactive":
        return
    # "*" is reported by another rule.
    if not any(name.startswith(FLOW_RUN) for name in root.trigger.expect):
        return
    runs = _runs(subject)
    inferred = any(action.get("source") == "inferred" for action in runs)
    refused = (
        subject.automation.enabled
        and not _REFUSED.isdisjoint(root.trigger.expect)
        and (inferred or is_unfiltered(root.trigger, FLOW_RUN))
    )
    for action in runs:
        why = _why(root.trigger, action)
        names_own = subject.deployment is not None and _takes(root.trigger, subject.deployment)
        if (why is not None and subject.form == "deployment-trigger") or names_own:
            # This action is not written in the file.
            why = "the trigger also takes the runs of the deployment that it starts"
        if why is not None:
            yield root, why, refused
            return


def state_set_by(action: ActionAt) -> str | None:
    """The name of the state that an action sets."""
    if action.kind != "change-flow-run-state":
        return _SETS.get(action.kind)
    name, state = action.get("name"), action.get("state")
    if isinstance(name, str):
        return name
    names = STATE_TYPES.get(state) if isinstance(state, str) else None
    return names[0] if names else None


def _runs(subject: Subject) -> list[dict[str, Any]]:
    """The actions that run a deployment; a deployment's own trigger runs that deployment."""
    if subject.form == "deployment-trigger":
        return [{"type": RUN_DEPLOYMENT, "source": "selected"}]
    return [action.node.value for action in subject.actions if action.kind == RUN_DEPLOYMENT]


def _why(trigger: EventTrigger, action: dict[str, Any]) -> str | None:
    if action.get("source") == "inferred":
        return "the action runs the deployment of the run that fired it"
    if is_unfiltered(trigger, FLOW_RUN):
        return "the trigger also takes the run that the action starts"
    deployment = f"prefect.deployment.{action.get('deployment_id')}"
    if any(deployment in dict(labels).get(RESOURCE_ID, ()) for labels in trigger.match_related):
        return "the action runs the deployment whose runs fire the trigger"
    return None


def _takes(trigger: EventTrigger, deployment: str) -> bool:
    """Whether the filters match every run of the deployments with this name."""
    unrelated = replace(trigger, match_related=())
    if len(trigger.match_related) != 1 or not is_unfiltered(unrelated, FLOW_RUN):
        return False
    known = {RESOURCE_NAME: deployment, RESOURCE_ROLE: "deployment"}
    return all(
        label in known and not negated(patterns) and any(covers(p, known[label]) for p in patterns)
        for label, patterns in trigger.match_related[0]
    )
