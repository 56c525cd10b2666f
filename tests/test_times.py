"""Instants and durations (T1): `trigger_cli.times`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.times import (
    DAY,
    HOUR,
    LONGEST,
    MILLISECOND,
    MINUTE,
    SECOND,
    TimePoint,
    duration_from_seconds,
    exact_duration,
    format_duration,
    format_instant,
    full_duration,
    parse_duration,
    parse_instant,
    parse_shown_end,
    parse_shown_time,
    parse_time_point,
    to_datetime,
)

NOON = 1_772_366_400_000_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.000000Z",
        "2026-03-01t12:00:00z",
        "2026-03-01 12:00:00",
        "2026-03-01T12:00:00",
        "2026-03-01T12:00",
        "2026-03-01T13:30:00+01:30",
        "2026-03-01T07:00:00.000-05:00",
        "2026-03-01T12:00:00.0000009Z",
        "2026-03-01T12:00:00,0Z",
    ],
)
def test_instants_are_read_in_any_offset(text):
    """Without an offset it is UTC; digits past the microsecond are dropped."""
    assert NOON == parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "2026-03-01",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1772366400",
        "2026-03-01T25:00:00Z",
        "2026-W09-7T12:00:00Z",
        "2026-03-01T12:00:00Zjunk",
    ],
)
def test_what_is_no_instant_is_refused(text):
    """Neither dates without a time nor times that do not exist."""
    with pytest.raises(ValueError, match="not a"):
        parse_instant(text)


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001
def test_instants_survive_the_round_trip(moment):
    """Formatting and reading give the same microsecond, from year 1 to year 9999."""
    instant = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    assert instant == parse_instant(format_instant(instant))


def test_instants_have_the_contracts_form():
    """Six digits and a Z."""
    assert "2026-03-01T12:00:00.000000Z" == format_instant(NOON)


def test_an_instant_past_the_calendar_is_its_last():
    """A window of a million years is a valid definition, and its end can be shown."""
    assert "9999-12-31T23:59:59.999999Z" == format_instant(10**24)
    assert datetime.max.replace(tzinfo=ZoneInfo("Asia/Tokyo")) == to_datetime(
        10**24, ZoneInfo("Asia/Tokyo")
    )


def test_instants_are_shown_in_a_zone():
    """Tables may show local time."""
    assert datetime(2026, 3, 1, 13, tzinfo=ZoneInfo("Europe/Berlin")) == to_datetime(
        NOON, ZoneInfo("Europe/Berlin")
    )
    assert datetime(2026, 3, 1, 12, tzinfo=UTC) == to_datetime(NOON)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90", 90 * SECOND),
        ("90s", 90 * SECOND),
        ("1.5m", 90 * SECOND),
        ("5m", 5 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", DAY),
        ("1h30m", 90 * MINUTE),
        ("250ms", SECOND // 4),
        ("PT5M", 5 * MINUTE),
        ("P1DT2H", 26 * HOUR),
        ("p1w", 7 * DAY),
        ("PT0.1S", SECOND // 10),
        ("0", 0),
        ("1 h 10 min", 70 * MINUTE),
        ("1h 10min", 70 * MINUTE),
        ("64.3 s", 64_300_000),
        ("2 min 4 s", 124 * SECOND),
    ],
)
def test_durations_are_read(text, duration):
    """Seconds, short units, ISO 8601, or as tables print them."""
    assert duration == parse_duration(text)


@given(st.integers(min_value=0, max_value=LONGEST))
def test_durations_are_read_as_they_are_printed(duration):
    """A rounded one gives the same text again; whole milliseconds are exact."""
    printed = format_duration(duration)
    assert printed == format_duration(parse_duration(printed))
    exact = duration // MILLISECOND * MILLISECOND
    assert exact == parse_duration(full_duration(exact)) == parse_duration(exact_duration(exact))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-5",
        "5 minutes",
        "5 min 4",
        "1  h",
        "h 5 min",
        "P",
        "PT",
        "1y",
        "m",
        "nan",
        "1e3",
        "+5m",
    ],
)
def test_what_is_no_duration_is_refused(text):
    """Negative ones too."""
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_seconds_are_taken_exactly():
    """0.1 s is 100,000 µs, though no binary fraction is 0.1."""
    assert 100_000 == duration_from_seconds(0.1)
    with pytest.raises(ValueError, match="finite"):
        duration_from_seconds(float("nan"))
    with pytest.raises(ValueError, match="finite"):
        duration_from_seconds(float("inf"))


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0 s"),
        (41_200_000, "41.2 s"),
        (12, "0.000012 s"),
        (60 * SECOND, "1 min"),
        (90 * SECOND, "1 min 30 s"),
        (HOUR, "1 h"),
        (HOUR + 30 * MINUTE, "1 h 30 min"),
        (2 * DAY + 4 * HOUR, "2 d 4 h"),
        (-5 * SECOND, "-5 s"),
    ],
)
def test_durations_are_written_for_a_person(duration, text):
    """Two units at most."""
    assert text == format_duration(duration)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (64_300_000, "1 min 4.3 s"),
        (HOUR + 41 * SECOND, "1 h 0 min 41 s"),
        (2 * HOUR, "2 h"),
        (DAY + 5 * SECOND, "1 d 0 h 0 min 5 s"),
        (500_000, "0.5 s"),
    ],
)
def test_durations_with_all_their_units(duration, text):
    """So two that differ look different."""
    assert text == full_duration(duration)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01 12:00:00 UTC", "2026-03-01T12:00:00Z"),
        ("2026-03-01 12:00:00", "2026-03-01T11:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("11-23 09:47:29", "2025-11-23T08:47:29Z"),
        ("11-23 09:47:29.250", "2025-11-23T08:47:29.250Z"),
        ("09:47", "2026-01-01T08:47:00Z"),
        ("9:47:01", "2026-01-01T08:47:01Z"),
        ("+0:40", "2025-12-31T23:30:40Z"),
        ("+1:02:03.250", "2026-01-01T00:32:03.250Z"),
        ("+2d 03:00:00", "2026-01-03T02:30:00Z"),
        ("+90s", "2025-12-31T23:31:30Z"),
    ],
)
def test_times_are_read_as_tables_show_them(text, instant):
    """The log tells the year and the date, on a clock in the zone that is asked for."""
    zone = ZoneInfo("Europe/Berlin")
    start = parse_instant("2025-12-31T23:30:00Z")  # half past midnight in Berlin
    if text.startswith("11-23"):
        start = parse_instant("2025-11-20T00:00:00Z")
    assert parse_instant(instant) == parse_shown_time(text).in_zone(zone).resolve(start)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "13-40 00:00:00", "25:00", "+1:60:00x", "2026-03"]
)
def test_what_is_no_shown_time_is_refused(text):
    """With what a time looks like, where it does not look like one."""
    with pytest.raises(ValueError, match="not a"):
        parse_shown_time(text)


def test_a_29_february_in_a_year_that_has_none():
    """It is the day after the 28th."""
    start = parse_instant("2026-01-01T00:00:00Z")
    assert parse_instant("2026-03-01T12:00:00Z") == parse_shown_time("02-29 12:00").resolve(start)


def test_moments_are_fixed_or_follow_the_logs_start():
    """`+5m` is five minutes after whatever the log begins with."""
    assert NOON + 5 * MINUTE == parse_time_point("+5m").resolve(NOON)
    assert NOON == parse_time_point("2026-03-01T12:00:00Z").resolve(0)
    assert TimePoint(5 * MINUTE, after_start=True) == parse_time_point(" +5m ")
    with pytest.raises(ValueError, match="offset"):
        parse_time_point("yesterday")


@pytest.mark.parametrize(
    ("text", "slack"),
    [
        ("12:00:00", 999_999),
        ("03-01 12:00:00.5", 99_999),
        ("2026-03-01 12:00:00 UTC", 999_999),
        ("+20:13.212", 999),
        ("+1:02:03", 999_999),
        ("+2d 03:00:00", 999_999),
        ("12:00:00.123456", 0),
        ("12:00", 0),
        ("2026-03-01", 0),
        ("+90s", 0),
        ("+1234567.5s", 0),
        ("2026-03-01T12:00:00", 0),
        ("2026-03-01T12:00:00Z", 0),
        ("2026-03-01 12:00:00 +02:00", 0),
    ],
)
def test_a_printed_time_as_an_upper_limit_includes_its_last_digit(text, slack):
    """Both readers read what `written` gives as the same time."""
    begun, end = parse_shown_time(text), parse_shown_end(text)
    assert (slack, begun.time + slack) == (end.slack, end.time)
    assert begun == parse_shown_time(begun.written())
    if slack or "T" in text or "+" in text:
        assert end == parse_shown_end(end.written())
