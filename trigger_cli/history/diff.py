"""Two replays of one log held against each other: two definitions, dialects or orders.

Firings are the same if the same event (or, where time alone brings them, the same window) brings
them in the same bucket. What differs is grouped by bucket, and for each group the records of the
two replays are read side by side up to the transition where they part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trigger_cli.dialects import Dialect
from trigger_cli.engine.replay import Replay
from trigger_cli.history.delivered import Deliveries, feed
from trigger_cli.history.first_difference import FirstDifference, parting_of
from trigger_cli.match.matcher import Side, Sides
from trigger_cli.model import (
    Automation,
    BadLine,
    DeliveryOrder,
    DeliveryTransition,
    EventTrigger,
    Firing,
    LogRecord,
    Transition,
    TriggerTransition,
)
from trigger_cli.pipeline import ReplayOptions

KEPT_TRANSITIONS = 200_000
"""How many transitions of each side are kept to find where the two part."""
KEPT_PROBLEMS = 100

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class DiffSide:
    """One of the two replays."""

    name: str
    """How the user knows it: a file, a dialect, an order."""
    automations: tuple[Automation, ...]
    dialect: Dialect
    order: DeliveryOrder
    firings: dict[int, list[Fired]] = field(default_factory=dict)
    """Each automation's own firings, by its index."""
    records: dict[int, list[TriggerTransition]] = field(default_factory=dict)
    """Each automation's transitions, in order, as far as they are kept."""
    kept: int = 0
    gave_up: bool = False
    """Whether there were too many transitions to keep all."""

    def note(self, transitions: Iterable[Transition]) -> None:
        """Take the next records of the replay."""
        for one in transitions:
            if isinstance(one, DeliveryTransition):
                continue
            automation = one.automation
            if one.kind == "fired" and one.is_own:
                window = None if one.before is None else one.before.start
                fired = Fired(one.firing, window, by_deadline=one.event is None)
                self.firings.setdefault(automation.index, []).append(fired)
            if self.kept < KEPT_TRANSITIONS:
                self.kept += 1
                self.records.setdefault(automation.index, []).append(one)
            else:
                self.gave_up = True


class Fired(NamedTuple):
    """A firing, and the window that it ended."""

    firing: Firing
    window: int | None
    """When the bucket's window began, µs."""
    by_deadline: bool

    @property
    def line(self) -> int | None:
        """The triggering event's line."""
        return None if self.firing.event is None else self.firing.event.line


class OtherTime(NamedTuple):
    """One firing of both sides, at two times."""

    first: Fired
    second: Fired


class Group(NamedTuple):
    """One bucket in which the two replays differ."""

    automation: str
    labels: Labels
    only_first: tuple[Fired, ...]
    only_second: tuple[Fired, ...]
    other_times: tuple[OtherTime, ...]
    same: int
    """How many of the bucket's firings are the same."""
    first_difference: FirstDifference | None
    """Where the records part; ``None``: they were too many to keep."""


class Compared(NamedTuple):
    """An automation of both sides."""

    name: str
    first: int
    """How often it fired on the first side."""
    second: int
    same: int
    groups: tuple[Group, ...]


@dataclass(slots=True)
class Diff:
    """What two replays came to."""

    first: DiffSide
    second: DiffSide
    automations: list[Compared]
    unmatched_first: list[tuple[str, int]]
    """Automations of the first side alone, with their firings."""
    unmatched_second: list[tuple[str, int]]
    started: int | None
    ended: int | None
    events: int
    problems: list[BadLine]
    malformed: int

    @property
    def differs(self) -> bool:
        """Whether some firing is not the same on both sides."""
        return any(one.groups for one in self.automations) or any(
            firings for _, firings in (*self.unmatched_first, *self.unmatched_second)
        )


class LogRead(NamedTuple):
    """One reading of the log, in the order of the sides that it is for."""

    records: Iterable[LogRecord]
    """An `Event` is matched here; a `Match` must be for what is `compared`."""
    sides: tuple[DiffSide, ...]


def compared(sides: Sequence[DiffSide]) -> Sides:
    """What the records of one reading must be matched for, where they are matched."""
    return Sides(tuple(Side(one.automations, one.dialect) for one in sides))


def diff(
    first: DiffSide, second: DiffSide, readings: Iterable[LogRead], options: ReplayOptions
) -> Diff:
    """Replay both sides, and tell where they differ.

    Args:
        first: The first side.
        second: The second.
        readings: The log for both sides or, where their orders differ, for each in turn.
        options: How to replay, but for dialect and order.
    """
    found = Diff(first, second, [], [], [], None, None, 0, [], 0)
    for reading in readings:
        _replay(reading, options, found)
    _compare(found)
    return found


