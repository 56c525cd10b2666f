"""Counters in bounded memory, exact up to a limit that they report."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, log


class Distinct:
    """Counts different texts, exactly up to `limit`, and keeps them."""

    __slots__ = ("_limit", "_seen", "more")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: dict[str, None] = {}
        self.more = False
        """Whether there are more than `count`."""

    def add(self, text: str) -> None:
        """Add a text."""
        if self.more or text in self._seen:
            return
        if len(self._seen) < self._limit:
            self._seen[text] = None
        else:
            self.more = True

    def add_all(self, texts: Iterable[str]) -> None:
        """Add texts, in order."""
        if not self.more:
            for text in dict.fromkeys(texts):
                self.add(text)

    @property
    def count(self) -> int:
        """The number of different texts, at most the limit."""
        return len(self._seen)

    def examples(self, number: int) -> list[str]:
        """The first `number` texts, in order of appearance."""
        return [text for text, _ in zip(self._seen, range(number), strict=False)]


class DelayScale:
    """A distribution of durations with bins of a tenth, for percentiles in bounded memory."""

    _FACTOR = 1.1
    _LOG_FACTOR = log(_FACTOR)

    def __init__(self) -> None:
        self._steps: dict[int, int] = {}
        self.number = 0
        self.most = 0
        """The longest duration, µs."""

    def add(self, duration: int) -> None:
        """Add a duration, µs; negative ones count as 0."""
        self.number += 1
        self.most = max(self.most, duration)
        step = ceil(log(duration) / self._LOG_FACTOR) if duration > 1 else 0
        self._steps[step] = self._steps.get(step, 0) + 1

    def percentile(self, part: float) -> int:
        """The approximate duration that the fraction `part` of them does not exceed, µs."""
        left = part * self.number
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return min(round(self._FACTOR**step), self.most)
        return self.most
