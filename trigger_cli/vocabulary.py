"""Prefect's names: labels, resource kinds, roles, states, event names, and the nearest spelling.

Plain data and small functions, without file access or rules of the engine. The content of each
event is in the linter's catalog (``lint/knowledge/catalog.py``).
"""

import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from msgspec import Struct

# --- Labels ------------------------------------------------------------------------------

RESOURCE_ID = "prefect.resource.id"
RESOURCE_NAME = "prefect.resource.name"
SHOWN_LABELS = (RESOURCE_ID, RESOURCE_NAME)
"""The labels of a primary resource by which the views of a replay name an event; see `shown_labels`."""
RESOURCE_ROLE = "prefect.resource.role"
PREFECT_VERSION = "prefect.version"
"""On events of flow runs and workers: the version that they run with."""
STATE_NAME = "prefect.state-name"
STATE_TYPE = "prefect.state-type"

# --- Resources ---------------------------------------------------------------------------

PREFECT = "prefect."
"""The prefix of the ids of Prefect's own resources and of the names of its own events."""
FLOW_RUN = "prefect.flow-run."
"""The prefix of a flow run's id, and of the name of an event that reports its state (K1)."""
TASK_RUN = "prefect.task-run."
RUN_PREFIXES = (FLOW_RUN, TASK_RUN)
TAG = "tag"
"""The role of a tag."""
TAG_ID = "prefect.tag."
CREATOR = "creator"
"""The role of who started a run: a user, or an automation."""

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
"""Kinds of resources, as in the event name ``prefect.<kind>.<what happened>``."""
RUN_KINDS = frozenset({"flow-run", "task-run"})
"""Kinds whose events report states."""
ROLES = (
    "flow",
    "flow-run",
    "task-run",
    "deployment",
    "work-pool",
    "work-queue",
    "worker",
    TAG,
    CREATOR,
)
"""Roles of related resources."""


def role_id(role: str, name: str) -> str:
    """An id for a related resource whose name alone is known."""
    return f"{PREFECT}{role}.{name}"


# --- States ------------------------------------------------------------------------------