def _replay(reading: LogRead, options: ReplayOptions, found: Diff) -> None:
    matcher, plans = compared(reading.sides).plans()
    replays = [Replay(plan, expired_bucket_buffer=options.expired_bucket_buffer) for plan in plans]
    problems: list[BadLine] = []
    malformed = 0

    def bad(line: BadLine) -> None:
        nonlocal malformed
        malformed += 1
        if len(problems) < KEPT_PROBLEMS:
            problems.append(line)

    deliveries = Deliveries(reading.records, options, matcher, bad)
    for one in deliveries:
        for side, replay in zip(reading.sides, replays, strict=True):
            if replay.started is None:
                replay.start(deliveries.started or 0)
            side.note(feed(replay, one))
    if deliveries.started is not None:
        for side, replay in zip(reading.sides, replays, strict=True):
            if replay.started is None:
                replay.start(deliveries.started)
            side.note(replay.finish(deliveries.clock))
        found.started = min(deliveries.started, found.started or deliveries.started)
        found.ended = max(deliveries.clock, found.ended or deliveries.clock)
    found.events = deliveries.events
    found.problems, found.malformed = problems, malformed


# --- Comparing -----------------------------------------------------------------------------


def _compare(found: Diff) -> None:
    pairs, lonely, others = _matched(found.first.automations, found.second.automations)
    for one, other in pairs:
        found.automations.append(_compared(found, one, other))
    found.unmatched_first = [(x.name, len(found.first.firings.get(x.index, ()))) for x in lonely]
    found.unmatched_second = [(x.name, len(found.second.firings.get(x.index, ()))) for x in others]


def _matched(
    first: Sequence[Automation], second: Sequence[Automation]
) -> tuple[list[tuple[Automation, Automation]], list[Automation], list[Automation]]:
    """Automations of the same name; the only one of each side belong together in any case."""
    if len(first) == len(second) == 1:
        return [(first[0], second[0])], [], []
    waiting: dict[str, list[Automation]] = {}
    for one in second:
        waiting.setdefault(one.name, []).append(one)
    pairs, lonely = [], []
    for one in first:
        mates = waiting.get(one.name)
        if mates:
            pairs.append((one, mates.pop(0)))
        else:
            lonely.append(one)
    left = {id(one) for mates in waiting.values() for one in mates}
    return pairs, lonely, [one for one in second if id(one) in left]


def _compared(found: Diff, one: Automation, other: Automation) -> Compared:
    first = found.first.firings.get(one.index, [])
    second = found.second.firings.get(other.index, [])
    groups = []
    same = 0
    for labels, mine, theirs in _by_bucket(first, second):
        only_first, only_second, times, alike = _matched_firings(mine, theirs)
        same += alike
        if only_first or only_second or times:
            first_difference = _parting(found, one, other, labels)
            groups.append(
                Group(
                    one.name,
                    labels,
                    tuple(only_first),
                    tuple(only_second),
                    tuple(times),
                    alike,
                    first_difference,
                )
            )
    return Compared(one.name, len(first), len(second), same, tuple(groups))


def _by_bucket(
    first: Sequence[Fired], second: Sequence[Fired]
) -> Iterator[tuple[Labels, list[Fired], list[Fired]]]:
    buckets: dict[Labels, tuple[list[Fired], list[Fired]]] = {}
    for side, firings in enumerate((first, second)):
        for one in firings:
            buckets.setdefault(one.firing.labels, ([], []))[side].append(one)
    for labels, (mine, theirs) in buckets.items():
        yield labels, mine, theirs


def _matched_firings(
    first: Sequence[Fired], second: Sequence[Fired]
) -> tuple[list[Fired], list[Fired], list[OtherTime], int]:
    """By triggering event, then by window, then by time; whatever is left is on one side only."""
    times: list[OtherTime] = []
    same = 0
    mine, theirs = list(first), list(second)
    for identity in (_by_event, _by_window, _by_time):
        waiting: dict[object, list[Fired]] = {}
        for one in theirs:
            waiting.setdefault(identity(one), []).append(one)
        left = []
        for one in mine:
            key = identity(one)
            mates = waiting.get(key) if key is not None else None
            if not mates:
                left.append(one)
                continue
            other = mates.pop(0)
            if one.firing.at == other.firing.at:
                same += 1
            else:
                times.append(OtherTime(one, other))
        free = {id(one) for mates in waiting.values() for one in mates}
        mine, theirs = left, [one for one in theirs if id(one) in free]
    times.sort(key=lambda one: one.first.firing.at)
    return mine, theirs, times, same


def _by_event(one: Fired) -> object:
    return None if one.by_deadline or one.line is None else one.line


def _by_window(one: Fired) -> object:
    return one.window if one.by_deadline else None


def _by_time(one: Fired) -> object:
    return one.firing.at


def _parting(
    found: Diff, one: Automation, other: Automation, labels: Labels
) -> FirstDifference | None:
    """Where the bucket's records part; for a composite, the first of its children that do."""
    first, second = found.first, found.second
    if first.gave_up or second.gave_up:
        return None
    mine = first.records.get(one.index, [])
    theirs = second.records.get(other.index, [])
    key = tuple(value for _, value in labels)
    if isinstance(one.trigger, EventTrigger) and isinstance(other.trigger, EventTrigger):
        mine = [record for record in mine if record.key == key]
        theirs = [record for record in theirs if record.key == key]
    return parting_of(mine, theirs, (one, first.dialect), (other, second.dialect))
