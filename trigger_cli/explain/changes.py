"""Single changes of a definition, each with how big it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from trigger_cli.explain.sentence import Name, Sentence, listed
from trigger_cli.model import (
    CompositeTrigger,
    EventTrigger,
    LabelPatterns,
    MetricTrigger,
    Patterns,
    Trigger,
)
from trigger_cli.times import MILLISECOND, SECOND, format_duration

TENTH = 100 * MILLISECOND
SHORTEST_PROACTIVE = 10 * SECOND
"""P1: below it the definition is invalid."""


class DefinitionChange(NamedTuple):
    """One change of one trigger."""

    family: str
    """Of one family only the smallest change that works is told, e.g. ``within``."""
    changed: Trigger
    """The trigger as it would be."""
    fields: Mapping[str, object]
    """The changed fields, as a definition has them."""
    said: Sentence
    size: float
    """How big it is: a part of a number that changes, about 1 for a clause that goes."""


# --- Numbers -----------------------------------------------------------------------------


def just_above(duration: int) -> int:
    """The first tenth of a second above `duration`, µs; of a very short one, a millisecond."""
    unit = TENTH if duration >= TENTH else MILLISECOND
    return (duration // unit + 1) * unit


def at_most(duration: int) -> int:
    """The last tenth of a second that is not above `duration`, µs."""
    unit = TENTH if duration >= TENTH else MILLISECOND
    return duration // unit * unit


def at_least(duration: int) -> int:
    """The first tenth of a second that is not below `duration`, µs."""
    unit = TENTH if duration >= TENTH else MILLISECOND
    return -(-duration // unit) * unit


def rounded(value: float, *, up: bool) -> float:
    """The nearest number of three digits above, or below, `value`; never `value` itself."""
    exact = Decimal(repr(value))
    digit = Decimal((0, (1,), exact.adjusted() - 2)) if exact else Decimal("0.001")
    near = (exact / digit).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * digit
    if near == exact:
        near += digit if up else -digit
    return float(near)


def relative(old: float, new: float) -> float:
    """How big a change of a number is, as a part of it."""
    return abs(new - old) / max(abs(old), abs(new), 1e-9)


def seconds(duration: int) -> float:
    """As definitions have it: whole where it can be."""
    whole, rest = divmod(duration, SECOND)
    return duration / SECOND if rest else whole


def change_threshold(trigger: EventTrigger, threshold: int) -> DefinitionChange:
    """Another number of events."""
    return DefinitionChange(
        "threshold",
        replace(trigger, threshold=threshold),
        {"threshold": threshold},
        (f"threshold: {trigger.threshold} → {threshold}",),
        relative(trigger.threshold, threshold),
    )


def change_within(trigger: EventTrigger | CompositeTrigger, within: int) -> DefinitionChange:
    """Another length of the window."""
    old = trigger.within or 0
    return DefinitionChange(
        "within",
        replace(trigger, within=within),
        {"within": seconds(within)},
        (f"within: {_duration(trigger.within)} → {_duration(within)}",),
        relative(old, within),
    )


def _duration(duration: int | None) -> str:
    """A duration with the number that a definition has, where the two look different."""
    if duration is None:
        return "none"
    number, text = seconds(duration), format_duration(duration)
    return text if text.removesuffix(" s") == f"{number:g}" else f"{number} s ({text})"


def change_metric(trigger: MetricTrigger, threshold: float) -> DefinitionChange:
    """Another threshold of a metric."""
    return DefinitionChange(
        "threshold",
        replace(trigger, threshold=threshold),
        {"metric": {"threshold": threshold}},
        (f"metric threshold: {trigger.threshold:g} → {threshold:g}",),
        relative(trigger.threshold, threshold),
    )


def change_firing_for(trigger: MetricTrigger, firing_for: int) -> DefinitionChange:
    """How long a breach must hold."""
    return DefinitionChange(
        "firing_for",
        replace(trigger, firing_for=firing_for),
        {"metric": {"firing_for": seconds(firing_for)}},
        (f"firing_for: {_duration(trigger.firing_for)} → {_duration(firing_for)}",),
        relative(trigger.firing_for, firing_for),
    )


def change_require(trigger: CompositeTrigger, require: int) -> DefinitionChange:
    """How many children of a compound must fire."""
    return DefinitionChange(
        "require",
        replace(trigger, require=require),
        {"require": require},
        (f"require: {trigger.require} → {require}",),
        relative(trigger.require, require),
    )


# --- Names -------------------------------------------------------------------------------


def add_name(trigger: EventTrigger, field: str, name: str, *, size: float) -> DefinitionChange:
    """One more event name in ``expect`` or ``after``."""
    patterns = (*_names(trigger, field), name)
    said: Sentence = (f"add to {field}: ", Name(name))
    return _with_names(trigger, field, patterns, f"{field} name", said, size)


def drop_name(trigger: EventTrigger, field: str, name: str) -> DefinitionChange:
    """One event name less."""
    patterns = tuple(one for one in _names(trigger, field) if one != name)
    said: Sentence = (f"drop from {field}: ", Name(name))
    return _with_names(trigger, field, patterns, f"{field} name", said, 0.6)


def drop_after(trigger: EventTrigger) -> DefinitionChange:
    """No start needed."""
    return _with_names(trigger, "after", (), "after", ("drop after",), 1.2)


def _names(trigger: EventTrigger, field: str) -> Patterns:
    return trigger.expect if field == "expect" else trigger.after


def _with_names(
    trigger: EventTrigger, field: str, patterns: Patterns, family: str, said: Sentence, size: float
) -> DefinitionChange:
    changed = (
        replace(trigger, expect=patterns) if field == "expect" else replace(trigger, after=patterns)
    )
    return DefinitionChange(family, changed, {field: list(patterns)}, said, size)


# --- Resources ---------------------------------------------------------------------------


class ClausePlace(NamedTuple):
    """One label of ``match``, or of one object of ``match_related``."""

    related: int | None
    """Which object of ``match_related``; ``None``: ``match``."""
    label: str

    def clause(self, trigger: EventTrigger | MetricTrigger) -> str:
        """As `trigger_cli.match.why_not` calls it."""
        if self.related is None:
            return f"match.{self.label}"
        if len(trigger.match_related) == 1:
            return f"match_related.{self.label}"
        return f"match_related[{self.related}].{self.label}"


def places(trigger: EventTrigger | MetricTrigger) -> list[ClausePlace]:
    """Every label that a trigger asks about."""
    own = [ClausePlace(None, label) for label, _ in trigger.match]
    return own + [
        ClausePlace(place, label)
        for place, labels in enumerate(trigger.match_related)
        for label, _ in labels
    ]


def patterns_at(trigger: EventTrigger | MetricTrigger, place: ClausePlace) -> Patterns:
    """The patterns of one label."""
    labels = trigger.match if place.related is None else trigger.match_related[place.related]
    return dict(labels)[place.label]


def drop_label(trigger: EventTrigger | MetricTrigger, place: ClausePlace) -> DefinitionChange:
    """Do not ask about a label."""
    said: Sentence = ("drop ", Name(place.clause(trigger)))
    return _with_labels(trigger, place, None, said, 1.0)


def add_pattern(
    trigger: EventTrigger | MetricTrigger, place: ClausePlace, pattern: str, size: float = 0.5
) -> DefinitionChange:
    """One more alternative for a label."""
    patterns = (*patterns_at(trigger, place), pattern)
    said: Sentence = ("add to ", Name(place.clause(trigger)), ": ", Name(pattern))
    return _with_labels(trigger, place, patterns, said, size)


def drop_pattern(
    trigger: EventTrigger | MetricTrigger, place: ClausePlace, pattern: str
) -> DefinitionChange:
    """One alternative, or one exception, less."""
    patterns = tuple(one for one in patterns_at(trigger, place) if one != pattern)
    said: Sentence = ("drop from ", Name(place.clause(trigger)), ": ", Name(pattern))
    return _with_labels(trigger, place, patterns or None, said, 0.6)


def _with_labels(
    trigger: EventTrigger | MetricTrigger,
    place: ClausePlace,
    patterns: Patterns | None,
    said: Sentence,
    size: float,
) -> DefinitionChange:
    family = place.clause(trigger)
    if place.related is None:
        labels = _changed(trigger.match, place.label, patterns)
        fields: Mapping[str, object] = {"match": _object(labels)}
        return DefinitionChange(family, replace(trigger, match=labels), fields, said, size)
    objects = list(trigger.match_related)
    objects[place.related] = _changed(objects[place.related], place.label, patterns)
    return DefinitionChange(
        family,
        replace(trigger, match_related=tuple(objects)),
        {"match_related": related_field(tuple(objects))},
        said,
        size,
    )


def _changed(labels: LabelPatterns, label: str, patterns: Patterns | None) -> LabelPatterns:
    if patterns is None:
        return tuple((own, old) for own, old in labels if own != label)
    return tuple((own, patterns if own == label else old) for own, old in labels)


def _object(labels: LabelPatterns) -> dict[str, object]:
    return {label: p[0] if len(p) == 1 else list(p) for label, p in labels}


def related_field(objects: tuple[LabelPatterns, ...]) -> object:
    """``match_related`` as a definition has it."""
    found = [_object(labels) for labels in objects]
    if not found:
        return {}
    return found[0] if len(found) == 1 else found


def move_to_related(trigger: EventTrigger | MetricTrigger, place: ClausePlace) -> DefinitionChange:
    """Ask for a label of ``match`` in the related resources instead (M1, M2)."""
    assert place.related is None
    moved = ((place.label, patterns_at(trigger, place)),)
    objects = (*(one for one in trigger.match_related if one), moved)
    labels = _changed(trigger.match, place.label, None)
    fields = {"match": _object(labels), "match_related": related_field(objects)}
    said: Sentence = ("move ", Name(place.clause(trigger)), " into match_related")
    changed = replace(trigger, match=labels, match_related=objects)
    return DefinitionChange("move", changed, fields, said, 0.3)


def move_to_match(trigger: EventTrigger | MetricTrigger, place: ClausePlace) -> DefinitionChange:
    """Ask for a label of a related resource in the event's own resource instead (M1, M2)."""
    assert place.related is not None
    patterns = patterns_at(trigger, place)
    objects = tuple(
        one for number, one in enumerate(trigger.match_related) if number != place.related
    )
    labels = (*_changed(trigger.match, place.label, None), (place.label, patterns))
    fields = {"match": _object(labels), "match_related": related_field(objects)}
    said: Sentence = ("move ", Name(place.clause(trigger)), " into match")
    changed = replace(trigger, match=labels, match_related=objects)
    return DefinitionChange("move", changed, fields, said, 0.3)