STATES: Mapping[str, str] = {
    "Scheduled": "SCHEDULED",
    "Late": "SCHEDULED",
    "AwaitingConcurrencySlot": "SCHEDULED",
    "AwaitingRetry": "SCHEDULED",
    "Pending": "PENDING",
    "Running": "RUNNING",
    "Retrying": "RUNNING",
    "Completed": "COMPLETED",
    "Failed": "FAILED",
    "TimedOut": "FAILED",
    "Crashed": "CRASHED",
    "Cancelled": "CANCELLED",
    "Cancelling": "CANCELLING",
    "Paused": "PAUSED",
    "Suspended": "PAUSED",
}
"""The documented states by name, each with its type."""
EXTRA_STATES: Mapping[str, str] = {
    "Submitting": "PENDING",  # before Pending, by the worker
    "InfrastructurePending": "PENDING",
    "Resuming": "SCHEDULED",  # from Paused or Suspended
    "NotReady": "PENDING",  # an upstream task did not complete
    "Cached": "COMPLETED",
    "RolledBack": "COMPLETED",
}
"""Further states that a server 3.8.8 was seen to report, each with its type."""
ALL_STATES: Mapping[str, str] = {**STATES, **EXTRA_STATES}
STATE_TYPES: Mapping[str, tuple[str, ...]] = {
    state_type: tuple(name for name, its_type in STATES.items() if its_type == state_type)
    for state_type in STATES.values()
}
"""The types of states, each with its documented states; the first has the type's name."""
TERMINAL_STATES = ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut")
"""The states that end a run (K3)."""
RUNNING_STATES = ("Running",)
"""The states that every run passes before one of `ONLY_AFTER_RUNNING`."""
ONLY_AFTER_RUNNING = ("TimedOut",)
"""The final states of runs that have run; a run's time limit counts only while it runs."""
STATE_WORDS: Mapping[str, str] = {
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
"""Other words for a state, in lower case."""


def state_labels(kind: str, state: str) -> dict[str, str]:
    """The labels with which an event of a run reports its state; empty for any other event."""
    if kind not in RUN_KINDS or state not in ALL_STATES:
        return {}
    return {STATE_NAME: state, STATE_TYPE: ALL_STATES[state]}


# --- Event names -------------------------------------------------------------------------

LOG_WRITE = "prefect.log.write"
"""The event of a log line, which is never offered to a trigger."""
HEARTBEAT = "prefect.flow-run.heartbeat"
AUTOMATION_TRIGGERED = "prefect.automation.triggered"
AUTOMATION_PREFIXES = ("prefect.automation.", "prefect-cloud.automation.")
"""The prefixes of automations' ids and of their events' names: a server's, Prefect Cloud's."""
FIRING_NAMES = frozenset(f"{prefix}triggered" for prefix in AUTOMATION_PREFIXES)
"""The events that report a firing."""
RENAMED_EVENTS: Mapping[str, str] = {
    "prefect.work-queue.healthy": "prefect.work-queue.ready",
    "prefect.work-queue.unhealthy": "prefect.work-queue.not-ready",
    "prefect.work-pool.healthy": "prefect.work-pool.ready",
    "prefect.work-pool.unhealthy": "prefect.work-pool.not-ready",
    "prefect.work-queue.not_ready": "prefect.work-queue.not-ready",
    "prefect.work-pool.not_ready": "prefect.work-pool.not-ready",
    "prefect.deployment.not_ready": "prefect.deployment.not-ready",
}
"""Event names of earlier versions, each with its current name."""


def shown_labels(resource: Mapping[str, str]) -> dict[str, str]:
    """The `SHOWN_LABELS` that a primary resource has."""
    return {label: resource[label] for label in SHOWN_LABELS if label in resource}


def state_of(name: str) -> str | None:
    """The state in ``prefect.flow-run.<State>`` or ``prefect.task-run.<State>``, if any."""
    if name.startswith(RUN_PREFIXES) and "*" not in name and name != HEARTBEAT:
        state = name.split(".", 2)[2]
        return state if "." not in state else None
    return None


def is_live_state(name: str) -> bool:
    """Whether an event with the name reports a known state that does not end the run."""
    state = state_of(name)
    return state in ALL_STATES and state not in TERMINAL_STATES


def are_live_states(names: Collection[str]) -> bool:
    """Whether there are names, and events with any of them report such a state."""
    return bool(names) and all(map(is_live_state, names))


def tells_no_state(name: str) -> bool:
    """Whether an event of a run reports no state: a heartbeat, a step that pulls a flow's code."""
    return name.startswith(RUN_PREFIXES) and state_of(name) is None


def is_sign_of_life(name: str) -> bool:
    """Whether an event with the name says that a run goes on: such a state, or a heartbeat."""
    return name == HEARTBEAT or is_live_state(name)


# --- The nearest spelling ----------------------------------------------------------------

NEAR = 0.75
"""How similar a name and a pattern must be to be near; 1: equal except for letter case."""
SAME_BUT_FOR_CASE = 1.0
_SAME_THING = 0.99
"""Of two names of one event, an earlier and a current one, or of another word for a state."""
_LONGEST_WORD = 100
_LONGEST_NAME = 200
"""Longer words and names are not compared letter by letter."""
_SHORTEST_ENDING = 8
_LOWER_STATES = frozenset(state.lower() for state in ALL_STATES)
_JOINTS = str.maketrans("", "", "-_ .")


def folded(word: str) -> str:
    """The word without letter case, ``-`` and ``_``; equal for two spellings of one word."""
    return word.lower().replace("_", "").replace("-", "").strip()


def nearest(
    word: str,
    choices: Iterable[str],
    aliases: Mapping[str, str] | None = None,
    *,
    likeness: float = 0.7,
) -> str | None:
    """The choice that `word` most likely means, or ``None`` if none is near.

    Args:
        word: The word as written.
        choices: The valid words.
        aliases: Other words for a choice, `folded`.
        likeness: How similar the two must be, 0 to 1.
    """
    plain = folded(word)[:_LONGEST_WORD]
    by_spelling: dict[str, str] = {}
    for choice in choices:
        by_spelling.setdefault(folded(choice), choice)
    if plain in by_spelling:
        return by_spelling[plain]
    alias = (aliases or {}).get(plain)
    if alias is not None and alias in by_spelling.values():
        return alias
    spellings = [one for one in by_spelling if len(one) <= _LONGEST_NAME]
    near = get_close_matches(plain, spellings, 1, likeness)
    return by_spelling[near[0]] if near else None


def meant_by(name: str) -> str | None:
    """The event that an earlier name, or another word for a run's state, means."""
    head, _, last = name.rpartition(".")
    state = STATE_WORDS.get(last.lower())
    if state and f"{head}." in RUN_PREFIXES:
        return f"{head}.{state}"
    return RENAMED_EVENTS.get(name)


class NearName(Struct, frozen=True):
    """A name in a log that is near a pattern."""

    name: str
    pattern: str
    likeness: float
    events: int
    """The number of events in the log with the name."""


def near_names(patterns: Sequence[str], names: Mapping[str, int], limit: int = 3) -> list[NearName]:
    """The names that are near one of the patterns, the most similar first.

    Args:
        patterns: Patterns of event names or of label values.
        names: The names in the log, each with its number of events.
        limit: The most names to return.
    """
    found = []
    for name, events in names.items():
        likeness, pattern = max(
            ((likeness_of(pattern, name), pattern) for pattern in patterns), default=(0.0, "")
        )
        if likeness >= NEAR:
            found.append(NearName(name, pattern, likeness, events))
    return sorted(found, key=lambda one: (-one.likeness, -one.events, one.name))[:limit]


def is_near(patterns: Iterable[str], name: str) -> bool:
    """Whether `name` is near one of the patterns."""
    return any(likeness_of(pattern, name) >= NEAR for pattern in patterns)


@lru_cache(16_384)  # many automations ask about the names of one log
def likeness_of(pattern: str, name: str) -> float:
    """How similar a pattern and a name are, 0 to 1.

    The part after the last dot is compared separately: ``prefect.flow-run.Failed`` and
    ``prefect.flow-run.Paused`` share most of their letters but are not similar. A name that the
    pattern matches, or excludes, is not a misspelling of it: 0.
    """
    pattern = pattern.removeprefix("!")
    if pattern == name or ("*" in pattern and _fits(pattern, name)):
        return 0.0
    if not pattern or not name or max(len(pattern), len(name)) > _LONGEST_NAME:
        return 0.0
    if meant_by(pattern) == name or RENAMED_EVENTS.get(name) == pattern:
        return _SAME_THING
    lower, lower_name = pattern.casefold(), name.casefold()
    if "*" in pattern:
        return SAME_BUT_FOR_CASE if _fits(lower, lower_name) else 0.0
    if lower == lower_name:
        return SAME_BUT_FOR_CASE
    if lower.translate(_JOINTS) == lower_name.translate(_JOINTS):
        return 0.98
    shorter, longer = sorted((lower, lower_name), key=len)
    is_whole = len(shorter) >= _SHORTEST_ENDING or shorter in _LOWER_STATES
    if is_whole and longer.endswith(f".{shorter}"):
        return 0.95
    if lower_name.startswith(f"{lower}."):  # the pattern lacks a `*`
        return 0.95
    head, _, tail = lower.rpartition(".")
    name_head, _, name_tail = lower_name.rpartition(".")
    tails = _ratio(tail, name_tail)
    return min(tails, _ratio(head, name_head)) if tails >= NEAR else 0.0


def _fits(pattern: str, name: str) -> bool:
    return _expression(pattern).fullmatch(name) is not None


@lru_cache(16_384)  # `re` keeps 512 of its own, which a long list of patterns exceeds
def _expression(pattern: str) -> re.Pattern[str]:
    first, *middle, last = map(re.escape, pattern.split("*"))
    # Atomic groups prevent backtracking, for any number of stars.
    found = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(f"{first}{found}.*{last}", re.DOTALL)


def _ratio(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


UNDELIVERED_NAMES = frozenset({LOG_WRITE})
"""Events that never reach triggers (O3)."""


def state_name(event_name: str) -> str | None:
    """The flow run state that an event's name reports, or ``None`` if it reports none (K1).

    The server emits ``prefect.flow-run.<name of the state>`` at each change of state, and flows may
    name their states freely (``Data Ready``, ``v1.2``), so any name counts. The only exceptions are
    events that Prefect emits under the same prefix without a change of state: the heartbeat, and
    the steps that pull a flow's code (``pull-step.executed``, ``pull-step.failed``). K2 uses a
    run's latest state: a heartbeat read as a state would keep a run in the window that has long
    been silent, and hide a failure reported just before it.
    """
    if not event_name.startswith(FLOW_RUN):
        return None
    state = event_name[len(FLOW_RUN) :]
    if not state or state == "heartbeat" or state.startswith("pull-step."):
        return None
    # There are few states and many events, so one copy of each name is kept.
    return sys.intern(state)


# --- Texts as tables show them -----------------------------------------------------------------

BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters in Unicode, but invisible on the screen."""


def visible(character: str) -> str:
    r"""The character, or a Python escape where it cannot be seen: ``\x1b``, ``\u202e``."""
    # Not printable: controls, formats (bidi, zero width), surrogates, separators other than the
    # space, and unassigned code points.
    if character.isprintable() and character not in BLANK_LETTERS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def is_written_as(value: str, text: str) -> bool:
    """Whether the text is the value, or the value as tables show it, which escape characters."""
    return text == value or ("\\" in text and text == "".join(map(visible, value)))


UUID = re.compile(r"(?P<first>[0-9a-fA-F]{8})-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SHOWN_OF_UUID = 8
"""So many characters of a UUID tables show."""


def is_shortened(text: str, ident: str) -> bool:
    """Whether the text is an id as tables show it: ``925eacce…``, ``flow-run.925eacce``.

    At least 8 characters of the id's last UUID, perhaps after what is before it.
    """
    text = text.removesuffix("…")
    if len(text) < _SHOWN_OF_UUID or text not in ident:
        return False
    starts = [found.start() for found in UUID.finditer(ident)]
    before = ident[: starts[-1]] if starts else ""
    return bool(starts) and any(
        text.startswith(one)
        and len(text) - len(one) >= _SHOWN_OF_UUID
        and ident.startswith(text[len(one) :], starts[-1])
        for one in {"", before, before.removeprefix("prefect.")}
    )
