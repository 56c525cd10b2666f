"""What Prefect emits: event names, states, resource ids, labels and roles.

The facts are ``event_catalog.json``, carried as it was published; `EXTRA_STATES` and
`_EXTRA_NAMES` add what a server 3.8.8 was seen to emit beside it. A name may hold a hole
(``prefect.flow-run.{state}``), whose listed values are the known ones; users can define more
states, so a name that is not here is *probably* wrong, never certainly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from trigger_cli.dialect import DOCS
from trigger_cli.match.patterns import compile_pattern

EVENT_CATALOG = Path(__file__).with_name("event_catalog.json")
_HOLE = re.compile(r"\{[^}]*\}")

ID = "prefect.resource.id"
NAME = "prefect.resource.name"
ROLE = "prefect.resource.role"
RUN_KINDS = ("prefect.flow-run.", "prefect.task-run.")
HEARTBEAT = "prefect.flow-run.heartbeat"

TERMINAL_STATES = ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut")
"""The states after which a run does nothing more (``semantics.md`` K3)."""
EXTRA_STATES = (
    "Submitting",  # before Pending, by the worker
    "InfrastructurePending",
    "Resuming",  # from Paused or Suspended
    "NotReady",  # an upstream task did not complete
    "Cached",
    "RolledBack",
)
_EXTRA_NAMES = (
    "prefect.flow.created",
    "prefect.flow.updated",
    "prefect.flow.deleted",
    "prefect.asset.materialization.started",
)
# Blocks emit an event for each of their methods; what those are called is their affair.
_OPEN_NAMESPACES = ("prefect.block.",)

STATE_TYPES = {
    "SCHEDULED": ("Scheduled", "Late", "AwaitingConcurrencySlot", "AwaitingRetry"),
    "PENDING": ("Pending",),
    "RUNNING": ("Running", "Retrying"),
    "COMPLETED": ("Completed",),
    "FAILED": ("Failed", "TimedOut"),
    "CRASHED": ("Crashed",),
    "CANCELLED": ("Cancelled",),
    "CANCELLING": ("Cancelling",),
    "PAUSED": ("Paused", "Suspended"),
}

RENAMED = {
    "prefect.work-queue.healthy": "prefect.work-queue.ready",
    "prefect.work-queue.unhealthy": "prefect.work-queue.not-ready",
    "prefect.work-pool.healthy": "prefect.work-pool.ready",
    "prefect.work-pool.unhealthy": "prefect.work-pool.not-ready",
    "prefect.work-queue.not_ready": "prefect.work-queue.not-ready",
    "prefect.work-pool.not_ready": "prefect.work-pool.not-ready",
    "prefect.deployment.not_ready": "prefect.deployment.not-ready",
}
"""Names of earlier versions, and what they are called now."""

SYNONYMS = {
    "succeeded": "Completed",
    "success": "Completed",
    "successful": "Completed",
    "complete": "Completed",
    "finished": "Completed",
    "done": "Completed",
    "error": "Failed",
    "errored": "Failed",
    "failure": "Failed",
    "fail": "Failed",
    "started": "Running",
    "start": "Running",
    "canceled": "Cancelled",
    "cancel": "Cancelled",
    "canceling": "Cancelling",
    "timeout": "TimedOut",
    "timed-out": "TimedOut",
    "crash": "Crashed",
    "queued": "Scheduled",
    "stuck": "Pending",
}
"""Words that people write for a state; lower case."""


@dataclass(frozen=True, slots=True)
class Known:
    """One event that Prefect emits."""

    name: str
    labels: frozenset[str]
    """Labels of the primary resource; empty where the catalog does not say."""
    resource_id: str | None
    """A pattern for the primary resource's id, or ``None`` where the catalog does not say."""
    roles: frozenset[str]
    """Roles of related resources; empty where the catalog does not say."""


@cache
def known_events() -> dict[str, Known]:
    """Every event of the catalog by its name, states filled in."""
    found = {}
    for template, facts in json.loads(EVENT_CATALOG.read_text("utf-8"))["events"].items():
        resource_id = facts["resource_id"] and _HOLE.sub("*", facts["resource_id"])
        labels = frozenset(facts["resource_labels"])
        roles = frozenset(related["role"] for related in facts["related"])
        for name in _names(template, facts):
            found[name] = Known(name, labels, resource_id, roles)
    for name in _EXTRA_NAMES:
        found.setdefault(name, Known(name, frozenset(), None, frozenset()))
    return found


def _names(template: str, facts: dict[str, list[dict[str, str]]]) -> Iterator[str]:
    states = [state["name"] for state in facts.get("states", ())]
    if not states:
        yield template  # with its hole, if it has one
    for state in states:
        yield _HOLE.sub(state, template)
    if template.endswith("-run.{state}"):
        for state in EXTRA_STATES:
            yield _HOLE.sub(state, template)


@cache
def families() -> frozenset[str]:
    """What known names begin with, such as ``prefect.flow-run.``."""
    return frozenset(".".join(name.split(".")[:2]) + "." for name in known_events())


@cache
def matched_by(pattern: str) -> tuple[Known, ...]:
    """The known events that a name pattern takes, as the documentation reads it (N2)."""
    fits = compile_pattern(pattern, DOCS)
    if "*" not in pattern:
        exact = known_events().get(pattern)
        return (exact,) if exact else ()
    return tuple(known for name, known in known_events().items() if fits(_filled(name)))


def is_prefects(name: str) -> bool:
    """Whether a name claims to be one of Prefect's own events."""
    return name.startswith(("prefect.", "prefect-cloud."))


def is_open(name: str) -> bool:
    """Whether names of this namespace are not for the catalog to list."""
    return name.startswith(_OPEN_NAMESPACES)


def family(name: str) -> str:
    """The first two parts of a name with the dot after them."""
    return ".".join(name.split(".")[:2]) + "."


def state_of(name: str) -> str | None:
    """The state in ``prefect.flow-run.<State>`` or ``prefect.task-run.<State>``, if it is one."""
    if name.startswith(RUN_KINDS) and "*" not in name and name != HEARTBEAT:
        state = name.split(".", 2)[2]
        return state if "." not in state else None
    return None


def same_but_for_spelling(name: str) -> str | None:
    """The known event whose name differs only in case, ``_`` and ``-``."""
    return _by_plain_name().get(_plain(name))


def nearest(name: str) -> str | None:
    """The known event that an unknown name was probably meant to be."""
    if name in RENAMED:
        return RENAMED[name]
    head, _, last = name.rpartition(".")
    state = SYNONYMS.get(last.lower())
    if state and f"{head}." in RUN_KINDS:
        return f"{head}.{state}"
    if len(name) > 100:
        return None
    near = get_close_matches(_plain(name), list(_by_plain_name()), 1, 0.8)
    return _by_plain_name()[near[0]] if near else None


def with_prefix(name: str) -> str | None:
    """The known event that is meant where its ``prefect.`` (or more) was left out."""
    if is_prefects(name) or "*" in name:
        return None
    for prefix in ("prefect.", "prefect.flow-run."):
        meant = same_but_for_spelling(prefix + name)
        if meant:
            return meant
    return None


@cache
def _by_plain_name() -> dict[str, str]:
    return {_plain(name): name for name in known_events()}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _filled(name: str) -> str:
    return _HOLE.sub("x", name)
