"""Single changes of a definition, each with its size."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.explain.sentence import Name, Sentence, listed, say
from trigger_cli.explain.tally import Role
from trigger_cli.match.patterns import is_negated
from trigger_cli.model import (
    Automation,
    CompositeKind,
    CompositeTrigger,
    EventTrigger,
    LabelPatterns,
    MetricTrigger,
    Patterns,
    Trigger,
)
from trigger_cli.times import MILLISECOND, SECOND, in_seconds, with_seconds
from trigger_cli.vocabulary import RESOURCE_ROLE

TENTH = 100 * MILLISECOND
SHORTEST_PROACTIVE = 10 * SECOND
"""The shortest valid window of a proactive trigger, µs (P1)."""
_Leaf: TypeAlias = EventTrigger | MetricTrigger


class DefinitionChange(Struct, frozen=True):
    """One change of one trigger."""

    family: str
    """The kind of change, e.g. ``within``; only the smallest that works is reported per family."""
    changed: Trigger
    """The changed trigger."""
    fields: Mapping[str, object]
    """The changed fields in the form of a definition."""
    said: Sentence
    size: float
    """The size of the change: the relative change of a number, about 1 for a dropped clause."""


# --- Numbers -----------------------------------------------------------------------------


def at_most(duration: int) -> int:
    """`duration` rounded down to a tenth of a second, or to a millisecond if very short, µs."""
    unit = TENTH if duration >= TENTH else MILLISECOND
    return duration // unit * unit


def just_above(duration: int) -> int:
    """The first tenth of a second above `duration`, µs."""
    return at_most(duration) + (TENTH if duration >= TENTH else MILLISECOND)


def at_least(duration: int) -> int:
    """`duration` rounded up to a tenth of a second, µs."""
    return duration if at_most(duration) == duration else just_above(duration)


def _rounded(value: float, *, up: bool, past: bool) -> float:
    """`value` rounded up or down to three digits; if `past`, never `value` itself."""
    exact = Decimal(repr(value))
    digit = Decimal((0, (1,), exact.adjusted() - 2)) if exact else Decimal("0.001")
    near = (exact / digit).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * digit
    if past and near == exact:
        near += digit if up else -digit
    return float(near)


def change_number(
    trigger: Trigger, field: Literal["threshold", "require"], new: float
) -> DefinitionChange:
    """Change the number of events or children, or the threshold of a metric."""
    is_metric = isinstance(trigger, MetricTrigger)
    old = getattr(trigger, field)
    said = f"metric {field}: {old:g} → {new:g}" if is_metric else f"{field}: {old} → {new}"
    return _with_number(trigger, field, old, new, new, said)


def change_bound(
    trigger: MetricTrigger, value: float, *, breached: bool
) -> DefinitionChange | None:
    """Change the threshold of a metric, to three digits, so that `value` breaches it or does not.

    ``None`` if a fraction would then breach it always or never, whatever the runs do.
    """
    operator = trigger.operator
    up = (operator in {">", ">="}) != breached
    new = _rounded(value, up=up, past=(operator in {">", "<"}) == breached)
    decides = 0 <= new < 1 if operator in {">", "<="} else 0 < new <= 1
    if trigger.metric == "successes" and not decides:
        return None
    return change_number(trigger, "threshold", new)


def change_duration(
    trigger: Trigger, field: Literal["within", "firing_for"], new: int
) -> DefinitionChange:
    """Change the length of the window, or the required duration of a breach, µs."""
    old = getattr(trigger, field)
    said = f"{field}: {'none' if old is None else with_seconds(old)} → {with_seconds(new)}"
    return _with_number(trigger, field, old or 0, new, in_seconds(new), said)


def _with_number(
    trigger: Trigger, field: str, old: float, new: float, written: float, said: str
) -> DefinitionChange:
    changes: dict[str, Any] = {field: new}
    written_fields: dict[str, object] = {field: written}
    if isinstance(trigger, MetricTrigger):
        written_fields = {"metric": written_fields}
    size = abs(new - old) / max(abs(old), abs(new), 1e-9)
    return DefinitionChange(field, replace(trigger, **changes), written_fields, (said,), size)


# --- Names -------------------------------------------------------------------------------


def add_name(trigger: EventTrigger, field: Role, name: str, *, size: float) -> DefinitionChange:
    """Add an event name to ``expect`` or ``after``."""
    patterns = (*getattr(trigger, field), name)
    said = (f"add to {field}: ", Name(name))
    return _with_names(trigger, field, patterns, f"{field} name", said, size)


def replace_name(
    trigger: EventTrigger, field: Role, old: str, *new: str, size: float
) -> DefinitionChange:
    """Put one event name, or several, in the place of another."""
    own = getattr(trigger, field)
    patterns = tuple(name for one in own for name in (new if one == old else (one,)))
    said = (f"in {field}: ", Name(old), " → ", *listed(new, last="and", limit=len(new)))
    return _with_names(trigger, field, patterns, f"{field} name", said, size)


def may_drop(patterns: Patterns, name: str) -> bool:
    """Whether another name is left: without one, every event would have a wanted name (N1, N3)."""
    return any(one != name and not is_negated(one) for one in patterns)


def drop_name(trigger: EventTrigger, field: Role, name: str) -> DefinitionChange:
    """Remove an event name, which `may_drop` allows."""
    patterns = tuple(one for one in getattr(trigger, field) if one != name)
    said = (f"drop from {field}: ", Name(name))
    return _with_names(trigger, field, patterns, f"{field} name", said, 0.6)


def drop_after(trigger: EventTrigger) -> DefinitionChange:
    """Remove ``after``, so that no start is needed."""
    return _with_names(trigger, "after", (), "after", ("drop `after`",), 1.2)


def _with_names(
    trigger: EventTrigger, field: Role, patterns: Patterns, family: str, said: Sentence, size: float
) -> DefinitionChange:
    changes: dict[str, Any] = {field: patterns}
    fields: dict[str, object] = {field: list(patterns)}
    return DefinitionChange(family, replace(trigger, **changes), fields, said, size)


# --- Resources ---------------------------------------------------------------------------


class ClausePlace(Struct, frozen=True):
    """One label of ``match``, or of one object of ``match_related``."""

    related: int | None
    """The index of the object in ``match_related``; ``None``: ``match``."""
    label: str

    def clause(self, trigger: _Leaf) -> str:
        """The clause as `trigger_cli.match.why_not` names it."""
        if self.related is None:
            return f"match.{self.label}"
        if len(trigger.match_related) == 1:
            return f"match_related.{self.label}"
        return f"match_related[{self.related}].{self.label}"


def places(trigger: _Leaf) -> list[ClausePlace]:
    """The places of all labels of a trigger's filters."""
    objects = [(None, trigger.match), *enumerate(trigger.match_related)]
    return [ClausePlace(place, label) for place, labels in objects for label, _ in labels]


