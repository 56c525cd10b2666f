"""What Prefect emits: event names, states, resource ids, labels and roles.

The facts are in ``event_catalog.json``, unchanged as published. `EXTRA_STATES` and `_EXTRA_NAMES`
add what a server 3.8.8 emits beyond it. A name may contain a placeholder
(``prefect.flow-run.{state}``) with a list of known values. Users can define more states, so a name
that is not listed is *probably* wrong, never certainly.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from trigger_cli.dialects import DOCS
from trigger_cli.match.patterns import compile_pattern
from trigger_cli.vocabulary import (
    EXTRA_STATES,
    FLOW_RUN,
    PREFECT,
    folded,
    meant_by,
    nearest,
)

EVENT_CATALOG = Path(__file__).with_name("event_catalog.json")
_HOLE = re.compile(r"\{[^}]*\}")

_EXTRA_NAMES = (
    "prefect.flow.created",
    "prefect.flow.updated",
    "prefect.flow.deleted",
    "prefect.asset.materialization.started",
)
# Blocks emit an event for each method; the method names are not listed.
_OPEN_NAMESPACES = ("prefect.block.",)


class Known(Struct, frozen=True):
    """One event that Prefect emits."""

    name: str
    labels: frozenset[str]
    """Labels of the primary resource; empty if unknown."""
    resource_id: str | None
    """A pattern for the primary resource's id, or ``None`` if unknown."""
    roles: frozenset[str]
    """Roles of related resources; empty if unknown."""


@cache
def catalog() -> dict[str, dict[str, Any]]:
    """The catalog's entry for each event, by the name with its placeholder."""
    events: dict[str, dict[str, Any]] = json.loads(EVENT_CATALOG.read_text("utf-8"))["events"]
    return events


@cache
def known_events() -> dict[str, Known]:
    """Every event of the catalog by its name, with states filled in."""
    found = {}
    for template, facts in catalog().items():
        resource_id = facts["resource_id"] and _HOLE.sub("*", facts["resource_id"])
        labels = frozenset(facts["resource_labels"])
        roles = frozenset(related["role"] for related in facts["related"])
        states = [state["name"] for state in facts.get("states", ())]
        if template.endswith("-run.{state}"):
            states += EXTRA_STATES
        # If no value of the placeholder is known, it stays in the name.
        for name in [_HOLE.sub(state, template) for state in states] or [template]:
            found[name] = Known(name, labels, resource_id, roles)
    for name in _EXTRA_NAMES:
        found.setdefault(name, Known(name, frozenset(), None, frozenset()))
    return found


@cache
def families() -> frozenset[str]:
    """The prefixes of known names, such as ``prefect.flow-run.``."""
    return frozenset(map(family, known_events()))


@cache
def matched_by(pattern: str) -> tuple[Known, ...]:
    """The known events that a name pattern matches, as the documentation reads it (N2)."""
    fits = compile_pattern(pattern, DOCS)
    if "*" not in pattern:
        exact = known_events().get(pattern)
        return (exact,) if exact else ()
    return tuple(known for name, known in known_events().items() if fits(_HOLE.sub("x", name)))


def is_prefects(name: str) -> bool:
    """Whether a name has a prefix of Prefect's own events."""
    return name.startswith((PREFECT, "prefect-cloud."))


def is_open(name: str) -> bool:
    """Whether the catalog does not list the names of this namespace."""
    return name.startswith(_OPEN_NAMESPACES)


def family(name: str) -> str:
    """The first two parts of a name with the dot after them."""
    return ".".join(name.split(".")[:2]) + "."


def same_but_for_spelling(name: str) -> str | None:
    """The known event whose name differs only in case, ``_`` and ``-``."""
    return _by_spelling().get(folded(name))


@cache
def _by_spelling() -> dict[str, str]:
    return {folded(name): name for name in known_events()}


def nearest_event(name: str) -> str | None:
    """The known event that an unknown name probably means."""
    return meant_by(name) or nearest(name, known_events(), likeness=0.8)


def with_prefix(name: str) -> str | None:
    """The known event whose name lacks ``prefect.`` or ``prefect.flow-run.`` here."""
    if is_prefects(name) or "*" in name:
        return None
    meant = (same_but_for_spelling(prefix + name) for prefix in (PREFECT, FLOW_RUN))
    return next(filter(None, meant), None)
