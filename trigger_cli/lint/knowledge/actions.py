"""The actions of Prefect 3.8 and Prefect Cloud, and the keys that each needs."""

TARGETS = {
    "run-deployment": "deployment_id",
    "pause-deployment": "deployment_id",
    "resume-deployment": "deployment_id",
    "pause-work-pool": "work_pool_id",
    "resume-work-pool": "work_pool_id",
    "pause-work-queue": "work_queue_id",
    "resume-work-queue": "work_queue_id",
    "pause-automation": "automation_id",
    "resume-automation": "automation_id",
}
"""Actions on an object that is selected by its id or inferred from the event."""

NEED_RUN = {
    "change-flow-run-state",
    "cancel-flow-run",
    "delete-flow-run",
    "suspend-flow-run",
    "resume-flow-run",
}
"""Actions on the flow run of the event that fired the trigger."""

NEED_BLOCK = {"send-notification", "call-webhook"}
"""Actions that send something through a block."""

_KEYS = {
    "run-deployment": {"parameters", "job_variables", "schedule_after"},
    "change-flow-run-state": {"name", "state", "message", "force"},
    "send-notification": {"block_document_id", "subject", "body"},
    "call-webhook": {"block_document_id", "payload"},
    "do-nothing": set[str](),
}


def keys_of(kind: str) -> set[str] | None:
    """The keys that actions of a type have; ``None`` where that is not known."""
    if kind in TARGETS:
        return {"type", "source", TARGETS[kind], *_KEYS.get(kind, ())}
    if kind in _KEYS or kind in NEED_RUN:
        return {"type", *_KEYS.get(kind, ())}
    return None


ACTIONS = {*TARGETS, *NEED_RUN, *NEED_BLOCK, "do-nothing", "declare-incident"}
