"""Which events have been processed in the last 30 minutes (``semantics.md`` O2, O4)."""

from collections.abc import Sequence
from itertools import islice, takewhile

from trigger_cli.times import MINUTE

PROCESSED_LOOK_BACK = 30 * MINUTE
"""How long a processed event is remembered by the simulated clock, µs (O2, O4)."""
_FEWEST = 10_000


class ProcessedEvents:
    """The ids of processed events, each with the clock when it was processed, µs.

    Old ids are dropped from time to time, many at once, so that a long run of events costs 0.2 µs
    each (``benchmarks/run.py``, lane "one selective trigger").
    """

    def __init__(self) -> None:
        # In processing order, so that the oldest come first.
        self._clocks: dict[str, int] = {}
        self._tidy_at = 2 * _FEWEST

    def is_recent(self, ident: str, clock: int) -> bool:
        """Whether an event of this id was processed less than 30 minutes before `clock`, µs."""
        at = self._clocks.get(ident)
        return at is not None and clock - at < PROCESSED_LOOK_BACK

    def knows_any(self, idents: Sequence[str]) -> bool:
        """Whether any of these ids is known; it may have been processed long ago."""
        return not self._clocks.keys().isdisjoint(idents)

    def add(self, ident: str, clock: int) -> None:
        """Remember an event; `clock` never decreases."""
        self._clocks.pop(ident, None)
        self._clocks[ident] = clock
        if len(self._clocks) >= self._tidy_at:
            self._tidy(clock)

    def add_all(self, idents: Sequence[str], clocks: Sequence[int]) -> None:
        """Remember events for which `knows_any` is false; `clocks` ascend."""
        self._clocks.update(zip(idents, clocks, strict=True))
        if len(self._clocks) >= self._tidy_at:
            self._tidy(clocks[-1])

    def _tidy(self, clock: int) -> None:
        oldest = clock - PROCESSED_LOOK_BACK
        clocks = self._clocks
        old = sum(1 for _ in takewhile(oldest.__ge__, clocks.values()))
        if old:
            self._clocks = clocks = dict(islice(clocks.items(), old, None))
        # Next time when the number has doubled: each event is read about twice.
        self._tidy_at = 2 * max(len(clocks), _FEWEST)
