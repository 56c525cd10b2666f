"""Search: the next or the previous event in which a text stands."""

from __future__ import annotations

from collections.abc import Callable

from trigger_cli.debugger.event_store import BLOCK
from trigger_cli.debugger.position import Position, at_stop
from trigger_cli.debugger.recording import Recording
from trigger_cli.model import Event


def holds(event: Event, wanted: str) -> bool:
    """Whether some text of the event has `wanted` (in lower case) in it, in whatever case."""
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
    """The nearest event after (before) the position in which `text` stands.

    Args:
        recording: Where to look.
        text: Looked for in names, ids and the values of labels, whatever its case.
        position: Where to begin; the event there is passed over.
        forward: Which way to look.
        progress: Told now and then how many events have been looked at; may raise to stop.
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
    # A block that lacks the bytes lacks the text; only ASCII has but one way to be written.
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
    """The position of the last event that was taken at or before a stop; -1 before the first."""
    while stop >= 0:
        event = recording.stop_event(stop)
        if event is not None:
            return event
        stop -= 1
    return -1
