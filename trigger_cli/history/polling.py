"""When a server polls its deadlines: it polls, so it is late by up to the polling interval.

A firing that time alone brought comes just after such a poll, so the recorded ones tell when the
server polled; between two of them the polls are evenly spread.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from trigger_cli.times import MILLISECOND, MINUTE, SECOND

INTERVAL = 5 * SECOND
"""How often the server polls its deadlines."""
LATEST = INTERVAL + 2 * SECOND
"""How long after its deadline a firing can come by polling: one interval, and the poll itself."""
_SAME_POLL = 2 * SECOND
_NEAR = 2 * MINUTE
_GUESS = 5 * MILLISECOND
_GUESSES = 8


class Standstill(NamedTuple):
    """A time in which the server received nothing, and after which much came at once."""

    start: int
    """Of the last event that it received before, µs."""
    end: int
    """Of the first that it received after, µs."""
    events: int
    """How many events occurred in between."""


_SHORTEST_STANDSTILL = 3 * INTERVAL
_FEWEST_EVENTS = 3


def standstills_of(arrivals: Sequence[tuple[int, int]]) -> tuple[Standstill, ...]:
    """When the server stood still.

    Args:
        arrivals: When each event of the log was received and when it occurred, µs.
    """
    received = sorted(one for one, _ in arrivals)
    counts: Counter[int] = Counter()
    for arrived, occurred in arrivals:
        # The gap between two receipts in which the event occurred.
        place = bisect_left(received, occurred)
        if 0 < place < len(received) and occurred < received[place] <= arrived:
            counts[place] += 1
    return tuple(
        Standstill(received[place - 1], received[place], counts[place])
        for place in sorted(counts)
        if received[place] - received[place - 1] >= _SHORTEST_STANDSTILL
        and counts[place] >= _FEWEST_EVENTS
    )


@dataclass(frozen=True, slots=True)
class PollTimes:
    """The instants at which the server polled."""

    known: tuple[int, ...]
    """Instants of polls, µs, in order; at least one."""
    interval: int
    """How far apart the others are, µs."""
    early: int
    """How far apart they are before the first known one, µs: servers slow down and speed up."""

    standstills: tuple[Standstill, ...] = ()
    """In these it did not poll."""

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
        """`next_at` of a server that never stands still."""
        place = bisect_left(self.known, due)
        if place == len(self.known):
            last = self.known[-1]
            return last + -(-(due - last) // self.interval) * self.interval
        after = self.known[place]
        if place == 0:
            return after - (after - due) // self.early * self.early
        before = self.known[place - 1]
        # Evenly between two known polls: the interval drifts a little.
        gaps = max(round((after - before) / self.interval), 1)
        step = -(-(due - before) * gaps // (after - before))
        return before + (after - before) * step // gaps

    def moved(self, by: int) -> PollTimes:
        """The same, all later by `by` µs."""
        return replace(self, known=tuple(one + by for one in self.known))

    def variants(self) -> Iterator[PollTimes]:
        """The same, with other guesses at when it polled before the first known instant."""
        yield self
        for step in range(-_GUESSES, _GUESSES + 1):
            if step:
                yield replace(self, early=self.early + step * _GUESS)


def poll_times_of(
    instants: Sequence[int], default: int, standstills: tuple[Standstill, ...] = ()
) -> PollTimes:
    """The polls that firings at these `instants` tell of; `default` is one where there is none."""
    known: list[int] = []
    for instant in sorted(instants):
        if not known or instant - known[-1] > _SAME_POLL:
            known.append(instant)
    if not known:
        return PollTimes((default,), INTERVAL, INTERVAL, standstills)
    gaps = [later - earlier for earlier, later in pairwise(known)]
    spacings = [gap / max(round(gap / INTERVAL), 1) for gap in gaps if gap <= _NEAR]
    interval = round(median(spacings)) if spacings else INTERVAL
    return PollTimes(tuple(known), interval, interval, standstills)
