"""Compares automations in files with those on a server.

Two automations are the same if they fire alike and have the same actions. Defaults, the order of
names and patterns, and the notation of a duration make no difference, nor do fields of an action
that only the server fills in.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from trigger_cli.definitions import Definitions, Document, Entry
from trigger_cli.definitions.codes import TEMPLATED_VALUE
from trigger_cli.definitions.keys import ACTION_KEYS
from trigger_cli.definitions.nodes import format_pointer, is_template, pointer_parts
from trigger_cli.history.pairing import in_turn, matched
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    EventTrigger,
    LabelPatterns,
    MetricTrigger,
    Trigger,
)
from trigger_cli.times import SECOND


class FieldDifference(NamedTuple):
    """A field in which two automations with one name differ."""

    pointer: str
    """Its JSON Pointer in Prefect's own form of an automation, e.g. ``/trigger/within``."""
    here: Any
    """Its value in the files; ``None`` if absent."""
    there: Any
    """Its value on the server."""


class ComparedAutomation(Struct, frozen=True):
    """An automation that both sides have."""

    here: Automation
    there: Automation
    differences: tuple[FieldDifference, ...]
    unknown: tuple[str, ...]
    """Fields that the files set by templates or computation, which cannot be compared."""


class Drift(Struct):
    """The comparison of two sets of automations, each in definition order."""

    compared: list[ComparedAutomation] = field(default_factory=list)
    missing: list[Automation] = field(default_factory=list)
    """Automations only in the files."""
    extra: list[Automation] = field(default_factory=list)
    """Automations only on the server."""

    @property
    def different(self) -> list[ComparedAutomation]:
        """Automations of both sides that differ."""
        return [one for one in self.compared if one.differences]

    @property
    def drifted(self) -> bool:
        """Whether there is any difference."""
        return bool(self.different or self.missing or self.extra)


class _Written(Struct, frozen=True):
    automation: Automation
    name: str
    is_named: bool
    """Whether the definition has a name; else it is that of its file."""
    value: Any
    """The automation or the bare trigger as written."""
    is_bare: bool
    unknown: frozenset[str]
    """Pointers within the automation to fields that cannot be compared."""


def drift(here: Definitions, there: Definitions) -> Drift:
    """Compare the automations of files with a server's, by name.

    Automations with the same name are compared in order, and so are those left that have no name of
    their own. A deployment's trigger without a name gets the name that ``prefect deploy`` gives its
    automation.

    Args:
        here: The definitions in the files.
        there: The definitions on the server.
    """
    mine, theirs = [*_written(here)], [*_written(there)]

    def name_of(one: _Written) -> object:
        return one.name

    partner_of = in_turn(theirs, name_of, name_of)
    pairs, missing, extra = matched(mine, theirs, partner_of)

    def nameless(one: _Written) -> object:
        return None if one.is_named else ""

    next_of = in_turn(extra, nameless, nameless)
    more, missing, extra = matched(missing, extra, next_of)
    places = {id(one): place for place, one in enumerate(mine)}
    pairs = sorted(pairs + more, key=lambda pair: places[id(pair[0])])
    return Drift(
        [_compared(*pair) for pair in pairs],
        [one.automation for one in missing],
        [one.automation for one in extra],
    )


def _written(definitions: Definitions) -> Iterator[_Written]:
    by_index = {one.index: one for one in definitions.automations}
    for document in definitions.documents:
        told = [
            one.pointer
            for one in definitions.findings
            if one.code == TEMPLATED_VALUE.code and one.file == document.file
        ]
        for entry in document.entries:
            automation = by_index.get(entry.automation)
            if automation is None:
                continue
            is_bare = entry.pointer == entry.trigger_pointer
            parts = {
                one.removeprefix(entry.pointer) for one in told if _is_within(one, entry.pointer)
            }
            # In `prefect.yaml`, `enabled` is inside the trigger.
            unknown = frozenset(
                f"/trigger{one}" if is_bare and one != "/enabled" else one for one in parts
            )
            value = document.value_at(entry.pointer)
            own = automation.name if value.get("name") else _deployed_name(document, entry)
            name = own or automation.name
            yield _Written(automation, name, own is not None, value, is_bare, unknown)


def _deployed_name(document: Document, entry: Entry) -> str | None:
    """The name that ``prefect deploy`` gives a deployment's trigger without one."""
    parts = pointer_parts(entry.pointer)
    if parts[:1] == ["deployments"] and len(parts) == 4:
        deployment = document.value_at(f"/deployments/{parts[1]}").get("name")
        return f"{deployment}__automation_{int(parts[3]) + 1}"
    return None