def patterns_at(trigger: _Leaf, place: ClausePlace) -> Patterns:
    """The patterns of one label."""
    labels = trigger.match if place.related is None else trigger.match_related[place.related]
    return dict(labels)[place.label]


def drop_label(trigger: _Leaf, place: ClausePlace) -> DefinitionChange:
    """Remove the condition on a label."""
    said = ("drop ", Name(place.clause(trigger)))
    return _with_labels(trigger, place, None, said, 1.0)


def add_pattern(
    trigger: _Leaf, place: ClausePlace, pattern: str, size: float = 0.5
) -> DefinitionChange:
    """Add an alternative for a label."""
    patterns = (*patterns_at(trigger, place), pattern)
    said = say("add to {}: {}", Name(place.clause(trigger)), Name(pattern))
    return _with_labels(trigger, place, patterns, said, size)


def drop_pattern(trigger: _Leaf, place: ClausePlace, pattern: str) -> DefinitionChange:
    """Remove an alternative, or an exception, of a label."""
    patterns = tuple(one for one in patterns_at(trigger, place) if one != pattern)
    said = say("drop from {}: {}", Name(place.clause(trigger)), Name(pattern))
    return _with_labels(trigger, place, patterns or None, said, 0.6)


def _with_labels(
    trigger: _Leaf, place: ClausePlace, patterns: Patterns | None, said: Sentence, size: float
) -> DefinitionChange:
    family = place.clause(trigger)
    if place.related is None:
        labels = _changed(trigger.match, place.label, patterns)
        return _with_resources(trigger, family, said, size, match=labels)
    objects = list(trigger.match_related)
    objects[place.related] = _changed(objects[place.related], place.label, patterns)
    return _with_resources(trigger, family, said, size, related=objects)


def _with_resources(
    trigger: _Leaf,
    family: str,
    said: Sentence,
    size: float,
    *,
    match: LabelPatterns | None = None,
    related: Sequence[LabelPatterns] | None = None,
) -> DefinitionChange:
    """Replace ``match``, ``match_related``, or both."""
    fields: dict[str, object] = {}
    if match is not None:
        trigger = replace(trigger, match=match)
        fields["match"] = _object(match)
    if related is not None:
        trigger = replace(trigger, match_related=tuple(related))
        objects = list(map(_object, related))
        fields["match_related"] = objects if len(objects) > 1 else objects[0] if objects else {}
    return DefinitionChange(family, trigger, fields, said, size)


def _changed(labels: LabelPatterns, label: str, patterns: Patterns | None) -> LabelPatterns:
    if patterns is None:
        return tuple((own, old) for own, old in labels if own != label)
    return tuple((own, patterns if own == label else old) for own, old in labels)


def _object(labels: LabelPatterns) -> dict[str, object]:
    return {label: p[0] if len(p) == 1 else list(p) for label, p in labels}


