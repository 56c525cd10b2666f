"""Instants and durations: text to ``int`` microseconds and back; never "now".

An instant is microseconds since the Unix epoch, UTC; a duration is microseconds
(``semantics.md`` T1).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST = 10_000 * 366 * DAY
"""The longest duration, µs; a longer one goes beyond any calendar."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
# The first and last instants in the calendar.
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
# These and those of `parse_shown_time` are compiled when first used: most commands use none.
_SHORT_PART = rf"({_NUMBER}) ?({_UNIT})"
_SHORT = rf"{_NUMBER} ?(?:{_UNIT})(?: ?{_NUMBER} ?(?:{_UNIT}))*"
_ISO = (
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
    # Nearly all log times have this form, and a full check of the form costs more than the parse.
    # `fromisoformat` refuses the rest, but would accept week dates.
    if not (
        text[4:5] == text[7:8] == "-"
        and text[10:11] == "T"
        and text.endswith(("Z", "+00:00"))
        and len(text) >= len("2026-03-01T12:00:00Z")
    ):
        if not _INSTANT.fullmatch(text):
            raise ValueError("not an RFC 3339 time such as 2026-03-01T12:00:00Z")
        # Blanks may stand before the offset.
        text = text[:11].upper() + "".join(text[11:].upper().replace(",", ".").split())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _leap_second(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _TICK


def has_offset(text: str) -> bool:
    """Whether the text of an instant, which `parse_instant` reads, has an offset (T1)."""
    return text.endswith("Z") or not {"z", "+", "-"}.isdisjoint(text[_TIME_OF_DAY:])


_TIME_OF_DAY = len("2026-03-01T")
_LEAP_SECOND = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):60(?:\.\d+)?(.*)")


def _leap_second(text: str) -> datetime:
    """Read ``23:59:60`` as the start of the next second (O6).

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
    """Format an instant as in the interface contract: ``2026-03-01T12:00:00.000000Z``.

    A deadline past the calendar's end (a window of a million years is a valid definition) is shown
    as the calendar's last instant.
    """
    minute, rest = divmod(min(max(instant, _FIRST), _LAST), MINUTE)
    return f"{_minute(minute)}:{rest // SECOND:02}.{rest % SECOND:06}Z"


@lru_cache(4_096)
def _minute(minute: int) -> str:
    """``2026-03-01T12:00``, of minutes since the epoch; cached, because a date takes long to make."""
    return to_datetime(minute * MINUTE).isoformat(timespec="minutes").removesuffix("+00:00")


def to_datetime(instant: int, zone: tzinfo = UTC) -> datetime:
    """Convert to an aware ``datetime`` in `zone`, limited to the calendar."""
    moment = _EPOCH + timedelta(microseconds=min(max(instant, _FIRST), _LAST))
    if zone is UTC:
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)


class TooLongError(ValueError):
    """A duration that is too long for a replay."""


def parse_duration(text: str) -> int:
    """Read a duration from the command line: ``90``, ``90s``, ``5m``, ``1h30m``, ``PT5M``.

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
    if re.fullmatch(_SHORT, stripped):
        return sum(
            _scaled(number, _UNITS[unit]) for number, unit in re.findall(_SHORT_PART, stripped)
        )
    iso = re.fullmatch(_ISO, stripped.upper())
    if iso and any(iso.groupdict().values()):
        return sum(
            _scaled(number, _UNITS[unit]) for unit, number in iso.groupdict().items() if number
        )
    raise ValueError("not a duration such as 90, 90s, 5m, 1h30m, 2 min 4 s or PT5M")


def duration_from_seconds(seconds: float) -> int:
    """Convert seconds, as in definitions, to µs; further digits are rounded.

    Raises:
        ValueError: `seconds` is not finite, or too large for any calendar.
    """
    try:
        return round(Decimal(str(seconds)) * SECOND)
    except (ArithmeticError, ValueError):
        raise ValueError("not a finite number of seconds") from None


def format_duration(duration: int) -> str:
    """Format a duration: ``0 s``, ``41.2 s``, ``5 min``, ``1 h 30 min``, ``2 d 4 h``.

    Two units at most. Below a minute, at most three decimals; below a millisecond, at most six.
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
    """As `format_duration`, but in seconds, to compare two: ``64.3 s``, not ``1 min 4 s``."""
    if duration % MINUTE and MINUTE < duration < 100 * MINUTE:
        return f"{seconds_of(duration)} s"
    return full_duration(duration)


def seconds_of(duration: int) -> str:
    """The seconds of a duration in digits, none of them dropped: ``64.3``, ``0.000001``."""
    return f"{duration / SECOND:f}".rstrip("0").rstrip(".")


def full_duration(duration: int) -> str:
    """As `format_duration`, with all units: ``1 min 4.3 s``, ``1 h 0 min 41 s``, ``2 h``."""
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


def with_seconds(duration: int) -> str:
    """Format a duration, with its number in a definition: ``900 s (15 min)``, ``41.2 s``."""
    number, text = in_seconds(duration), full_duration(duration)
    return text if text.removesuffix(" s") == f"{number:g}" else f"{number} s ({text})"


def in_seconds(duration: int) -> float:
    """The seconds of a duration, as in a definition: an ``int`` if possible."""
    whole, rest = divmod(duration, SECOND)
    return duration / SECOND if rest else whole


def _scaled(number: str, unit: int) -> int:
    return int((Decimal(number) * unit).to_integral_value(ROUND_DOWN))


class TimePoint(Struct, frozen=True):
    """An instant as given by a user: fixed, relative to the log's start, or a clock time."""

    time: int
    """µs since the epoch, or since the log's start; if something is missing, as if it were UTC."""
    after_start: bool = False
    lacks: Literal["", "zone", "year", "date"] = ""
    """The largest part that the text omits; the parts before it in this list are missing too."""
    zone: tzinfo = UTC
    """The time zone of the clock, if it is missing."""
    slack: int = 0
    """µs that the text does not tell; `time` includes them (`parse_shown_end`)."""

    @property
    def is_fixed(self) -> bool:
        """Whether it is the same instant for each log."""
        return not (self.after_start or self.lacks)

    def resolve(self, log_start: int) -> int:
        """The instant, µs, for a log that starts at `log_start`, which supplies missing parts."""
        if self.after_start:
            return log_start + self.time
        if not self.lacks:
            return self.time
        return self._on(to_datetime(log_start, self.zone).date())

    def _on(self, day: date) -> int:
        """The instant, µs, on a day, or in its year, in the time's zone."""
        shown = to_datetime(self.time).replace(tzinfo=None)
        if self.lacks == "date":
            shown = datetime.combine(day, shown.time())
        elif self.lacks == "year":
            try:
                shown = shown.replace(year=day.year)
            except ValueError:  # no 29 February
                shown = shown.replace(year=day.year, month=3, day=1)
        return (shown.replace(tzinfo=self.zone) - _EPOCH) // _TICK

    def within(self, first: int, last: int) -> TimePoint:
        """The time with its date, if the log's first day or year has it only before the log.

        Args:
            first: When the log's first event occurred, µs.
            last: When its last one did, µs.

        Returns:
            The time on the first later day or year on which it lies within the log; this one, if
            there is none, or if none is needed.
        """
        # Tables cut off fractions of a second, of the first event's time and of the last one's.
        if self.resolve(first) + (0 if self.slack else SECOND - 1) >= first:
            return self
        day = to_datetime(first, self.zone).date()
        try:
            later = day + timedelta(days=1) if self.lacks == "date" else date(day.year + 1, 1, 1)
        except (OverflowError, ValueError):  # after the year 9999
            return self
        at = self._on(later)
        return TimePoint(at, slack=self.slack) if at - self.slack <= last else self

    def written(self) -> str:
        """A text that is read as this time: by `parse_shown_end` if it has slack."""
        if self.after_start and not self.slack:
            return f"+{seconds_of(self.time)}s"
        if not self.lacks and not self.after_start and not self.slack:
            return format_instant(self.time)
        shown = self.time - self.slack
        digits = 6 - len(str(self.slack)) if self.slack else 0
        if self.after_start:
            minutes, rest = divmod(shown, MINUTE)
            return f"+{minutes}:{rest / SECOND:0{digits + 3 if digits else 2}.{digits}f}"
        whole = to_datetime(shown).replace(tzinfo=None)
        text = whole.isoformat(" ", "auto" if whole.second or whole.microsecond else "minutes")
        if self.slack:
            text = whole.isoformat(" ", "microseconds")[: len("1904-01-01T00:00:00.") + digits]
        places = {"": 0, "zone": 0, "year": len("1904-"), "date": len("1904-01-01 ")}
        return text.rstrip(".")[places[self.lacks] :] + ("" if self.lacks else " UTC")

    def in_zone(self, zone: tzinfo) -> TimePoint:
        """The same time on a clock in `zone`, if it has no zone."""
        return replace(self, zone=zone) if self.lacks else self


def parse_time_point(text: str) -> TimePoint:
    """Read an instant from a test file: RFC 3339, or ``+5m`` after the log's start.

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


_OFFSET = r"(?:(\d+)d )?(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)"
_OF_DAY = r"\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?"
_SHOWN: tuple[tuple[str, str, str, Literal["zone", "year", "date"]], ...] = (
    (rf"\d{{4}}-\d\d-\d\d[Tt ]{_OF_DAY}", "", "", "zone"),
    (r"\d{4}-\d\d-\d\d", "", " 00:00", "zone"),
    (rf"\d\d-\d\d[Tt ]{_OF_DAY}", "1904-", "", "year"),
    (_OF_DAY, "1904-01-01T", "", "date"),
)
"""The short forms of a time, and the text that completes each: before it and after it."""
SHOWN_FORMS = (
    "2026-03-01T12:00:00Z, 2026-03-01 12:00:00, 03-01 12:00:00, 12:00:00, 2026-03-01 (its midnight),"
    " or +5m after the log's start"
)
"""An example of each form that `parse_shown_time` reads."""


def parse_shown_time(text: str) -> TimePoint:
    """Read an instant from the command line, which accepts the formats of tables too.

    RFC 3339; without its zone, its year or its date; a date, which means its midnight; ``+5m`` or
    ``+0:40`` after the log's start.

    Raises:
        ValueError: `text` is none of these, or a time that does not exist.
    """
    stripped = text.strip()
    if offset := re.fullmatch(_OFFSET, stripped[1:]) if stripped.startswith("+") else None:
        parts = zip(offset.groups("0"), (DAY, HOUR, MINUTE, SECOND), strict=True)
        return TimePoint(sum(_scaled(part, unit) for part, unit in parts), after_start=True)
    if stripped.endswith("UTC"):
        stripped = f"{stripped[:-3].rstrip()}Z"
    padded = f"0{stripped}" if stripped[1:2] == ":" else stripped
    for shape, before, behind, lacks in _SHOWN:
        if re.fullmatch(shape, padded):
            return TimePoint(parse_instant(f"{before}{padded}{behind}"), lacks=lacks)
    if stripped.startswith("+"):
        return parse_time_point(stripped)
    if not _INSTANT.fullmatch(stripped):
        raise ValueError(f"not a time: expected {SHOWN_FORMS}")
    return TimePoint(parse_instant(stripped))


_TO_THE_DIGIT = r"(?:\+(?:\d+d )?\d+|(?:.* |\+)?\d?\d:\d\d):\d\d(?:[.,](\d+))?(?:\s*UTC)?"


def parse_shown_end(text: str) -> TimePoint:
    """Read an instant as `parse_shown_time` does, for an upper limit.

    Tables cut times off after the last digit that they print, so a time in their format means the
    last microsecond that is printed so: ``12:00:00`` is 12:00:00.999999. RFC 3339, dates, times
    without seconds and durations are exact.

    Raises:
        ValueError: As `parse_shown_time`.
    """
    moment = parse_shown_time(text)
    printed = re.fullmatch(_TO_THE_DIGIT, text.strip())
    if printed is None:
        return moment
    slack = 10 ** max(6 - len(printed[1] or ""), 0) - 1
    return replace(moment, time=moment.time + slack, slack=slack)
