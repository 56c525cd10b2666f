"""Compares two replays of one log: two definitions, dialects or orders.

Firings are the same if they have the same bucket and the same event or, without an event, the same
window. Differences are grouped by bucket. For each group, the records of the two replays are
compared up to the first transition that differs.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.dialects import Dialect
from trigger_cli.engine.delivered import feed
from trigger_cli.engine.replay import Replay
from trigger_cli.events.batch import Rows
from trigger_cli.history.delivered import Deliveries
from trigger_cli.history.first_difference import FirstDifference, Told, first_difference_of
from trigger_cli.history.kept_replay import Fired, KeptFirings, KeptReplay, Labels
from trigger_cli.history.pairing import in_turn, matched
from trigger_cli.lazy_sequence import LazySequence
from trigger_cli.match.matcher import Side, Sides
from trigger_cli.model import (
    Automation,
    DeliveryOrder,
    DeliveryTransition,
    EventTrigger,
    LogRecord,
    Transition,
)
from trigger_cli.pipeline import ReplayOptions

KEPT_TRANSITIONS = 200_000
"""The most transitions to keep of each side, to find the first that differs."""


@dataclass(slots=True)
class DiffSide:
    """One of the two replays."""

    name: str
    """The side's name for the user: a file, a dialect, an order."""
    automations: tuple[Automation, ...]
    dialect: Dialect
    order: DeliveryOrder
    kept: KeptReplay = field(init=False)
    """Each automation's own firings, and its transitions unless there are too many."""
    gave_up: bool = False
    """Whether there were too many transitions to keep."""

    def __post_init__(self) -> None:
        self.kept = KeptReplay(self.automations)

    @property
    def delivery(self) -> tuple[DeliveryOrder, bool]:
        """What decides when its events are processed (O1, D22): sides that agree need one reading."""
        return self.order, self.dialect.self_followers_wait

    def afresh(self) -> DiffSide:
        """A copy of the side before its replay."""
        return DiffSide(self.name, self.automations, self.dialect, self.order)

    def note(self, transitions: Iterable[Transition]) -> None:
        """Add the next records of the replay."""
        room = KEPT_TRANSITIONS - self.kept.count
        for one in transitions:
            if isinstance(one, DeliveryTransition):
                continue
            if one.kind == "fired" and one.is_own:
                self.kept.add_firing(one)
            if self.gave_up:
                continue
            if room > 0:
                self.kept.add_record(one)
                room -= 1
            else:
                self.gave_up = True
                self.kept.forget_records()


class FiringPair(Struct, frozen=True):
    """One firing of both sides, possibly at different times or with different events."""

    first: Fired
    second: Fired

    @property
    def has_other_event(self) -> bool:
        """Whether the firings have different events."""
        return self.first.line != self.second.line


class Group(Struct, frozen=True):
    """One bucket of an automation of both sides, and its differences."""

    automation: str
    labels: Labels
    only_first: Sequence[Fired]
    only_second: Sequence[Fired]
    other_times: Sequence[FiringPair]
    other_events: Sequence[FiringPair]
    """Firings by a deadline at the same time but with different events (H5)."""
    same: int
    """The number of the bucket's firings that are the same."""
    find_difference: Callable[[Labels], FirstDifference | None]

    @property
    def differs(self) -> bool:
        """Whether any firing differs between the sides."""
        return bool(self.only_first or self.only_second or self.other_times or self.other_events)

    @property
    def first_difference(self) -> FirstDifference | None:
        """The first difference of the records, computed on each call; ``None``: none were kept."""
        return self.find_difference(self.labels)


class Compared(Struct):
    """An automation of both sides, with its differences."""

    name: str
    renamed: str | None
    """Its name on the second side, if that is another."""
    first: int
    """The number of firings on the first side."""
    second: int
    groups: LazySequence[Group]
    """The buckets in which the two replays differ, each computed on access."""
    same: int = 0
    """The number of equal firings; the next fields count the others over all `groups`."""
    only_first: int = 0
    only_second: int = 0
    other_times: int = 0
    other_events: int = 0

    def count(self, group: Group) -> None:
        """Add the counts of one of its buckets."""
        self.same += group.same
        self.only_first += len(group.only_first)
        self.only_second += len(group.only_second)
        self.other_times += len(group.other_times)
        self.other_events += len(group.other_events)