def move(trigger: _Leaf, place: ClausePlace) -> DefinitionChange:
    """Move a label from ``match`` to ``match_related``, or the reverse (M1, M2)."""
    moved = (place.label, patterns_at(trigger, place))
    rest = _changed(trigger.match, place.label, None)
    if place.related is None:
        said = say("move {} into match_related", Name(place.clause(trigger)))
        related = [*filter(None, trigger.match_related), (moved,)]
        return _with_resources(trigger, "move", said, 0.3, match=rest, related=related)
    said = say("move {} into match", Name(place.clause(trigger)))
    related = [*trigger.match_related]
    del related[place.related]
    return _with_resources(trigger, "move", said, 0.3, match=(*rest, moved), related=related)


def replace_role(trigger: _Leaf, number: int, role: str) -> DefinitionChange:
    """Ask for another role in an object of ``match_related``."""
    place = ClausePlace(number, RESOURCE_ROLE)
    said = say("{}: {}", Name(place.clause(trigger)), Name(role))
    if old := dict(trigger.match_related[number]).get(RESOURCE_ROLE):
        said = say("{}: {} → {}", Name(place.clause(trigger)), listed(old), Name(role))
    return _with_labels(trigger, place, (role,), said, 0.3)


def split_object(trigger: _Leaf, number: int) -> DefinitionChange:
    """Split an object into one per label, so that different related resources may match (M2)."""
    related = [*trigger.match_related]
    related[number : number + 1] = [(one,) for one in related[number]]
    said = ("match_related: one object for each label",)
    return _with_resources(trigger, "match_related", said, 0.4, related=related)


def split_tags(trigger: EventTrigger, place: ClausePlace) -> DefinitionChange:
    """Split a label's alternatives into one object each: AND instead of OR (M2)."""
    assert place.related is not None
    tags = patterns_at(trigger, place)
    related = [*trigger.match_related]
    labels = related[place.related]
    each = [_changed(labels, place.label, (tag,)) for tag in tags]
    related[place.related : place.related + 1] = each
    said = ("match_related: one object for each of ", *listed(tags, last="and"))
    return _with_resources(trigger, "match_related", said, 0.7, related=related)


# --- Keys and order ------------------------------------------------------------------------


def change_for_each(trigger: EventTrigger, labels: tuple[str, ...]) -> DefinitionChange:
    """Change the bucketing key."""
    labels = tuple(sorted(labels))
    added = [one for one in labels if one not in trigger.for_each]
    dropped = [one for one in trigger.for_each if one not in labels]
    said: Sentence = ("add to for_each: ", *listed(added))
    if not labels:
        said = ("drop `for_each`",)
    elif dropped and added:
        said = say("for_each: {} in place of {}", listed(added), listed(dropped, last="and"))
    elif dropped:
        said = ("drop from for_each: ", *listed(dropped, last="and"))
    return DefinitionChange(
        "for_each", replace(trigger, for_each=labels), {"for_each": list(labels)}, said, 1.0
    )


def change_kind(trigger: CompositeTrigger) -> DefinitionChange:
    """Change a sequence to a compound that needs all children, or the reverse."""
    kind: CompositeKind = "sequence" if trigger.kind == "compound" else "compound"
    changed = replace(trigger, kind=kind, require=len(trigger.triggers))
    fields = {"type": kind} if kind == "sequence" else {"type": kind, "require": "all"}
    return DefinitionChange("type", changed, fields, (f"type: {trigger.kind} → {kind}",), 1.3)


def followed_by(one: DefinitionChange, other: DefinitionChange) -> DefinitionChange:
    """Combine two changes, of which the second was made from the result of the first."""
    return DefinitionChange(
        " and ".join(sorted((one.family, other.family))),
        other.changed,
        {**one.fields, **other.fields},
        (*one.said, "; ", *other.said),
        one.size + other.size,
    )


def combined(
    original: Trigger, one: DefinitionChange, other: DefinitionChange
) -> DefinitionChange | None:
    """Combine both changes; ``None`` if they concern different triggers or the same field."""
    if one.changed.path != other.changed.path or one.fields.keys() & other.fields.keys():
        return None
    if "metric" in one.fields or type(one.changed) is not type(other.changed):
        return None
    changed = {
        name: getattr(other.changed, name)
        for name in other.changed.__struct_fields__
        if getattr(other.changed, name) != getattr(original, name)
    }
    return followed_by(one, replace(other, changed=replace(one.changed, **changed)))


# --- Trees ---------------------------------------------------------------------------------


def with_trigger(automation: Automation, changed: Trigger) -> Automation:
    """The automation with `changed` at the path of that trigger."""
    return replace(automation, trigger=_replaced(automation.trigger, changed))


def _replaced(trigger: Trigger, changed: Trigger) -> Trigger:
    if trigger.path == changed.path:
        return changed
    if isinstance(trigger, CompositeTrigger):
        children = tuple(_replaced(child, changed) for child in trigger.triggers)
        return replace(trigger, triggers=children)
    return trigger
