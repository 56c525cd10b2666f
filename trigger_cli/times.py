"""Instants and durations: text to ``int`` microseconds and back; never "now".

An instant is microseconds since the Unix epoch, UTC; a duration is microseconds
(``semantics.md`` T1).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from typing import Literal, NamedTuple

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST = 10_000 * 366 * DAY
"""A longer duration leads out of every calendar."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
# The first and last instants that a calendar can name.
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _TICK
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _TICK

# A date and a time of day; the offset may be missing (then it is UTC).
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s*([Zz]|[+-]\d\d(:?\d\d)?)?"
)
_UNITS = {
    "us": MICROSECOND,
    "µs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "min": MINUTE,
    "h": HOUR,
    "d": DAY,
    "w": 7 * DAY,
}
_NUMBER = r"\d+(?:\.\d+)?"
_UNIT = "us|µs|ms|s|min|m|h|d|w"
_SHORT_PART = re.compile(rf"({_NUMBER}) ?({_UNIT})")
_SHORT = re.compile(rf"{_NUMBER} ?(?:{_UNIT})(?: ?{_NUMBER} ?(?:{_UNIT}))*")
_ISO = re.compile(
    rf"P(?:(?P<w>{_NUMBER})W)?(?:(?P<d>{_NUMBER})D)?"
    rf"(?:T(?:(?P<h>{_NUMBER})H)?(?:(?P<m>{_NUMBER})M)?(?:(?P<s>{_NUMBER})S)?)?"
)


def parse_instant(text: str) -> int:
    """Read an RFC 3339 instant, e.g. ``2026-03-01T12:00:00.5Z``.

    Without an offset it is UTC; digits past the microsecond are dropped (T1).

    Returns:
        Microseconds since the epoch.

    Raises:
        ValueError: `text` is no instant.
    """
    # Nearly all log times are written like this, and to check the whole shape costs more than
    # the parse itself. `fromisoformat` refuses what is left, but would take week dates.
    if not (
        text[4:5] == text[7:8] == "-"
        and text[10:11] == "T"
        and text.endswith(("Z", "+00:00"))
        and len(text) >= len("2026-03-01T12:00:00Z")
    ):
        if not _INSTANT.fullmatch(text):
            raise ValueError("not an RFC 3339 time such as 2026-03-01T12:00:00Z")
        text = text.upper().replace(",", ".").replace(" ", "", text.count(" ") - (text[10] == " "))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _leap_second(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _TICK


_LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):60(?:\.\d+)?(.*)")


def _leap_second(text: str) -> datetime:
    """What ``23:59:60`` is read as: the start of the next second (O6).

    Raises:
        ValueError: `text` is no leap second.
    """
    parts = _LEAP_SECOND.fullmatch(text)
    if parts:
        try:
            moment = datetime.fromisoformat(f"{parts[1]}:59{parts[2]}") + timedelta(seconds=1)
        except (ValueError, OverflowError):
            raise ValueError("not a time that exists") from None
        in_utc = moment if moment.tzinfo is None else moment.astimezone(UTC)
        if (in_utc.hour, in_utc.minute) == (0, 0):
            return moment
    raise ValueError("not a time that exists") from None


def format_instant(instant: int) -> str:
    """Write an instant as the interface contract does: ``2026-03-01T12:00:00.000000Z``.

    A deadline may lie past the calendar's end (a window of a million years is a valid
    definition); it is shown as the calendar's last instant.
    """
    return to_datetime(instant).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def to_datetime(instant: int, zone: tzinfo = UTC) -> datetime:
    """The instant as an aware ``datetime`` in `zone`, held within the calendar."""
    moment = _EPOCH + timedelta(microseconds=min(max(instant, _FIRST), _LAST))
    if zone is UTC:
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)


class TooLongError(ValueError):
    """A duration that no replay can last."""


def parse_duration(text: str) -> int:
    """Read a duration as the command line takes it: ``90``, ``90s``, ``5m``, ``1h30m``, ``PT5M``.

    Also as `format_duration` and its kin write it: ``1 h 10 min``, ``64.3 s``. A bare number is
    seconds. Digits past the microsecond are dropped.

    Returns:
        Microseconds, never negative.

    Raises:
        TooLongError: It is longer than 10,000 years.
        ValueError: `text` is no duration.
    """
    duration = _duration(text)
    if duration > LONGEST:
        raise TooLongError("longer than 10,000 years")
    return duration


def _duration(text: str) -> int:
    stripped = text.strip()
    if re.fullmatch(_NUMBER, stripped):
        return _scaled(stripped, SECOND)
    if _SHORT.fullmatch(stripped):
        return sum(_scaled(number, _UNITS[unit]) for number, unit in _SHORT_PART.findall(stripped))
    iso = _ISO.fullmatch(stripped.upper())
    if iso and any(iso.groupdict().values()):
        return sum(
            _scaled(number, _UNITS[unit]) for unit, number in iso.groupdict().items() if number
        )
    raise ValueError("not a duration such as 90, 90s, 5m, 1h30m, 2 min 4 s or PT5M")


def duration_from_seconds(seconds: float) -> int:
    """Seconds, as definitions give them, in microseconds; digits past that are rounded.

    Raises:
        ValueError: `seconds` is not finite, or too large for any calendar.
    """
    try:
        return round(Decimal(str(seconds)) * SECOND)
    except (ArithmeticError, ValueError):
        raise ValueError("not a finite number of seconds") from None


