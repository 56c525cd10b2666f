"""Parses a target that the user typed: a time, a line of the log, an id, or a text of an event."""

from collections.abc import Callable
from datetime import tzinfo

from trigger_cli.debugger.event_store import BLOCK
from trigger_cli.debugger.position import Position, at_stop, at_time
from trigger_cli.debugger.recording import Recording
from trigger_cli.model import Event
from trigger_cli.times import parse_duration, parse_shown_end

HELP = "12:30:05, 2026-03-12T01:30Z, +5m, -90s, #128 (line), start, end, an id"


def go_to(recording: Recording, text: str, here: Position, zone: tzinfo) -> Position:
    """The position for `text`.

    ``+5m`` and ``-90s`` are relative to the cursor, ``12:30`` is on the cursor's day.

    Raises:
        ValueError: The text is not a target, or there is no such position.
    """
    text = text.strip()
    if text.casefold() in {"start", "end"}:
        return at_stop(recording, 0 if text.casefold() == "start" else recording.stops - 1)
    if text.startswith("#") and text[1:].isdecimal() and len(text) < 12:
        line = int(text[1:])
        return _taken(
            recording, recording.events.at_line(line), f"no event was taken from line {line}"
        )
    if text[:1] in {"+", "-"}:
        distance = parse_duration(text[1:])
        now = recording.stop_at(here.stop)
        return at_time(recording, now + distance if text[0] == "+" else now - distance)
    try:
        shown = parse_shown_end(text).in_zone(zone)
    except ValueError:
        unknown = f"neither a time nor an event's id; try {HELP}"
        return _taken(recording, recording.events.find_id(text), unknown)
    return at_time(recording, shown.resolve(recording.stop_at(here.stop)))


def _taken(recording: Recording, event: int | None, otherwise: str) -> Position:
    """The stop of an event; `otherwise` is the message if none was taken."""
    if event is None or recording.stop_of_event(event) < 0:
        raise ValueError(otherwise)
    return at_stop(recording, recording.stop_of_event(event))


# --- A text of an event ------------------------------------------------------------------------


def holds(event: Event, wanted: str) -> bool:
    """Whether some text of the event contains `wanted` (in lower case); case does not count."""
    texts = [event.name, event.id]
    for resource in (event.resource, *event.related):
        texts += resource.values()
    return any(wanted in text.casefold() for text in texts)


def find(
    recording: Recording,
    text: str,
    position: Position,
    *,
    forward: bool,
    progress: Callable[[int], None] | None = None,
) -> Position | None:
    """The nearest event after (before) the position that contains `text`.

    Args:
        recording: The recording to search.
        text: The text to find in names, ids and values of labels; case does not count.
        position: The start of the search; the event there is skipped.
        forward: The direction.
        progress: Called at intervals with the number of searched events; may raise to stop.
    """
    wanted = text.casefold()
    if not wanted:
        return None
    events = recording.events
    here = _event_at_or_before(recording, position.stop)
    at_deadline = recording.stop_event(position.stop) is None
    first = here + 1 if forward else (here if at_deadline else here - 1)
    if not 0 <= first < len(events):
        return None
    # A block without the bytes does not contain the text; only ASCII has a single encoding.
    needle = wanted.encode() if wanted.isascii() else None
    for begin, packed in events.blocks(first, forward=forward):
        if progress is not None:
            progress(abs(begin - first))
        if needle is not None and needle not in packed.lower():
            continue
        end = min(begin + BLOCK, len(events))
        places = (
            range(max(begin, first), end) if forward else range(min(end - 1, first), begin - 1, -1)
        )
        for place in places:
            stop = recording.stop_of_event(place)
            if stop >= 0 and holds(events[place], wanted):
                return at_stop(recording, stop)
    return None


def _event_at_or_before(recording: Recording, stop: int) -> int:
    """The position of the last event at or before a stop; -1 before the first."""
    events = map(recording.stop_event, range(stop, -1, -1))
    return next((event for event in events if event is not None), -1)
