"""Which instant of the log it is now: the wall's time, or the log's own at the wall's pace."""

from __future__ import annotations

from enum import StrEnum

from trigger_cli.times import DAY


class Pace(StrEnum):
    """By what deadlines pass."""

    auto = "auto"
    """As `wall`, unless the log's latest event lies more than a day back when it is first read."""
    wall = "wall"
    log = "log"
    """From the log's latest event on, as much time as has passed since it was read."""


_LONG_AGO = DAY


class LogClock:
    """Tells the log's time from the wall's.

    A recorded log that is followed or piped in has its own time: by the wall's, months without
    an event would pass when it has been read.

    Args:
        pace: By what deadlines pass.
        grace: How much later than the wall's time to be, so that an event that is on its way
            comes before a deadline that it decides, µs.
    """

    def __init__(self, pace: Pace, grace: int) -> None:
        self._pace = pace
        self._grace = grace
        self._lead: int | None = None

    def arrived(self, occurred: int, now: int) -> None:
        """An event that occurred at `occurred` came at `now`, µs."""
        lead = occurred - now
        if self._pace is Pace.log and (self._lead is None or lead > self._lead):
            self._lead = lead
        elif self._pace is Pace.auto and lead >= -_LONG_AGO:
            self._pace = Pace.wall
        elif self._pace is Pace.auto and (self._lead is None or lead > self._lead):
            self._lead = lead

    def at(self, now: int) -> int | None:
        """The log's time when the wall's is `now`; ``None``: nothing has come to tell it by."""
        if self._pace is Pace.wall:
            return now - self._grace
        return None if self._lead is None else now + self._lead - self._grace