def format_duration(duration: int) -> str:
    """Write a duration for a person: ``0 s``, ``41.2 s``, ``5 min``, ``1 h 30 min``, ``2 d 4 h``.

    Two units at most; below a minute, as many decimals as the value has, at most three
    (six below a millisecond).
    """
    if duration < 0:
        return "-" + format_duration(-duration)
    if duration < MINUTE:
        seconds = duration / SECOND
        digits = 3 if duration == 0 or duration >= MILLISECOND else 6
        return f"{seconds:.{digits}f}".rstrip("0").rstrip(".") + " s"
    for size, name, smaller, smaller_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", SECOND, "s"),
    ):
        if duration >= size:
            whole, rest = divmod(duration, size)
            part = rest // smaller
            return f"{whole} {name} {part} {smaller_name}" if part else f"{whole} {name}"
    raise AssertionError("unreachable: a duration of a minute or more has a unit")


def exact_duration(duration: int) -> str:
    """As `format_duration`, but 64.3 s is ``64.3 s`` and not ``1 min 4 s``: where two are compared."""
    if duration % MINUTE and MINUTE < duration < 100 * MINUTE:
        return f"{duration / SECOND:.6f}".rstrip("0").rstrip(".") + " s"
    return full_duration(duration)


def full_duration(duration: int) -> str:
    """As `format_duration`, with all its units: ``1 min 4.3 s``, ``1 h 0 min 41 s``, ``2 h``."""
    if duration < MINUTE:
        return format_duration(duration)
    parts: list[str] = []
    rest = duration
    for size, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        whole, rest = divmod(rest, size)
        if whole or parts:
            parts.append(f"{whole} {name}")
        if not rest:
            return " ".join(parts)
    return " ".join((*parts, format_duration(rest)))


def _scaled(number: str, unit: int) -> int:
    return int((Decimal(number) * unit).to_integral_value(ROUND_DOWN))


class TimePoint(NamedTuple):
    """An instant as somebody gives it: fixed, so much after the log's start, or on a clock."""

    time: int
    """µs since the epoch, or since the log's start; if something `lacks`, as if it were UTC."""
    after_start: bool = False
    lacks: Literal["", "zone", "year", "date"] = ""
    """What the text leaves out, and all that stands before it in this list."""
    zone: tzinfo = UTC
    """Where the clock is that shows the time, if that `lacks`."""

    def resolve(self, log_start: int) -> int:
        """The instant, µs, for a log that starts at `log_start`, which tells the year and the date."""
        if self.after_start:
            return log_start + self.time
        if not self.lacks:
            return self.time
        shown = to_datetime(self.time).replace(tzinfo=None)
        begun = to_datetime(log_start, self.zone)
        if self.lacks == "date":
            shown = datetime.combine(begun.date(), shown.time())
        elif self.lacks == "year":
            try:
                shown = shown.replace(year=begun.year)
            except ValueError:  # no 29 February
                shown = shown.replace(year=begun.year, month=3, day=1)
        return (shown.replace(tzinfo=self.zone) - _EPOCH) // _TICK

    def in_zone(self, zone: tzinfo) -> TimePoint:
        """The same time on a clock in `zone`, if it was given without one."""
        return self._replace(zone=zone) if self.lacks else self


def parse_time_point(text: str) -> TimePoint:
    """Read an instant as a test file has it: RFC 3339, or ``+5m`` after the log's start.

    Raises:
        ValueError: `text` is neither.
    """
    stripped = text.strip()
    if stripped.startswith("+"):
        return TimePoint(parse_duration(stripped[1:]), after_start=True)
    try:
        return TimePoint(parse_instant(stripped))
    except ValueError as error:
        raise ValueError(f"{error}, nor an offset from the log's start such as +5m") from None


_OFFSET = re.compile(r"(?:(\d+)d )?(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)")
_OF_DAY = r"\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?"
_SHOWN: tuple[tuple[re.Pattern[str], str, str, Literal["zone", "year", "date"]], ...] = (
    (re.compile(rf"\d{{4}}-\d\d-\d\d[Tt ]{_OF_DAY}"), "", "", "zone"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "", " 00:00", "zone"),
    (re.compile(rf"\d\d-\d\d[Tt ]{_OF_DAY}"), "1904-", "", "year"),
    (re.compile(_OF_DAY), "1904-01-01T", "", "date"),
)
"""How a time may be shortened, and what makes it whole: before it, and behind it."""


def parse_shown_time(text: str) -> TimePoint:
    """Read an instant as the command line takes it, which is also as tables show it.

    RFC 3339; without its zone, its year or its date; a date, which is its midnight; ``+5m`` or
    ``+0:40`` after the log's start.

    Raises:
        ValueError: `text` is none of these, or no time that exists.
    """
    stripped = text.strip()
    if offset := _OFFSET.fullmatch(stripped[1:]) if stripped.startswith("+") else None:
        parts = zip(offset.groups("0"), (DAY, HOUR, MINUTE, SECOND), strict=True)
        return TimePoint(sum(_scaled(part, unit) for part, unit in parts), after_start=True)
    if stripped.endswith("UTC"):
        stripped = f"{stripped[:-3].rstrip()}Z"
    padded = f"0{stripped}" if stripped[1:2] == ":" else stripped
    for shape, before, behind, lacks in _SHOWN:
        if shape.fullmatch(padded):
            return TimePoint(parse_instant(f"{before}{padded}{behind}"), lacks=lacks)
    return parse_time_point(stripped)
