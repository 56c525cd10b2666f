"""When a server polls its deadlines; polling delays a firing by up to the polling interval.

A firing without an event comes just after a poll, so recorded firings show when the server polled.
Between two of them, the polls are assumed to be evenly spaced.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.times import MILLISECOND, MINUTE, SECOND

INTERVAL = 5 * SECOND
"""The server's polling interval, µs."""
LATEST = INTERVAL + 2 * SECOND
"""The largest delay of a firing by polling, µs: one interval and the poll itself."""
_SAME_POLL = 2 * SECOND
_NEAR = 2 * MINUTE
_GUESS = 5 * MILLISECOND
_GUESSES = 8


class Standstill(Struct, frozen=True):
    """A period in which the server received nothing, followed by many events at once."""

    start: int
    """When the last event before it was received, µs."""
    end: int
    """When the first event after it was received, µs."""
    events: int
    """The number of events that occurred during it."""


_SHORTEST_STANDSTILL = 3 * INTERVAL
_FEWEST_EVENTS = 3


def standstills_of(received: Sequence[int], occurred: Sequence[int]) -> tuple[Standstill, ...]:
    """The standstills of the server.

    Args:
        received: When each event of the log was received, µs.
        occurred: When it occurred, µs.
    """
    ascending = array("q", sorted(received))
    counts: Counter[int] = Counter()
    for arrived, at in zip(received, occurred, strict=True):
        # The gap between two receipts in which the event occurred.
        place = bisect_left(ascending, at)
        if 0 < place < len(ascending) and at < ascending[place] <= arrived:
            counts[place] += 1
    return tuple(
        Standstill(ascending[place - 1], ascending[place], counts[place])
        for place in sorted(counts)
        if ascending[place] - ascending[place - 1] >= _SHORTEST_STANDSTILL
        and counts[place] >= _FEWEST_EVENTS
    )


class PollTimes(Struct, frozen=True):
    """When the server polled."""

    known: tuple[int, ...]
    """Instants of polls, µs, in order; at least one."""
    interval: int
    """The time between the other polls, µs."""
    early: int
    """The time between polls before the first known one, µs; a server's pace may change."""

    standstills: tuple[Standstill, ...] = ()
    """Periods without polls."""

    def next_at(self, due: int) -> int:
        """The first poll at or after `due`."""
        at = self._evenly(due)
        for one in self.standstills:
            if one.start < at < one.end:
                place = bisect_left(self.known, one.end)
                soon = self.known[place] if place < len(self.known) else one.end
                at = soon if soon - one.end < self.interval else one.end
        return at

    def _evenly(self, due: int) -> int:
        """`next_at` for a server without standstills."""
        place = bisect_left(self.known, due)
        if place == len(self.known):
            last = self.known[-1]
            return last + -(-(due - last) // self.interval) * self.interval
        after = self.known[place]
        if place == 0:
            return after - (after - due) // self.early * self.early
        before = self.known[place - 1]
        # Evenly spaced between two known polls, because the interval drifts a little.
        gaps = max(round((after - before) / self.interval), 1)
        step = -(-(due - before) * gaps // (after - before))
        return before + (after - before) * step // gaps

    def same_from(self, other: PollTimes) -> int | None:
        """The instant from which `next_at` is the same as that of `other`, µs; ``None``: unknown."""
        is_same = replace(self, early=other.early) == other
        return self.known[0] if is_same else None

    def moved(self, by: int) -> PollTimes:
        """The same polls, `by` µs later."""
        return replace(self, known=tuple(one + by for one in self.known))

    def variants(self) -> Iterator[PollTimes]:
        """The same, with other assumptions about the polls before the first known one."""
        yield self
        for step in range(-_GUESSES, _GUESSES + 1):
            if step:
                yield replace(self, early=self.early + step * _GUESS)


def poll_times_of(
    instants: Sequence[int], default: int, standstills: tuple[Standstill, ...] = ()
) -> PollTimes:
    """The polls shown by firings at these `instants`; `default` is used if there are none."""
    known: list[int] = []
    for instant in sorted(instants):
        if not known or instant - known[-1] > _SAME_POLL:
            known.append(instant)
    if not known:
        return PollTimes((default,), INTERVAL, INTERVAL, standstills)
    gaps = [later - earlier for earlier, later in pairwise(known)]
    spacings = [gap / max(round(gap / INTERVAL), 1) for gap in gaps if gap <= _NEAR]
    interval = INTERVAL
    if spacings:
        from statistics import median  # noqa: PLC0415  # no log without firings needs it

        interval = round(median(spacings))
    return PollTimes(tuple(known), interval, interval, standstills)
