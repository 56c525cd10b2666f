"""The words of the event shorthand: kinds of resources, roles and states."""

from __future__ import annotations

from collections.abc import Mapping

RESOURCE_ID = "prefect.resource.id"
RESOURCE_NAME = "prefect.resource.name"
RESOURCE_ROLE = "prefect.resource.role"
STATE_NAME = "prefect.state-name"
STATE_TYPE = "prefect.state-type"
TAG = "tag"

KINDS = (
    "flow-run",
    "task-run",
    "flow",
    "deployment",
    "work-pool",
    "work-queue",
    "worker",
    "automation",
    "artifact",
    "artifact-collection",
    "asset",
    "block",
    "concurrency-limit",
    "variable",
    "kubernetes.pod",
    "docker.container",
    "ecs.task",
)
"""What ``prefect.<kind>.<what happened>`` events are about."""
KIND_ALIASES: Mapping[str, str] = {
    "run": "flow-run",
    "flowrun": "flow-run",
    "task": "task-run",
    "pool": "work-pool",
    "queue": "work-queue",
    "pod": "kubernetes.pod",
    "custom": "event",
}
ROLES = (
    "flow",
    "flow-run",
    "task-run",
    "deployment",
    "work-pool",
    "work-queue",
    "worker",
    "tag",
    "creator",
)
"""Roles of related resources that have a key of their own."""
RUNS = frozenset({"flow-run", "task-run"})
"""Kinds whose events report states."""
STATES: Mapping[str, str] = {
    "Scheduled": "SCHEDULED",
    "Late": "SCHEDULED",
    "AwaitingRetry": "SCHEDULED",
    "AwaitingConcurrencySlot": "SCHEDULED",
    "Pending": "PENDING",
    "Submitting": "PENDING",
    "InfrastructurePending": "PENDING",
    "Running": "RUNNING",
    "Retrying": "RUNNING",
    "Completed": "COMPLETED",
    "Cached": "COMPLETED",
    "Failed": "FAILED",
    "TimedOut": "FAILED",
    "Crashed": "CRASHED",
    "Cancelling": "CANCELLING",
    "Cancelled": "CANCELLED",
    "Paused": "PAUSED",
    "Suspended": "PAUSED",
}
"""Prefect's states by name, each with its type."""
STATE_ALIASES: Mapping[str, str] = {
    "success": "Completed",
    "succeeded": "Completed",
    "complete": "Completed",
    "done": "Completed",
    "failure": "Failed",
    "fail": "Failed",
    "started": "Running",
    "start": "Running",
    "canceled": "Cancelled",
    "crash": "Crashed",
    "timeout": "TimedOut",
}


def state_labels(kind: str, state: str) -> dict[str, str]:
    """The labels by which a run's event tells its state; none for what is no state."""
    if kind not in RUNS or state not in STATES:
        return {}
    return {STATE_NAME: state, STATE_TYPE: STATES[state]}


def role_id(role: str, name: str) -> str:
    """The id of a resource that only its name is known of."""
    return f"prefect.{role}.{name}"
