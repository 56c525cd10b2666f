"""Which events have been processed in the last 30 minutes (``semantics.md`` O2, O4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from trigger_cli.times import MINUTE

PROCESSED_LOOK_BACK = 30 * MINUTE
"""How long a processed event is remembered, by the simulated clock (O2, O4)."""
_FEWEST = 10_000


class ProcessedEvents:
    """The ids of processed events, each with the clock then, µs.

    What is too old to matter is dropped once in a while, many at a time: that way a long run of
    events costs 0.2 µs each (``benchmarks/run.py``, lane "one selective trigger").
    """

    def __init__(self) -> None:
        # In the order in which they were processed, so that the oldest come first.
        self._clocks: dict[str, int] = {}
        self._tidy_at = 2 * _FEWEST

    def is_recent(self, ident: str, clock: int) -> bool:
        """Whether an event of this id was processed less than 30 minutes before `clock`, µs."""
        at = self._clocks.get(ident)
        return at is not None and clock - at < PROCESSED_LOOK_BACK

    def knows_any(self, idents: Sequence[str]) -> bool:
        """Whether some of these ids may have been processed, however long ago."""
        return not self._clocks.keys().isdisjoint(idents)

    def add(self, ident: str, clock: int) -> None:
        """Remember an event; `clock` never goes back."""
        self._clocks.pop(ident, None)
        self._clocks[ident] = clock
        if len(self._clocks) >= self._tidy_at:
            self._tidy(clock)

    def add_all(self, idents: Sequence[str], clocks: Sequence[int]) -> None:
        """Remember events of which `knows_any` does not hold; `clocks` ascend."""
        self._clocks.update(zip(idents, clocks, strict=True))
        if len(self._clocks) >= self._tidy_at:
            self._tidy(clocks[-1])

    def _tidy(self, clock: int) -> None:
        oldest = clock - PROCESSED_LOOK_BACK
        clocks = self._clocks
        for ident in list(takewhile(lambda one: clocks[one] <= oldest, clocks)):
            del clocks[ident]
        # When as much has come again as there is: each event is looked at twice or so.
        self._tidy_at = 2 * max(len(clocks), _FEWEST)
