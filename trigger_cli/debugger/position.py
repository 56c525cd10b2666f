"""The cursor's position: a stop, and the number of applied records of the replay."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from trigger_cli.debugger.recording import Recording

_SHIFT = 32
_MASK = (1 << _SHIFT) - 1


class Position(NamedTuple):
    """A point of a replay.

    The bucket tables show the state after the first `applied` records. At a stop all of its records
    are applied, unless the user steps record by record.
    """

    stop: int
    applied: int

    @property
    def packed(self) -> int:
        """The position as a number; numbers sort as positions do."""
        return self.stop << _SHIFT | self.applied

    @classmethod
    def unpack(cls, packed: int) -> Position:
        """The position whose `packed` number this is."""
        return cls(packed >> _SHIFT, packed & _MASK)


def at_stop(recording: Recording, stop: int) -> Position:
    """A stop with all its records applied; the nearest stop if `stop` is out of range."""
    stop = min(max(stop, 0), recording.stops - 1)
    return Position(stop, recording.stop_records(stop).stop)


def at_record(recording: Recording, seq: int) -> Position:
    """The position directly after record `seq`."""
    return Position(recording.stop_of_record(seq), seq + 1)


def at_time(recording: Recording, instant: int) -> Position:
    """The position at an instant: the last stop at or before it."""
    return at_stop(recording, recording.stop_at_time(instant))


def carried_over(old: Recording, new: Recording, position: Position) -> Position:
    """The same point in another recording of the same log."""
    event = old.stop_event(position.stop)
    if event is not None:
        return at_stop(new, new.stop_of_event(event))
    return at_time(new, old.stop_at(position.stop))


def step_event(recording: Recording, position: Position, by: int) -> Position | None:
    """The position `by` stops later, or earlier if negative; ``None`` at the end."""
    found = at_stop(recording, position.stop + by)
    return None if found.stop == position.stop else found


def step_within(
    recording: Recording, records: Sequence[int], position: Position, *, forward: bool
) -> Position | None:
    """The next or previous one of some records, which are sorted."""
    # `applied` is the next record to apply; the last applied one is before it.
    if forward:
        place = bisect_left(records, position.applied)
    else:
        place = bisect_left(records, position.applied - 1) - 1
    return at_record(recording, records[place]) if 0 <= place < len(records) else None
