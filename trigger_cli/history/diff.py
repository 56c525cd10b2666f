"""Two replays of one log held against each other: two definitions, dialects or orders.

Firings are the same if the same event (or, where time alone brings them, the same window) brings
them in the same bucket. What differs is grouped by bucket, and for each group the records of the
two replays are read side by side up to the transition where they part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trigger_cli.dialects import Dialect
from trigger_cli.engine.delivered import feed
from trigger_cli.engine.replay import Replay
from trigger_cli.history.delivered import Deliveries
from trigger_cli.history.first_difference import FirstDifference, parting_of
from trigger_cli.history.pairing import in_turn, matched
from trigger_cli.match.matcher import Side, Sides
from trigger_cli.model import (
    Automation,
    BadLine,
    DeliveryOrder,
    DeliveryTransition,
    EventTrigger,
    Firing,
    Key,
    LogRecord,
    Transition,
    TriggerTransition,
)
from trigger_cli.pipeline import ReplayOptions

KEPT_TRANSITIONS = 200_000
"""How many transitions of each side are kept to find where the two part."""

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

    def afresh(self) -> DiffSide:
        """The same side before its replay."""
        return DiffSide(self.name, self.automations, self.dialect, self.order)

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


class FiringPair(NamedTuple):
    """One firing of both sides, perhaps at another time or with another event."""

    first: Fired
    second: Fired

    @property
    def has_other_event(self) -> bool:
        """Whether they carry different events."""
        return self.first.line != self.second.line


class Group(NamedTuple):
    """One bucket in which the two replays differ."""

    automation: str
    labels: Labels
    only_first: tuple[Fired, ...]
    only_second: tuple[Fired, ...]
    other_times: tuple[FiringPair, ...]
    other_events: tuple[FiringPair, ...]
    """At the same time, with another event: a deadline's firings (H5)."""
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
    automations: list[Compared] = field(default_factory=list)
    unmatched_first: list[tuple[str, int]] = field(default_factory=list)
    """Automations of the first side alone, with their firings."""
    unmatched_second: list[tuple[str, int]] = field(default_factory=list)
    started: int | None = None
    ended: int | None = None
    events: int = 0
    malformed: int = 0
    problem: BadLine | None = None
    """The first line that is no event."""
    leaderless: int = 0
    """How many events waited in vain for the one they follow (O4)."""

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
    found = Diff(first, second)
    for reading in readings:
        _replay(reading, options, found)
    _compare(found)
    return found


def _replay(reading: LogRead, options: ReplayOptions, found: Diff) -> None:
    matcher, plans = compared(reading.sides).plans()
    replays = [Replay(plan, expired_bucket_buffer=options.expired_bucket_buffer) for plan in plans]
    deliveries = Deliveries(reading.records, options, matcher)
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
    found.events, found.malformed = deliveries.events, deliveries.malformed
    found.problem = deliveries.problem
    found.leaderless = deliveries.lost_leaders.count


# --- Comparing -----------------------------------------------------------------------------


def _compare(found: Diff) -> None:
    first, second = found.first, found.second
    # By name; the only one of each side belong together in any case.
    are_alone = len(first.automations) == len(second.automations) == 1

    def key(one: Automation) -> object:
        return are_alone or one.name

    mate_of = in_turn(second.automations, key, key)
    pairs, lonely, others = matched(first.automations, second.automations, mate_of)
    found.automations = [_compared(found, one, other) for one, other in pairs]
    found.unmatched_first = [(x.name, len(first.firings.get(x.index, ()))) for x in lonely]
    found.unmatched_second = [(x.name, len(second.firings.get(x.index, ()))) for x in others]


def _compared(found: Diff, one: Automation, other: Automation) -> Compared:
    first = found.first.firings.get(one.index, [])
    second = found.second.firings.get(other.index, [])
    buckets: dict[Labels, tuple[list[Fired], list[Fired]]] = {}
    for side, firings in enumerate((first, second)):
        for fired in firings:
            buckets.setdefault(fired.firing.labels, ([], []))[side].append(fired)
    groups = []
    same = 0
    parting = _parting(found, one, other)
    for labels, (mine, theirs) in buckets.items():
        only_first, only_second, pairs = _matched_firings(mine, theirs)
        times = tuple(x for x in pairs if x.first.firing.at != x.second.firing.at)
        events = tuple(
            x for x in pairs if x.first.firing.at == x.second.firing.at and x.has_other_event
        )
        alike = len(pairs) - len(times) - len(events)
        same += alike
        if only_first or only_second or times or events:
            difference = parting(labels)
            groups.append(
                Group(one.name, labels, only_first, only_second, times, events, alike, difference)
            )
    return Compared(one.name, len(first), len(second), same, tuple(groups))


# What makes two firings the same: the triggering event, else the window, else the time.
_IDENTITIES: tuple[Callable[[Fired], object], ...] = (
    lambda one: None if one.by_deadline else one.line,
    lambda one: one.window if one.by_deadline else None,
    lambda one: one.firing.at,
)


def _matched_firings(
    first: list[Fired], second: list[Fired]
) -> tuple[tuple[Fired, ...], tuple[Fired, ...], list[FiringPair]]:
    """What is on one side only, and what is on both, by time."""
    found: list[FiringPair] = []
    for identity in _IDENTITIES:
        mate_of = in_turn(second, identity, identity)
        pairs, first, second = matched(first, second, mate_of)
        found += [FiringPair(*pair) for pair in pairs]
    found.sort(key=lambda one: one.first.firing.at)
    return tuple(first), tuple(second), found


def _parting(
    found: Diff, one: Automation, other: Automation
) -> Callable[[Labels], FirstDifference | None]:
    """Where a bucket's records part; for a composite, the first of its children that do."""
    first, second = found.first, found.second
    if first.gave_up or second.gave_up:
        return lambda _labels: None
    is_keyed = isinstance(one.trigger, EventTrigger) and isinstance(other.trigger, EventTrigger)
    mine = _by_key(first.records.get(one.index, []), is_keyed=is_keyed)
    theirs = _by_key(second.records.get(other.index, []), is_keyed=is_keyed)

    def parting(labels: Labels) -> FirstDifference | None:
        key = tuple(value for _, value in labels) if is_keyed else ()
        sides = (one, first.dialect), (other, second.dialect)
        return parting_of(mine.get(key, []), theirs.get(key, []), *sides)

    return parting


def _by_key(
    records: list[TriggerTransition], *, is_keyed: bool
) -> Mapping[Key, list[TriggerTransition]]:
    """The records of each bucket, in order; under the empty key all of them, if not `is_keyed`."""
    if not is_keyed:
        return {(): records}
    found: defaultdict[Key, list[TriggerTransition]] = defaultdict(list)
    for record in records:
        found[record.key].append(record)
    return found
