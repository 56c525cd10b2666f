"""The first difference between the records of two replays, and its cause in plain words."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.dialects import DIFFERENCE_BY_ID, DIFFERENCES, Dialect
from trigger_cli.explain.sentence import Name, Sentence, event_named
from trigger_cli.history.kept_replay import KeptRecords, KeptReplay, Place
from trigger_cli.match.plan import walk
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    Automation,
    Closed,
    CompositeTrigger,
    Event,
    EventTrigger,
    FiredTransition,
    HeldTransition,
    Key,
    MetricTrigger,
    Trigger,
    TriggerTransition,
)
from trigger_cli.times import exact_duration
from trigger_cli.views.windows import bucket_of

_NO_RECORDS: Sequence[TriggerTransition] = ()
_NAMED = 3
"""The most held events that a sentence names."""


class FirstDifference(Struct, frozen=True):
    """The first difference between two replays of one bucket."""

    at: int
    """The instant, µs."""
    trigger: str
    """The path of the trigger whose records differ."""
    event: Event | None
    """The event that the replays treat differently; ``None``: a deadline."""
    first: tuple[TriggerTransition, ...]
    """The records of the first replay at that instant."""
    second: tuple[TriggerTransition, ...]
    why: Sentence


class Told(Struct, frozen=True):
    """The records of one automation on one side."""

    kept: KeptReplay
    automation: Automation
    dialect: Dialect
    key: Key | None
    """The only bucketing key compared; ``None``: all keys."""

    def records(self) -> Mapping[Place, KeptRecords]:
        """The records by place, in the order of each place's first record."""
        if self.key is None:
            return self.kept.records(self.automation)
        place = self.automation.trigger.path, self.key
        found = self.kept.records_at(self.automation, place)
        return {place: found} if found else {}

    def event_of(self, seq: int) -> Event | None:
        """The event of the record with number `seq`."""
        one = self.kept.by_seq(seq)
        if one is None or one.automation is not self.automation:
            return None
        return one.event if self.key is None or one.key == self.key else None


def first_difference_of(first: Told, second: Told) -> FirstDifference | None:
    """The earliest difference between the records of two sides, leaves before composites.

    One that views do not show, or that is of the clock alone, only if there is no other.
    """
    mine, theirs = first.records(), second.records()
    found: list[tuple[int, int, int, FirstDifference]] = []
    for place in dict.fromkeys((*mine, *theirs)):
        a, b = mine.get(place, _NO_RECORDS), theirs.get(place, _NO_RECORDS)
        for level, mark in enumerate((_shown_mark, _mark, _timed_mark)):
            index = _apart(a, b, mark)
            if index == len(a) == len(b):
                continue
            first_difference = _difference_at(place[0], a, b, index, first, second)
            if said := _held(first_difference, first, second):
                first_difference = replace(first_difference, why=said)
            composite = isinstance((a or b)[0].trigger, CompositeTrigger)
            found.append((level, first_difference.at, composite, first_difference))
            break
    return min(found, key=lambda entry: entry[:3])[3] if found else None


