"""Stores a replay's firings and records as bytes, because few of them are read again.

Memory has only numbers: the positions of the records of each bucket, and for each firing the fields
that identify it. So memory grows by some tens of bytes for each, whatever the events contain.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from trigger_cli.firings import FiringForm, plain_firing
from trigger_cli.lazy_sequence import LazySequence
from trigger_cli.model import (
    RECORDS,
    Automation,
    Bucket,
    BucketTransition,
    Event,
    FiredTransition,
    Firing,
    HeldTransition,
    Key,
    MetricTransition,
    RunMeasure,
    TriggerTransition,
    value_of,
)
from trigger_cli.spill import PackedRows

_REMEMBERED_EVENTS = 10_000
"""The number of latest events whose positions are remembered."""
_NONE = -(2**63)
"""``None`` in a column of numbers."""

Labels: TypeAlias = tuple[tuple[str, str], ...]
Place: TypeAlias = tuple[str, Key]
"""The place of a record: a trigger's path, and the bucketing key."""


class Fired(Struct, frozen=True):
    """A firing and the window that it ended."""

    kept: KeptReplay
    automation: Automation
    position: int
    at: int
    """The simulated clock, µs."""
    line: int | None
    """The triggering event's line."""
    window: int | None
    """When the bucket's window began, µs."""
    by_deadline: bool

    @property
    def firing(self) -> Firing:
        """The complete firing."""
        return self.kept.firing(self.position)


class KeptFirings:
    """The firings of a bucket, in order, each read on access."""

    _WIDTH = 5

    def __init__(self, kept: KeptReplay, automation: Automation) -> None:
        self._kept = kept
        self._automation = automation
        self._numbers = array("q")

    def add(self, fired: FiredTransition, position: int) -> None:
        """Add a firing that is stored at `position`."""
        event, before = fired.firing.event, fired.before
        line = _NONE if event is None else event.line
        window = _NONE if before is None else before.start
        self._numbers.extend((position, fired.at, line, window, fired.event is None))

    def some(self, places: array[int]) -> Sequence[Fired]:
        """The firings at some places."""
        return LazySequence(self.__getitem__, places)

    def __len__(self) -> int:
        return len(self._numbers) // self._WIDTH

    def __getitem__(self, place: int) -> Fired:
        begin = range(len(self))[place] * self._WIDTH
        position, at, line, window, by_deadline = self._numbers[begin : begin + self._WIDTH]
        return Fired(
            self._kept,
            self._automation,
            position,
            at,
            None if line == _NONE else line,
            None if window == _NONE else window,
            bool(by_deadline),
        )


KeptRecords: TypeAlias = LazySequence[TriggerTransition]
"""Records of one replay, in order, each read on access."""


