"""The records of a replay in columns: 35 bytes a record; each is rebuilt on access.

A *stop* is everything that happens at one step of the replay: an event that was taken, even without
any effect, or a deadline at which something happened. The cursor is always at a stop.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from trigger_cli.debugger.event_store import EventStore
from trigger_cli.dialects import Dialect
from trigger_cli.model import (
    RECORDS,
    Automation,
    Bucket,
    CompositeTrigger,
    Event,
    EventTrigger,
    Firing,
    RunMeasure,
    Transition,
    TransitionKind,
    Trigger,
    key_labels,
)

NONE = -1
"""The value in a column for "none"."""


class Lane(NamedTuple):
    """The bucketing key of one trigger; columns refer to it by number."""

    automation: Automation
    trigger: Trigger
    key: tuple[str, ...]

    @property
    def is_root(self) -> bool:
        """Whether the lane belongs to the automation's own trigger."""
        return self.trigger is self.automation.trigger

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Each ``for_each`` label with its value (B3)."""
        return key_labels(self.trigger, self.key)


class Columns:
    """The columns; `Recorder` fills them, `Recording` reads them."""

    def __init__(self) -> None:
        # By record.
        self.at = array("q")
        self.kind = array("H")
        self.lane = array("i")
        self.event = array("i")
        self.before = array("i")
        self.after = array("i")
        self.because = array("i")
        self.firing = array("i")
        # By bucket that some record has.
        self.bucket_start = array("q")
        self.bucket_end = array("q")
        self.bucket_count = array("q")
        self.bucket_event = array("i")
        # By stop.
        self.stop_at = array("q")
        self.stop_event = array("i")
        self.stop_end = array("i")
        # Data that few records have.
        self.kinds: list[tuple[TransitionKind, str]] = []
        """The kinds and rules, by the number in `kind`."""
        self.more_because: dict[int, tuple[int, ...]] = {}
        self.due: dict[int, int] = {}
        self.value: dict[int, float | None] = {}
        self.runs: dict[int, tuple[RunMeasure, ...]] = {}


@dataclass(eq=False)
class Recording:
    """A finished replay that can be viewed at any instant."""

    dialect: Dialect
    automations: tuple[Automation, ...]
    """In definition order."""
    events: EventStore
    """The events, by position."""
    _columns: Columns
    lanes: list[Lane]
    """The lanes, by the number in `Columns.lane`."""
    postings: list[array[int]]
    """The records of each lane, by lane."""
    start: int
    """The start of the clock, µs."""
    end: int
    log_start: int | None
    """The time of the log's first event, µs: relative options refer to it."""

    def __post_init__(self) -> None:
        self.fired = [
            array("i", (seq for seq in posting if self.kind_of(seq) == "fired"))
            for posting in self.postings
        ]
        """The firings of each lane, by lane."""
        self.root_firings = array(
            "i",
            sorted(
                seq
                for lane, fired in zip(self.lanes, self.fired, strict=True)
                if lane.is_root
                for seq in fired
            ),
        )
        """The automations' own firings, in order."""
        self._stop_of_event = array("i", [NONE]) * len(self.events)
        for stop, event in enumerate(self._columns.stop_event):
            if event != NONE:
                self._stop_of_event[event] = stop

    # --- Stops -----------------------------------------------------------------------------

    @property
    def stops(self) -> int:
        """The number of stops."""
        return len(self._columns.stop_at)

    @property
    def records(self) -> int:
        """The number of records."""
        return len(self._columns.at)

    def stop_at(self, stop: int) -> int:
        """The clock at a stop, µs."""
        return self._columns.stop_at[stop]

    def stop_event(self, stop: int) -> int | None:
        """The position of the event at a stop; ``None`` at a deadline."""
        event = self._columns.stop_event[stop]
        return None if event == NONE else event

    def stop_records(self, stop: int) -> range:
        """The records of a stop."""
        ends = self._columns.stop_end
        return range(ends[stop - 1] if stop else 0, ends[stop])

    def stop_of_record(self, seq: int) -> int:
        """The stop of a record."""
        return bisect_right(self._columns.stop_end, seq)

    def stop_of_event(self, position: int) -> int:
        """The stop of an event."""
        return self._stop_of_event[position]

    def stop_at_time(self, instant: int) -> int:
        """The last stop at or before `instant`; the first one if all are later."""
        return max(bisect_right(self._columns.stop_at, instant) - 1, 0)

    # --- Records ---------------------------------------------------------------------------

    def at(self, seq: int) -> int:
        """The time of a record, µs."""
        return self._columns.at[seq]

    def kind_of(self, seq: int) -> TransitionKind:
        """The kind of a record."""
        return self._columns.kinds[self._columns.kind[seq]][0]

    def lane_of(self, seq: int) -> int | None:
        """The lane that a record belongs to; ``None`` for deliveries (O)."""
        lane = self._columns.lane[seq]
        return None if lane == NONE else lane

    def count_after(self, seq: int) -> int | None:
        """The bucket's count after a record; ``None`` without a bucket."""
        bucket = self._columns.after[seq]
        return None if bucket == NONE else self._columns.bucket_count[bucket]

    def transition(self, seq: int) -> Transition:
        """A record, as the engine made it."""
        return self._transition(seq, self.events.__getitem__)

    def outline(self, seq: int) -> Transition:
        """A record whose events have only their times: enough to draw it."""
        return self._transition(seq, self.events.outline)

    def _transition(self, seq: int, event_at: Callable[[int], Event]) -> Transition:
        columns = self._columns
        kind, rule = columns.kinds[columns.kind[seq]]
        number = self.lane_of(seq)
        event = None if columns.event[seq] == NONE else event_at(columns.event[seq])
        first = (seq, columns.at[seq], kind, rule, self.because(seq), event)
        made = RECORDS[kind]
        if number is None:
            return made(*first, columns.due.get(seq))
        lane = self.lanes[number]
        firing = columns.firing[seq]
        match lane.trigger:
            case _ if kind == "fired":
                before = self._bucket(columns.before[seq], event_at)
                value, runs = columns.value.get(seq), columns.runs.get(seq, ())
                return made(*first, *lane, self._firing(firing, event_at), before, value, runs)
            case EventTrigger():
                buckets = (columns.before[seq], columns.after[seq])
                return made(*first, *lane, *(self._bucket(one, event_at) for one in buckets))
            case CompositeTrigger():
                return made(*first, *lane[:2], self._firing(firing, event_at))
            case _:
                return made(*first, *lane[:2], columns.value.get(seq))

    def because(self, seq: int) -> tuple[int, ...]:
        """The records that caused a record."""
        first = self._columns.because[seq]
        return () if first == NONE else self._columns.more_because.get(seq, (first,))

    def effects(self, seq: int) -> Iterator[int]:
        """The records that a record caused."""
        first, following, more = self._effects
        found = first[seq]
        while found != NONE:
            yield found
            found = following[found]
        yield from more.get(seq, ())

    @cached_property
    def _effects(self) -> tuple[array[int], array[int], dict[int, list[int]]]:
        """By record: its first effect, the next effect of its cause, effects as a further cause."""
        because = self._columns.because
        first = array("i", [NONE]) * len(because)
        following = array("i", [NONE]) * len(because)
        for seq in range(len(because) - 1, -1, -1):
            cause = because[seq]
            if cause != NONE:
                following[seq] = first[cause]
                first[cause] = seq
        more: dict[int, list[int]] = {}
        for seq, causes in self._columns.more_because.items():
            for cause in causes[1:]:
                more.setdefault(cause, []).append(seq)
        return first, following, more

    def event_of(self, seq: int) -> int | None:
        """The position of the event that a record is about."""
        event = self._columns.event[seq]
        return None if event == NONE else event

    def _firing(self, seq: int, event_at: Callable[[int], Event]) -> Firing:
        """The firing of record `seq`, with the firings of its children."""
        columns = self._columns
        number = columns.lane[seq]
        lane = self.lanes[number]
        event = columns.event[seq]
        if event == NONE and columns.before[seq] != NONE:
            # The firing of a deadline names the bucket's last event (E3).
            event = columns.bucket_event[columns.before[seq]]
        children = self.because(seq) if isinstance(lane.trigger, CompositeTrigger) else ()
        return Firing(
            seq,
            lane.automation,
            lane.trigger,
            columns.at[seq],
            lane.labels,
            None if event == NONE else event_at(event),
            tuple(self._firing(one, event_at) for one in children),
        )

    def _bucket(self, number: int, event_at: Callable[[int], Event]) -> Bucket | None:
        if number == NONE:
            return None
        columns = self._columns
        event = columns.bucket_event[number]
        return Bucket(
            columns.bucket_start[number],
            columns.bucket_end[number],
            columns.bucket_count[number],
            None if event == NONE else event_at(event),
        )

    # --- State -----------------------------------------------------------------------------

    def last_record(self, lane: int, applied: int) -> int | None:
        """The lane's last record among the first `applied` of all; ``None`` if it has none."""
        posting = self.postings[lane]
        place = bisect_left(posting, applied)
        return posting[place - 1] if place else None

    def bucket(self, lane: int, applied: int) -> Bucket | None:
        """The lane's bucket after the first `applied` records."""
        seq = self.last_record(lane, applied)
        if seq is None:
            return None
        return self._bucket(self._columns.after[seq], self.events.__getitem__)
