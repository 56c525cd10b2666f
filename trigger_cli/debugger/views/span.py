"""The stretch of time that the timeline shows: zoomed about the cursor, and following it."""

from __future__ import annotations

from typing import NamedTuple

from trigger_cli.times import MILLISECOND


class TimeSpan(NamedTuple):
    """From `start` to `end`, µs."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How long it is, µs."""
        return self.end - self.start

    def zoomed(self, whole: TimeSpan, about: int, *, closer: bool) -> TimeSpan:
        """Half of it or twice of it, `about` staying where it is on the screen."""
        length = self.length // 2 if closer else self.length * 2
        if length >= whole.length:
            return whole
        length = max(length, 20 * MILLISECOND)
        start = about - (about - self.start) * length // max(self.length, 1)
        return TimeSpan(start, start + length).within(whole)

    def following(self, whole: TimeSpan, cursor: int) -> TimeSpan:
        """The same length, moved so that the cursor is in it."""
        if self.start <= cursor <= self.end:
            return self
        return TimeSpan(cursor - self.length // 2, cursor + self.length - self.length // 2).within(
            whole
        )

    def within(self, whole: TimeSpan) -> TimeSpan:
        """The same length, moved into `whole`."""
        start = max(min(self.start, whole.end - self.length), whole.start)
        return TimeSpan(start, start + self.length)