class KeptReplay:
    """The firings and records of a replay.

    Args:
        automations: The automations of the replay.
    """

    def __init__(self, automations: Sequence[Automation]) -> None:
        self._form = FiringForm(automations, self._event)
        self._store = PackedRows()
        self._event_positions: dict[int, int] = {}
        self._last_firing: Firing | None = None
        self._last_firing_position = 0
        self._keeps_records = True
        self._firings: dict[int, dict[Labels, KeptFirings]] = {}
        self._records: dict[tuple[int, str, Key], array[int]] = {}
        # Each record's position by its `seq`, which ascends.
        self._seqs = array("q")
        self._positions = array("q")

    @property
    def count(self) -> int:
        """The number of records stored."""
        return len(self._seqs)

    def add_firing(self, fired: FiredTransition) -> None:
        """Store an automation's own firing."""
        position = self._firing_position(fired.firing)
        automation = fired.automation
        buckets = self._firings.setdefault(automation.index, {})
        firings = buckets.get(fired.firing.labels)
        if firings is None:
            firings = buckets[fired.firing.labels] = KeptFirings(self, automation)
        firings.add(fired, position)

    def add_record(self, one: TriggerTransition) -> None:
        """Store a record."""
        place = index, path, key = one.automation.index, one.trigger.path, one.key
        event = self._event_position(one.event)
        head = (index, path, key, one.seq, one.at, one.kind, one.rule, one.because, event)
        position = self._store.add((*head, *self._plain_rest(one)))
        self._seqs.append(one.seq)
        self._positions.append(position)
        positions = self._records.get(place)
        if positions is None:
            positions = self._records[place] = array("q")
        positions.append(position)

    def forget_records(self) -> None:
        """Drop all records; no more may be added."""
        self._keeps_records = False
        self._records.clear()
        self._seqs, self._positions = array("q"), array("q")

    def firings(self, automation: Automation) -> dict[Labels, KeptFirings]:
        """An automation's own firings by bucket, in the order of each bucket's first firing."""
        return self._firings.get(automation.index, {})

    def firing(self, position: int) -> Firing:
        """The stored firing at a position."""
        return self._form.firing(self._store[position])

    def records(self, automation: Automation) -> dict[Place, KeptRecords]:
        """An automation's records by place, in the order of each place's first record."""
        return {
            (path, key): KeptRecords(self._record, positions)
            for (index, path, key), positions in self._records.items()
            if index == automation.index
        }

    def records_at(self, automation: Automation, place: Place) -> KeptRecords:
        """The records of a place; may be empty."""
        positions = self._records.get((automation.index, *place), array("q"))
        return KeptRecords(self._record, positions)

    def by_seq(self, seq: int) -> TriggerTransition | None:
        """The record with this number; ``None`` if it is not stored."""
        place = bisect_left(self._seqs, seq)
        if place == len(self._seqs) or self._seqs[place] != seq:
            return None
        return self._record(self._positions[place])

    # --- To bytes ------------------------------------------------------------------------

    def _plain_rest(self, one: TriggerTransition) -> tuple[Any, ...]:
        """The fields of a record beyond those that all records have."""
        if isinstance(one, BucketTransition):
            return (self._plain_bucket(one.before), self._plain_bucket(one.after))
        if isinstance(one, FiredTransition):
            firing, before = self._firing_position(one.firing), self._plain_bucket(one.before)
            return (firing, before, one.value, tuple(map(tuple, one.runs)))
        if isinstance(one, HeldTransition):
            return (self._firing_position(one.firing),)
        return (value_of(one),)

    def _plain_bucket(self, bucket: Bucket | None) -> tuple[Any, ...] | None:
        if bucket is None:
            return None
        return (bucket.start, bucket.end, bucket.count, self._event_position(bucket.last_event))

    def _firing_position(self, firing: Firing) -> int:
        # A composite takes a child's firing right after it.
        if firing is not self._last_firing:
            self._last_firing = firing
            self._last_firing_position = self._store.add(plain_firing(firing, self._event_position))
        return self._last_firing_position

    def _event_position(self, event: Event | None) -> int | None:
        if event is None:
            return None
        position = self._event_positions.get(event.line)
        if position is None:
            if len(self._event_positions) >= _REMEMBERED_EVENTS:
                self._event_positions.clear()
            # Related resources are needed only for records, not for firings.
            related = event.related if self._keeps_records else ()
            position = self._store.add((*event[:7], related))
            self._event_positions[event.line] = position
        return position

    # --- From bytes ----------------------------------------------------------------------

    def _record(self, position: int) -> TriggerTransition:
        index, path, key, seq, at, kind, rule, because, event, *rest = self._store[position]
        automation, trigger = self._form.automations[index], self._form.triggers[index][path]
        make: Any = RECORDS[kind]
        common = (seq, at, kind, rule, because, self._event(event), automation, trigger)
        after: tuple[Any, ...]
        if make is FiredTransition:
            firing, before, value, runs = rest
            measured = tuple(map(RunMeasure._make, runs))
            after = (key, self.firing(firing), self._bucket(before), value, measured)
        elif make is HeldTransition:
            after = (self.firing(*rest),)
        elif make is MetricTransition:
            after = (*rest,)
        else:
            after = (key, *map(self._bucket, rest))
        record: TriggerTransition = make(*common, *after)
        return record

    def _bucket(self, plain: tuple[Any, ...] | None) -> Bucket | None:
        if plain is None:
            return None
        start, end, count, last_event = plain
        return Bucket(start, end, count, self._event(last_event))

    def _event(self, position: int | None) -> Event | None:
        return None if position is None else Event._make(self._store[position])