@dataclass(slots=True)
class Diff:
    """The comparison of two replays."""

    first: DiffSide
    second: DiffSide
    automations: list[Compared] = field(default_factory=list)
    unmatched_first: list[tuple[str, int]] = field(default_factory=list)
    """Automations of the first side only, with their number of firings."""
    unmatched_second: list[tuple[str, int]] = field(default_factory=list)
    started: int | None = None
    ended: int | None = None
    events: int = 0
    malformed: int = 0
    leaderless: int = 0
    """The number of events whose leader did not come in time (O4)."""

    @property
    def differs(self) -> bool:
        """Whether any firing differs between the sides."""
        return any(one.groups for one in self.automations) or any(
            firings for _, firings in (*self.unmatched_first, *self.unmatched_second)
        )


class LogRead(Struct, frozen=True):
    """One reading of the log, for one or both sides."""

    records: Iterable[LogRecord | Rows]
    """An `Event` is matched here; a `Match`, also in `Rows`, must have been made for the sides from
    `compared`."""
    sides: tuple[DiffSide, ...]


def compared(sides: Sequence[DiffSide]) -> Sides:
    """The automations and dialects of the sides of one reading, for matching elsewhere."""
    return Sides(tuple(Side(one.automations, one.dialect) for one in sides))


def diff(
    first: DiffSide, second: DiffSide, readings: Iterable[LogRead], options: ReplayOptions
) -> Diff:
    """Replay both sides and compare them.

    Args:
        first: The first side.
        second: The second side.
        readings: The log for both sides or, if their deliveries differ, for each in turn.
        options: How to replay, except dialect and order.
    """
    found = Diff(first, second)
    for reading in readings:
        _replay(reading, options, found)
    _compare(found)
    return found


def _replay(reading: LogRead, options: ReplayOptions, found: Diff) -> None:
    matcher, plans = compared(reading.sides).plans()
    replays = [Replay(plan, expired_bucket_buffer=options.expired_bucket_buffer) for plan in plans]
    options = replace(options, dialect=reading.sides[0].dialect)
    deliveries = Deliveries(reading.records, options, matcher)
    with deliveries.naming_event():
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
    if deliveries.started is not None:
        found.started = min(deliveries.started, found.started or deliveries.started)
        found.ended = max(deliveries.clock, found.ended or deliveries.clock)
    found.events, found.malformed = deliveries.events, deliveries.malformed
    found.leaderless = deliveries.lost_leaders.count


# --- Comparing -----------------------------------------------------------------------------


def _compare(found: Diff) -> None:
    first, second = found.first, found.second
    # Pair automations by name; if each side has only one, pair the two.
    are_alone = len(first.automations) == len(second.automations) == 1

    def key(one: Automation) -> object:
        return are_alone or one.name

    partner_of = in_turn(second.automations, key, key)
    pairs, lonely, others = matched(first.automations, second.automations, partner_of)
    found.automations = [_compared(found, one, other) for one, other in pairs]
    found.unmatched_first = [(x.name, _fired(first, x)) for x in lonely]
    found.unmatched_second = [(x.name, _fired(second, x)) for x in others]


def _fired(side: DiffSide, one: Automation) -> int:
    """The number of firings."""
    return sum(map(len, side.kept.firings(one).values()))


def _compared(found: Diff, one: Automation, other: Automation) -> Compared:
    first, second = found.first.kept.firings(one), found.second.kept.firings(other)
    first_difference = _first_differences(found, one, other)

    def group(labels: Labels) -> Group:
        mine = first.get(labels) or KeptFirings(found.first.kept, one)
        theirs = second.get(labels) or KeptFirings(found.second.kept, other)
        return _group(one.name, labels, mine, theirs, first_difference)

    differing: list[Labels] = []
    compared = Compared(
        one.name,
        None if one.name == other.name else other.name,
        _fired(found.first, one),
        _fired(found.second, other),
        LazySequence(group, differing),
    )
    for labels in dict.fromkeys((*first, *second)):
        bucket = group(labels)
        compared.count(bucket)
        if bucket.differs:
            differing.append(labels)
    return compared


