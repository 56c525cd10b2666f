"""Counters in bounded memory, exact up to a limit that they report."""

from collections.abc import Iterable, Mapping
from math import ceil, log


class Distinct:
    """Counts different texts, exactly up to `limit`, and keeps them."""

    __slots__ = ("_gives_examples", "_limit", "_seen", "more")

    def __init__(self, limit: int, *, gives_examples: bool = True) -> None:
        self._limit = limit
        self._gives_examples = gives_examples
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
        if not self._gives_examples:
            return []
        return [text for text, _ in zip(self._seen, range(number), strict=False)]


_FACTOR = 1.1
_LOG_FACTOR = log(_FACTOR)


def delay_step(duration: int) -> int:
    """The bin of a duration, µs, in a `DelayScale`; negative ones count as 0."""
    return ceil(log(duration) / _LOG_FACTOR) if duration > 1 else 0


class DelayScale:
    """A distribution of durations with bins of a tenth, for percentiles in bounded memory."""

    def __init__(self) -> None:
        self._steps: dict[int, int] = {}
        self.number = 0
        self.most = 0
        """The longest duration, µs."""

    def add(self, steps: Mapping[int, int], longest: int) -> None:
        """Add durations.

        Args:
            steps: How many there are by `delay_step`.
            longest: The longest, µs.
        """
        self.number += sum(steps.values())
        self.most = max(self.most, longest)
        for step, count in steps.items():
            self._steps[step] = self._steps.get(step, 0) + count

    def percentile(self, part: float) -> int:
        """The approximate duration that the fraction `part` of them does not exceed, µs."""
        left = part * self.number
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return min(round(_FACTOR**step), self.most)
        return self.most