def split_object(trigger: EventTrigger | MetricTrigger, number: int) -> DefinitionChange:
    """Let different related resources have the labels of one object (M2)."""
    each = tuple((one,) for one in trigger.match_related[number])
    objects = (*trigger.match_related[:number], *each, *trigger.match_related[number + 1 :])
    return DefinitionChange(
        "match_related",
        replace(trigger, match_related=objects),
        {"match_related": related_field(objects)},
        ("match_related: one object for each label",),
        0.4,
    )


def split_tags(trigger: EventTrigger, place: int, label: str) -> DefinitionChange:
    """Ask for each of a label's alternatives on its own: AND in place of OR (M2)."""
    labels = trigger.match_related[place]
    each = [
        tuple((own, (one,) if own == label else p) for own, p in labels)
        for one in dict(labels)[label]
    ]
    objects = (*trigger.match_related[:place], *each, *trigger.match_related[place + 1 :])
    return DefinitionChange(
        "match_related",
        replace(trigger, match_related=objects),
        {"match_related": related_field(objects)},
        ("match_related: one object for each of ", *listed(dict(labels)[label], last="and")),
        0.7,
    )


# --- Keys, posture, order -----------------------------------------------------------------


def change_for_each(trigger: EventTrigger, labels: tuple[str, ...]) -> DefinitionChange:
    """Another bucketing key."""
    labels = tuple(sorted(labels))
    added = [one for one in labels if one not in trigger.for_each]
    dropped = [one for one in trigger.for_each if one not in labels]
    said: Sentence = ("add to for_each: ", *listed(added))
    if dropped:
        said = ("drop from for_each: ", *listed(dropped, last="and"))
        if not labels:
            said = ("drop for_each",)
    return DefinitionChange(
        "for_each", replace(trigger, for_each=labels), {"for_each": list(labels)}, said, 1.0
    )


def flip_posture(trigger: EventTrigger) -> DefinitionChange | None:
    """Presence in place of absence, or the other way round."""
    if trigger.posture == "Reactive":
        if 0 < trigger.within < SHORTEST_PROACTIVE:
            return None
        changed = replace(trigger, posture="Proactive", within=trigger.within or SHORTEST_PROACTIVE)
    else:
        changed = replace(trigger, posture="Reactive")
    said: Sentence = (f"posture: {trigger.posture} → {changed.posture}",)
    return DefinitionChange("posture", changed, {"posture": changed.posture}, said, 3.0)


def as_compound(trigger: CompositeTrigger) -> DefinitionChange:
    """The same children in any order."""
    changed = replace(trigger, kind="compound", require=len(trigger.triggers))
    fields = {"type": "compound", "require": "all"}
    return DefinitionChange("type", changed, fields, ("type: sequence → compound",), 1.3)


def as_sequence(trigger: CompositeTrigger) -> DefinitionChange:
    """The same children, in their order only."""
    changed = replace(trigger, kind="sequence", require=len(trigger.triggers))
    return DefinitionChange(
        "type", changed, {"type": "sequence"}, ("type: compound → sequence",), 1.3
    )
