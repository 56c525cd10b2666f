"""Where to go, as a person types it: a time, an offset, a line of the log, or an event's id."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from trigger_cli.debugger.position import Position, at_stop, at_time
from trigger_cli.debugger.recording import Recording
from trigger_cli.debugger.search import find
from trigger_cli.times import parse_duration, parse_instant, to_datetime

_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?")
_EPOCH = to_datetime(0)
HELP = "12:30:05, 2026-03-12T01:30Z, +5m, -90s, #128 (line), start, end, an id"


def go_to(recording: Recording, text: str, here: Position, zone: tzinfo) -> Position:
    """The position that `text` means.

    ``+5m`` and ``-90s`` are relative to the cursor, ``12:30`` is on the cursor's day.

    Raises:
        ValueError: It means none.
    """
    text = text.strip()
    if text.casefold() in {"start", "end"}:
        return at_stop(recording, 0 if text.casefold() == "start" else recording.stops - 1)
    if text.startswith("#") and text[1:].isdecimal() and len(text) < 12:
        return _line(recording, int(text[1:]))
    if text[:1] in {"+", "-"}:
        distance = parse_duration(text[1:])
        now = recording.stop_at(here.stop)
        return at_time(recording, now + distance if text[0] == "+" else now - distance)
    if (time := _TIME.fullmatch(text)) is not None:
        return at_time(recording, _on_the_day(recording.stop_at(here.stop), time, zone))
    try:
        return at_time(recording, parse_instant(text))
    except ValueError:
        return _event(recording, text)


def _line(recording: Recording, line: int) -> Position:
    event = recording.events.at_line(line)
    if event is None or recording.stop_of_event(event) < 0:
        raise ValueError(f"no event was taken from line {line}")
    return at_stop(recording, recording.stop_of_event(event))


def _on_the_day(now: int, time: re.Match[str], zone: tzinfo) -> int:
    hours, minutes, seconds = time.groups()
    whole, _, fraction = (seconds or "0").partition(".")
    midnight = to_datetime(now, zone).date()
    try:
        moment = datetime(
            midnight.year,
            midnight.month,
            midnight.day,
            int(hours),
            int(minutes),
            int(whole),
            int(fraction.ljust(6, "0") or 0),
            tzinfo=zone,
        )
    except ValueError:
        raise ValueError("not a time that exists") from None
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _event(recording: Recording, text: str) -> Position:
    """The event with this id."""
    before = Position(0, 0)
    first = recording.stop_event(0)
    if first is not None and recording.events[first].id == text:
        return at_stop(recording, 0)
    position: Position | None = before
    while position is not None:
        position = find(recording, text, position, forward=True)
        if position is not None:
            event = recording.stop_event(position.stop)
            if event is not None and recording.events[event].id == text:
                return position
    raise ValueError(f"neither a time nor an event's id; try {HELP}")
