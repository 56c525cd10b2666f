"""Which events have been processed lately (``semantics.md`` O2, O4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import count

from trigger_cli.moments import MINUTE

PROCESSED_LOOK_BACK = 30 * MINUTE
"""How long a second copy of a processed event is dropped (O2)."""
REMEMBERED_LEADERS = 10_000
"""How many processed events are remembered as leaders even past that time (O4)."""


class ProcessedEvents:
    """The ids of processed events, numbered as they were processed, each with the clock then, µs.

    O4 asks whether a leader was processed in the last 30 minutes. The real server also lets a
    follower go on whose leader came 50 minutes before (conformance case ``fz11-46``): it keeps
    its last 10,000 events. So a leader is known while either holds; a duplicate (O2) is one for
    30 minutes only.

    What nobody can ask about any more is dropped once in a while, many at a time: that way a
    long run of events costs 0.2 µs each (``benchmarks/run.py``, lane "one selective trigger").
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # What is remembered, by number; an id that was processed again stands here twice.
        self._ids: list[str] = []
        self._clocks: list[int] = []
        self._first = 0
        """The number of the first in the two lists."""
        self._tidy_at = 2 * REMEMBERED_LEADERS

    def is_duplicate(self, ident: str, clock: int) -> bool:
        """Whether an event of this id was processed in the last 30 minutes (O2)."""
        number = self._numbers.get(ident)
        return (
            number is not None and clock - self._clocks[number - self._first] < PROCESSED_LOOK_BACK
        )

    def knows_leader(self, ident: str, clock: int, since: int = 0) -> bool:
        """Whether an event was processed so lately that its followers need not wait (O4).

        Args:
            ident: The leader's id.
            clock: The time of asking, µs.
            since: How many events will have been processed by then that have not been added.
        """
        number = self._numbers.get(ident)
        if number is None:
            return False
        place = number - self._first
        return (
            len(self._ids) + since - place <= REMEMBERED_LEADERS
            or clock - self._clocks[place] < PROCESSED_LOOK_BACK
        )

    def knows(self, ident: str) -> bool:
        """Whether this id may have been processed, however long ago."""
        return ident in self._numbers

    def knows_any(self, idents: Sequence[str]) -> bool:
        """Whether some of these ids may have been processed, however long ago."""
        return not self._numbers.keys().isdisjoint(idents)

    def add(self, ident: str, clock: int) -> None:
        """Remember an event."""
        self._numbers[ident] = self._first + len(self._ids)
        self._ids.append(ident)
        self._clocks.append(clock)
        if len(self._ids) >= self._tidy_at:
            self._tidy()

    def add_all(self, idents: Sequence[str], clocks: Sequence[int]) -> None:
        """Remember events; `clocks` ascend."""
        self._numbers.update(zip(idents, count(self._first + len(self._ids))))
        self._ids += idents
        self._clocks += clocks
        if len(self._ids) >= self._tidy_at:
            self._tidy()

    def _tidy(self) -> None:
        """Drop what is neither young nor among the last, as it will never be either again."""
        clocks = self._clocks
        young = bisect_right(clocks, clocks[-1] - PROCESSED_LOOK_BACK)
        drop = min(young, max(len(clocks) - REMEMBERED_LEADERS, 0))
        numbers = self._numbers
        for number, ident in enumerate(self._ids[:drop], self._first):
            if numbers.get(ident) == number:
                del numbers[ident]
        del self._ids[:drop]
        del clocks[:drop]
        self._first += drop
        # When as much has come again as there is: each event is looked at twice or so.
        self._tidy_at = 2 * max(len(clocks), REMEMBERED_LEADERS)
