"""Events far in time from all others of a log: most have a wrong date or belong to a test."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from trigger_cli.times import DAY

FAR: Final = 366 * DAY
"""The minimum distance, µs: longer than any year."""


class _Era(Struct):
    """Events from `first` to `last`, µs, each of which is near another."""

    first: int
    last: int
    line: int
    """The line of one of them."""
    is_one: bool


class IsolatedEvents:
    """Finds the events of a log that are farther than `FAR` from every other, in any order."""

    def __init__(self) -> None:
        # In order and more than `FAR` apart, so at most ten thousand fit into a calendar.
        self._eras: list[_Era] = []

    def found(self) -> list[tuple[int, int]]:
        """Each one's line and instant, µs, by time; none if the log has a single event."""
        eras = self._eras
        return [(one.line, one.first) for one in eras if one.is_one] if len(eras) > 1 else []

    def add(self, times: Sequence[int], lines: Sequence[int]) -> None:
        """Add events: when each occurred, µs, and its line."""
        if not times:
            return
        first, last = min(times), max(times)
        if last - first <= FAR:
            self._add(_Era(first, last, lines[0], len(times) == 1))
            return
        for time, line in zip(times, lines, strict=True):
            self._add(_Era(time, time, line, is_one=True))

    def _add(self, new: _Era) -> None:
        eras = self._eras
        place = bisect_right(eras, new.first, key=lambda one: one.first)
        # Eras that are near: at most one before, and then those that follow.
        begin = place - (place > 0 and new.first - eras[place - 1].last <= FAR)
        end = place
        while end < len(eras) and eras[end].first - new.last <= FAR:
            end += 1
        near = [*eras[begin:end], new]
        if len(near) > 1:
            first, last = min(one.first for one in near), max(one.last for one in near)
            new = _Era(first, last, near[0].line, is_one=False)
        eras[begin:end] = [new]
