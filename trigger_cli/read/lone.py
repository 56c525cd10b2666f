"""Events far in time from all others of a log: most are dated wrongly, or of another test."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trigger_cli.times import DAY

FAR: Final = 366 * DAY
"""How far, µs: more than any year."""


@dataclass(slots=True)
class _Era:
    """Events of which each is near another: from `first` to `last`, µs."""

    first: int
    last: int
    line: int
    """Of one of them."""
    is_one: bool


class LoneEvents:
    """Finds the events of a log that are farther than `FAR` from every other, in any order."""

    def __init__(self) -> None:
        # Apart by more than `FAR` and in order; a calendar has room for ten thousand.
        self._eras: list[_Era] = []

    def found(self) -> list[tuple[int, int]]:
        """The line and the instant, µs, of each, by time; none of a log of a single event."""
        eras = self._eras
        return [(one.line, one.first) for one in eras if one.is_one] if len(eras) > 1 else []

    def add(self, times: Sequence[int], lines: Sequence[int]) -> None:
        """Take some events: when each occurred, µs, and its line."""
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
        # At most one before it is near, and then those that follow.
        begin = place - (place > 0 and new.first - eras[place - 1].last <= FAR)
        end = place
        while end < len(eras) and eras[end].first - new.last <= FAR:
            end += 1
        near = [*eras[begin:end], new]
        if len(near) > 1:
            first, last = min(one.first for one in near), max(one.last for one in near)
            new = _Era(first, last, near[0].line, is_one=False)
        eras[begin:end] = [new]
