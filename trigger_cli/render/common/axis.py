"""A time axis: maps instants to columns and labels round times."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND, to_datetime

_STEPS = (
    *(number * MILLISECOND for number in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(number * SECOND for number in (1, 2, 5, 10, 15, 20, 30)),
    *(number * MINUTE for number in (1, 2, 5, 10, 15, 20, 30)),
    *(number * HOUR for number in (1, 2, 3, 6, 12)),
    *(number * DAY for number in (1, 2, 7, 14, 28, 91, 182, 365, 3650, 36_500, 365_000)),
)
_TICK = "╷"
_APART = 3


class TimeAxis:
    """A range of time, from `start` to `end` inclusive, µs, divided into `columns` columns."""

    def __init__(self, start: int, end: int, columns: int) -> None:
        self.start = start
        self.end = max(end, start + MILLISECOND)
        self.columns = max(columns, 2)

    def column(self, instant: int) -> int:
        """The instant's column; for an instant outside, the nearest column."""
        place = (instant - self.start) * (self.columns - 1) // (self.end - self.start)
        return min(max(place, 0), self.columns - 1)

    def labels(self, clock: ClockFormat) -> str:
        """The axis with its labels: ``╷12:00      ╷12:01``."""
        step = self._step()
        line = [" "] * self.columns
        free = 0
        for instant in self._round_instants(step, clock):
            column = self.column(instant)
            label = _TICK + _label(instant, step, clock)
            if column < free or column + len(label) > self.columns:
                continue
            line[column : column + len(label)] = label
            free = column + len(label) + 1
        return "".join(line).rstrip()

    def _step(self) -> int:
        """The shortest round step for which the labels have room."""
        span = self.end - self.start
        for step in _STEPS:
            width = _label_width(step) + _APART
            if span // step <= max(self.columns // width, 1):
                return step
        return _STEPS[-1]

    def _round_instants(self, step: int, clock: ClockFormat) -> Sequence[int]:
        # Rounded in the clock's zone, in which days begin at local midnight.
        first = to_datetime(self.start, clock.zone)
        midnight = datetime(first.year, first.month, first.day, tzinfo=first.tzinfo)
        since = (first - midnight) // timedelta(microseconds=1)
        return range(self.start + -since % step, self.end + 1, step)[: self.columns]


def _label_width(step: int) -> int:
    if step >= DAY:
        return len("2026-03-01")
    if step >= MINUTE:
        return len("12:00")
    return len("12:00:00") if step >= SECOND else len("12:00:00.000")


def _label(instant: int, step: int, clock: ClockFormat) -> str:
    moment = to_datetime(instant, clock.zone)
    if step >= DAY:
        return moment.date().isoformat()
    if clock.dated and moment.time() == moment.time().min:
        return f"{moment:%m-%d}"
    if step >= MINUTE:
        return f"{moment:%H:%M}"
    return moment.time().isoformat("seconds" if step >= SECOND else "milliseconds")