# --- Comparing -----------------------------------------------------------------------------------


def _compared(one: _Written, other: _Written) -> ComparedAutomation:
    here, there = _fields(one.automation), _fields(other.automation)
    found = [
        FieldDifference(pointer, here.get(pointer), there.get(pointer))
        for pointer in {**here, **there}
        if here.get(pointer) != there.get(pointer)
    ]
    if not (one.is_bare or other.is_bare):
        found += _actions(one.value, other.value)
    unknown = {
        pointer
        for pointer, mine, _ in found
        if _has_template(mine)
        or any(_is_within(pointer, told) or _is_within(told, pointer) for told in one.unknown)
    }
    return ComparedAutomation(
        one.automation,
        other.automation,
        tuple(difference for difference in found if difference.pointer not in unknown),
        tuple(sorted(unknown)),
    )


def _is_within(pointer: str, other: str) -> bool:
    return pointer == other or pointer.startswith(f"{other}/")


def _has_template(value: Any) -> bool:
    return any(map(is_template, value)) if isinstance(value, list) else is_template(value)


def _fields(automation: Automation) -> dict[str, Any]:
    """All fields that decide when it fires, by JSON Pointer."""
    found: dict[str, Any] = {"/enabled": automation.enabled}
    waiting: list[tuple[str, Trigger]] = [("/trigger", automation.trigger)]
    while waiting:
        place, trigger = waiting.pop()
        fields = _fields_of(trigger)
        found |= {f"{place}/{name}": value for name, value in fields.items()}
        if isinstance(trigger, CompositeTrigger):
            waiting += reversed(
                [(f"{place}/triggers/{n}", child) for n, child in enumerate(trigger.triggers)]
            )
    return found


def _fields_of(trigger: Trigger) -> dict[str, Any]:
    match trigger:
        case EventTrigger():
            return {
                "type": "event",
                "posture": trigger.posture,
                **_labels("match", trigger.match),
                **_related(trigger.match_related),
                "expect": sorted(set(trigger.expect)),
                "after": sorted(set(trigger.after)),
                "for_each": list(trigger.for_each),
                "threshold": trigger.threshold,
                "within": trigger.within / SECOND,
            }
        case MetricTrigger():
            return {
                "type": "metric",
                **_labels("match", trigger.match),
                **_related(trigger.match_related),
                "metric/name": trigger.metric,
                "metric/operator": trigger.operator,
                "metric/threshold": trigger.threshold,
                "metric/range": trigger.range / SECOND,
                "metric/firing_for": trigger.firing_for / SECOND,
            }
        case CompositeTrigger():
            within = None if trigger.within is None else trigger.within / SECOND
            require = {} if trigger.kind == "sequence" else {"require": trigger.require}
            return {"type": trigger.kind, **require, "within": within}


def _related(related: tuple[LabelPatterns, ...]) -> dict[str, Any]:
    if len(related) == 1:
        return _labels("match_related", related[0])
    return {
        name: value
        for number, labels in enumerate(related)
        for name, value in _labels(f"match_related/{number}", labels).items()
    }


def _labels(place: str, labels: LabelPatterns) -> dict[str, Any]:
    return {
        f"{place}{format_pointer((label,))}": sorted(set(patterns)) for label, patterns in labels
    }


def _actions(here: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[FieldDifference]:
    """Differences of the actions: the fields given in the files must be the same on the server."""
    for key in ACTION_KEYS:
        mine, theirs = here.get(key) or [], there.get(key) or []
        if len(mine) != len(theirs):
            yield FieldDifference(f"/{key}", mine, theirs)
        else:
            yield from _parts(f"/{key}", mine, theirs)


def _parts(pointer: str, here: Any, there: Any) -> Iterator[FieldDifference]:
    waiting = [(pointer, here, there)]
    while waiting:
        place, mine, theirs = waiting.pop()
        if isinstance(mine, dict) and isinstance(theirs, dict):
            waiting += reversed(
                [(f"{place}{format_pointer((key,))}", mine[key], theirs.get(key)) for key in mine]
            )
        elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
            waiting += reversed(
                [(f"{place}/{n}", *pair) for n, pair in enumerate(zip(mine, theirs, strict=True))]
            )
        elif mine != theirs and not _is_empty(mine, theirs):
            yield FieldDifference(place, mine, theirs)


def _is_empty(*values: Sequence[Any] | Any) -> bool:
    """Whether all values are empty."""
    return all(one in (None, "", [], {}) for one in values)