def _group(
    name: str,
    labels: Labels,
    mine: KeptFirings,
    theirs: KeptFirings,
    first_difference: Callable[[Labels], FirstDifference | None],
) -> Group:
    pairing = _Pairing(mine, theirs)
    for identity in _IDENTITIES:
        pairing.pair(identity)
    unlike = sorted(pairing.unlike, key=lambda one: one.first.at)
    times = [one for one in unlike if one.first.at != one.second.at]
    events = [one for one in unlike if one.first.at == one.second.at]
    free, others = pairing.free
    return Group(
        name,
        labels,
        mine.some(free),
        theirs.some(others),
        times,
        events,
        pairing.alike,
        first_difference,
    )


# What makes two firings the same: the triggering event, else the window, else the time; of several
# at one time, those with the same event first.
_IDENTITIES: tuple[Callable[[Fired], object], ...] = (
    lambda one: None if one.by_deadline else one.line,
    lambda one: one.window if one.by_deadline else None,
    lambda one: (one.at, one.line),
    lambda one: one.at,
)
_Waiting: TypeAlias = defaultdict[object, list[int]]


class _Pairing:
    """Pairs the firings of a bucket on both sides.

    The two are read side by side, so memory grows only with the firings whose partner is at another
    place, or that have none.
    """

    def __init__(self, first: KeptFirings, second: KeptFirings) -> None:
        self._sides = first, second
        self.free = array("q", range(len(first))), array("q", range(len(second)))
        """The places of each side's firings that have no partner."""
        self.alike = 0
        """The number of pairs at the same time and with the same event."""
        self.unlike: list[FiringPair] = []
        """The other pairs."""

    def pair(self, identity: Callable[[Fired], object]) -> None:
        """Pair free firings that have the same identity, except ``None``, in order."""
        if not all(self.free):
            return
        free = array("q"), array("q")
        unlike: list[FiringPair] = []
        waiting: tuple[_Waiting, _Waiting] = defaultdict(list), defaultdict(list)
        for turn in zip_longest(*self.free):
            for side, place in enumerate(turn):
                if place is None:
                    continue
                key = identity(self._sides[side][place])
                if key is None:
                    free[side].append(place)
                elif key in waiting[1 - side]:
                    mate = _taken(waiting[1 - side], key)
                    unlike += self._paired(*((place, mate) if side == 0 else (mate, place)))
                else:
                    waiting[side][key].append(place)
        for left, more in zip(free, waiting, strict=True):
            left.extend(chain.from_iterable(more.values()))
        self.free = array("q", sorted(free[0])), array("q", sorted(free[1]))
        self.unlike += sorted(unlike, key=lambda one: one.first.position)

    def _paired(self, place: int, mate: int) -> list[FiringPair]:
        """Note a pair; return it if its firings are not alike."""
        pair = FiringPair(self._sides[0][place], self._sides[1][mate])
        if pair.first.at != pair.second.at or pair.has_other_event:
            return [pair]
        self.alike += 1
        return []


def _taken(waiting: _Waiting, key: object) -> int:
    """The first place that waits with a key, and does so no more."""
    places = waiting[key]
    place = places.pop(0)
    if not places:
        del waiting[key]
    return place


def _first_differences(
    found: Diff, one: Automation, other: Automation
) -> Callable[[Labels], FirstDifference | None]:
    """Find the first difference of a bucket; for a composite, the first of its children's."""
    first, second = found.first, found.second
    if first.gave_up or second.gave_up:
        return lambda _labels: None
    is_keyed = isinstance(one.trigger, EventTrigger) and isinstance(other.trigger, EventTrigger)

    def first_difference(labels: Labels) -> FirstDifference | None:
        key = tuple(value for _, value in labels) if is_keyed else None
        return first_difference_of(
            Told(first.kept, one, first.dialect, key), Told(second.kept, other, second.dialect, key)
        )

    return first_difference