def _apart(
    a: Sequence[TriggerTransition],
    b: Sequence[TriggerTransition],
    mark: Callable[[TriggerTransition], object],
) -> int:
    """The first index at which the marks differ, or one sequence has ended."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((n for n, (x, y) in pairs if mark(x) != mark(y)), min(len(a), len(b)))


def _shown_mark(record: TriggerTransition) -> tuple[object, ...]:
    """`_mark`, without what views show of a firing alone: which event a bucket took last."""
    kind, line, count, last, *rest = _mark(record)
    return kind, line, count, last if kind == "fired" else None, *rest


def _mark(record: TriggerTransition) -> tuple[object, ...]:
    """The parts of a record that must be equal in both replays; window lengths may differ."""
    bucket = bucket_of(record)
    count = None if bucket is None else bucket.count
    at = record.at if record.event is None or isinstance(record.trigger, MetricTrigger) else None
    child = None
    if isinstance(record, HeldTransition | FiredTransition):
        child = record.firing.trigger.path
    last = None if bucket is None or bucket.last_event is None else bucket.last_event.line
    kind = "closed" if _ends_alike(record) else record.kind
    return (kind, _line(record), count, last, at, child)


def _ends_alike(record: TriggerTransition) -> bool:
    """Whether it ends a satisfied window at its end, and only `after` opens the next (E5, P5)."""
    trigger = record.trigger
    if not isinstance(record, Closed) or not isinstance(trigger, EventTrigger):
        return False
    return record.rule == "P5" and bool(trigger.after) and record.at == record.before.end


def _timed_mark(record: TriggerTransition) -> tuple[object, ...]:
    """`_mark`, with the clock also of an event: delivery may have held it back (O4)."""
    return record.at, *_mark(record)


def _line(record: TriggerTransition) -> int | None:
    return None if record.event is None else record.event.line


def _difference_at(
    path: str,
    a: Sequence[TriggerTransition],
    b: Sequence[TriggerTransition],
    index: int,
    one: Told,
    other: Told,
) -> FirstDifference:
    """The difference between records that are the same before `index`."""
    mine, theirs = a[index:], b[index:]
    # If one side continues earlier than the other, its record is the first difference.
    begins = [records[0] for records in (mine, theirs) if records]
    at = min(record.at for record in begins)
    lines = [_line(record) for record in begins if record.at == at]
    # A deadline runs before the events of its instant (T4).
    line = None if None in lines else min(filter(None, lines))
    # What a side did that the other did, too, is all that it did, if it did no more.
    first = _instant(mine, at, line) or _instant_before(a, index, at, line)
    second = _instant(theirs, at, line) or _instant_before(b, index, at, line)
    event = next((x.event for x in (*first, *second) if x.event is not None), None)
    why = _at_another_time(event, mine, theirs, at) or _why(path, event, first, second, one, other)
    return FirstDifference(at, path, event, first, second, why)


def _at_another_time(
    event: Event | None,
    mine: Sequence[TriggerTransition],
    theirs: Sequence[TriggerTransition],
    at: int,
) -> Sentence | None:
    """A sentence if one side takes the event later, as in another order of delivery."""
    if event is None or not mine or not theirs:
        return None
    for letter, records in (("A", mine), ("B", theirs)):
        same = (one.at for one in records if one.event is not None and one.event.id == event.id)
        if (taken := next(same, at)) > at:
            return (f"{letter} takes it {exact_duration(taken - at)} later",)
    return None


def _instant(
    records: Sequence[TriggerTransition], at: int, line: int | None
) -> tuple[TriggerTransition, ...]:
    """The records of one instant and one event (or a deadline), from the first on."""
    return tuple(takewhile(lambda one: one.at == at and _line(one) == line, records))


def _instant_before(
    records: Sequence[TriggerTransition], index: int, at: int, line: int | None
) -> tuple[TriggerTransition, ...]:
    """The records of one instant and one event (or a deadline) that end before `index`."""
    start = index
    while start and records[start - 1].at == at and _line(records[start - 1]) == line:
        start -= 1
    return tuple(records[start:index])


def _why(
    path: str,
    event: Event | None,
    first: Sequence[TriggerTransition],
    second: Sequence[TriggerTransition],
    one: Told,
    other: Told,
) -> Sentence:
    triggers = []
    for letter, told in (("A", one), ("B", other)):
        trigger = next((x for x in walk(told.automation.trigger) if x.path == path), None)
        if trigger is None:
            return (f"{letter} has no trigger {path}",)
        triggers.append(trigger)
    mine, theirs = map(_fired_with, (first, second))
    if mine != theirs and () not in (mine, theirs):
        return ("A fires with ", *mine, ", B with ", *theirs, *_by_dialect(one, other, "D15"))
    said = "from here on they differ"
    if event is not None and bool(first) != bool(second):
        letter, trigger, told = ("B", triggers[1], other) if first else ("A", triggers[0], one)
        refused = _refused(trigger, event, told.dialect)
        if refused is not None:
            return (f"{letter} does not take it: ", *refused, *_by_dialect(one, other))
        said = f"{letter} does nothing with it"
    decided = (_DECIDING.get((x.kind, x.rule)) for x in (*first, *second))
    return (said, *_fields(*triggers), *_by_dialect(one, other, *filter(None, decided)))


_DECIDING = {
    ("dropped", "P5"): "D6",
    ("opened", "P6"): "D7",
    ("ignored", "S2"): "D8",
    ("dropped", "S2"): "D9",
}
"""The row of section D for a record that only one side of it makes."""


def _refused(trigger: Trigger, event: Event, dialect: Dialect) -> Sentence | None:
    """The first clause that the event does not match."""
    if isinstance(trigger, CompositeTrigger):
        return None
    failed = next((one for one in why_not(trigger, event, dialect) if not one.passed), None)
    if failed is None:
        return None
    wanted = ", ".join(failed.expected[:3])
    actual = ("nothing",) if failed.actual is None else (Name(failed.actual),)
    return (Name(failed.clause), " wants ", Name(wanted), " and finds ", *actual)


def _fields(one: Trigger, other: Trigger) -> Sentence:
    """The fields in which the two triggers differ, if any."""
    if not (isinstance(one, EventTrigger) and isinstance(other, EventTrigger)):
        return ()
    parts = []
    for name in ("posture", "threshold", "within", "expect", "after", "for_each"):
        values = [getattr(trigger, name) for trigger in (one, other)]
        if values[0] != values[1]:
            parts.append(f"{name} {' and '.join(_written(name, value) for value in values)}")
    # Each for itself, as a long name is shortened.
    return tuple(x for n, part in enumerate(parts) for x in ("; " if n else ": ", Name(part)))


def _written(name: str, value: Any) -> str:
    if name == "within":
        return exact_duration(value)
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)


_ROWS = {
    ("opened", "H4"): "D13",
    ("renewed", "H4"): "D14",
    ("renewed", "H6"): "D14",
    ("ignored", "H3"): "D16",
}
"""The row of section D for a record about held events."""


def _held(difference: FirstDifference, first: Told, second: Told) -> Sentence | None:
    """Which held events one side counts again, if that is the difference (H)."""
    for side, told_by, records in (
        ("A", first, difference.first),
        ("B", second, difference.second),
    ):
        for record in records:
            row = _ROWS.get((record.kind, record.rule))
            if row is None:
                continue
            told: Sentence = (
                f" ({row}, {DIFFERENCE_BY_ID[row].told(first.dialect, second.dialect)})",
            )
            counted = [
                event
                for seq in record.because
                if (event := told_by.event_of(seq)) is not None and event != record.event
            ]
            if not counted:
                return (f"{side} decides by what it holds, by {record.rule}", *told)
            names = [part for x in counted[:_NAMED] for part in (*event_named(x), ", ")]
            more = f"and {len(counted) - _NAMED:,} more, " if len(counted) > _NAMED else ""
            words = f"which {'were' if len(counted) > 1 else 'was'} processed before"
            return (f"{side} counts ", *names, f"{more}{words}", *told)
    return None


def _fired_with(records: Sequence[TriggerTransition]) -> Sentence:
    """The event of the first firing; of one by a deadline, the last of its bucket; ``()``: none fired."""
    fired = next((one for one in records if isinstance(one, FiredTransition)), None)
    if fired is None:
        return ()
    event = fired.firing.event or (fired.before and fired.before.last_event)
    return event_named(event) if event else ("no event",)


def _by_dialect(one: Told, other: Told, *only: str) -> Sentence:
    """The rows of section D, or those of `only`, that may be the cause, if the dialects differ."""
    if one.dialect is other.dialect:
        return ()
    from trigger_cli.engine.sensitivity import possible_reasons  # noqa: PLC0415  # rarely needed

    rows = possible_reasons(one.automation, one.dialect, other.dialect)
    said = [
        f"{x.id}, {x.told(one.dialect, other.dialect)}"
        for x in DIFFERENCES
        if x.id in rows and x.id in (only or rows)
    ]
    if not said:
        return ()
    return (" (" if len(said) == 1 else " (one or more of: ", " · ".join(said), ")")
