"""Formats the instants of one replay for tables, with date and fraction only if needed."""

from collections.abc import Iterable
from datetime import UTC, tzinfo
from itertools import chain

from trigger_cli.report import ReplayReport
from trigger_cli.times import DAY, HOUR, MINUTE, SECOND, to_datetime

_SHORT_REPLAY = 2 * MINUTE
"""The longest replay, µs, that shows fractions of a second."""


class ClockFormat:
    """Formats instants in one time zone, and offsets from the start of the log, µs.

    Args:
        start: The start of the replay, µs.
        end: Its end.
        zone: The time zone.
        fraction: Offsets show milliseconds.
        precise: With `fraction`, times of day do too.
        log_start: The start of the log, µs, from which options count; ``None``: `start`.
    """

    def __init__(
        self,
        start: int,
        end: int,
        zone: tzinfo,
        *,
        fraction: bool,
        precise: bool,
        log_start: int | None = None,
    ) -> None:
        self.start = start
        self._log_start = start if log_start is None else log_start
        self.end = end
        self.zone = zone
        self._fraction = fraction
        self._precision = "milliseconds" if fraction and precise else "seconds"
        self._day = to_datetime(start, zone).date()
        self.dated = to_datetime(end, zone).date() != self._day
        """Whether the replay spans midnight, so that times need a date."""

    def at(self, instant: int) -> str:
        """``12:00:00``, with the date if the replay spans midnight."""
        moment = to_datetime(instant, self.zone)
        time = moment.time().isoformat(self._precision)
        if moment.date().year != self._day.year:
            return self.full(instant)
        if self.dated or moment.date() != self._day:
            return f"{moment:%m-%d} {time}"
        return time

    def full(self, instant: int) -> str:
        """``2026-03-01 12:00:00``."""
        moment = to_datetime(instant, self.zone)
        return moment.replace(tzinfo=None).isoformat(" ", self._precision)

    def offset(self, instant: int) -> str:
        """The time after the log's start: ``+0:40``, ``+1:02:03.250``, ``+2d 03:00:00``."""
        distance = instant - self._log_start
        sign = "-" if distance < 0 else "+"
        days, rest = divmod(abs(distance), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds, rest = divmod(rest, SECOND)
        seconds_text = f"{seconds:02}.{rest // 1000:03}" if self._fraction else f"{seconds:02}"
        if days:
            return f"{sign}{days}d {hours:02}:{minutes:02}:{seconds_text}"
        return f"{sign}{f'{hours}:{minutes:02}' if hours else minutes}:{seconds_text}"

    def window(self, start: int, end: int) -> str:
        """``12:00:00–12:01:00``."""
        return f"{self.at(start)}–{self.at(end)}"

    @property
    def zone_name(self) -> str:
        """``UTC``, ``Europe/Berlin``, or the zone's own name."""
        if self.zone is UTC:
            return "UTC"
        return getattr(self.zone, "key", None) or to_datetime(self.start, self.zone).tzname() or ""


def clock_of(report: ReplayReport, zone: tzinfo, *, precise: bool) -> ClockFormat:
    """The clock for a report; without a replay, one that starts at the epoch.

    Only offsets show milliseconds, unless the replay is short or `precise` is set.
    """
    start = 0 if report.start is None else report.start
    end = start if report.end is None else report.end
    fired = (one.at for one in report.firings)
    happened = (one.at for bucket in report.buckets for one in bucket.transitions)
    return clock_over(
        start, end, chain(fired, happened), zone, precise=precise, log_start=report.log_start
    )


def clock_over(
    start: int,
    end: int,
    happened: Iterable[int],
    zone: tzinfo,
    *,
    precise: bool = False,
    log_start: int | None = None,
) -> ClockFormat:
    """The clock for a replay from `start` to `end`, µs, with transitions at the given instants."""
    fraction = any(instant % SECOND for instant in chain((start, end), happened))
    return ClockFormat(
        start,
        end,
        zone,
        fraction=fraction,
        precise=precise or end - start <= _SHORT_REPLAY,
        log_start=log_start,
    )
