"""Writes the notation of test files: scalars, offsets, firings on one line."""

import re
from collections.abc import Iterable

from trigger_cli.definitions.scalars import read_plain_scalar
from trigger_cli.model import Firing
from trigger_cli.testing.records import BucketIs, EventWanted, Fires, FiringWanted, NoEvent
from trigger_cli.times import HOUR, MINUTE, SECOND, TimePoint, format_instant

# Text that YAML reads as a plain string, also inside [ ] and { }.
_PLAIN = re.compile(r"[A-Za-z_/+$.][\w./+$*@%()=-]*(?:[ :][\w./+$*@%()=-]+)*", re.ASCII)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def scalar(text: str) -> str:
    """`text` as a YAML scalar, quoted if necessary."""
    if _PLAIN.fullmatch(text) and isinstance(read_plain_scalar(text), str):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return f"\\\\u{code:04x}"  # no encoding can represent it; the text is quoted and escaped
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def mapping(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as a YAML mapping on one line."""
    return _braced(f"{scalar(key)}: {scalar(value)}" for key, value in labels)


def _braced(parts: Iterable[str]) -> str:
    return "{" + ", ".join(parts) + "}"


def duration(length: int) -> str:
    """A duration, to the microsecond: ``1h2m3.5s``."""
    hours, rest = divmod(length, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, micros = divmod(rest, SECOND)
    text = f"{hours}h" if hours else ""
    text += f"{minutes}m" if minutes else ""
    if micros:
        text += f"{seconds}.{micros:06d}".rstrip("0") + "s"
    elif seconds or not text:
        text += f"{seconds}s"
    return text


def time_text(instant: int, start: int) -> str:
    """An instant as an offset from the start; before the start, as an absolute time."""
    return f"+{duration(instant - start)}" if instant >= start else format_instant(instant)


def time(when: TimePoint) -> str:
    """A time as the test states it."""
    return f"+{duration(when.time)}" if when.after_start else format_instant(when.time)


# --- Firings -----------------------------------------------------------------------------


def firing(one: Firing, start: int, *, name: bool) -> str:
    """A firing on one line, in the notation of ``firings:``; `name` adds its automation."""
    parts = [f"at: {time_text(one.at, start)}"]
    if name:
        parts.insert(0, f"automation: {scalar(one.automation.name)}")
    if not one.is_own:
        parts.append(f"trigger: {scalar(one.trigger.path)}")
    if one.labels:
        parts.append(f"labels: {mapping(one.labels)}")
    parts.append(f"event: {'null' if one.event is None else scalar(one.event.id)}")
    return _braced(parts)


def which(one: FiringWanted) -> str:
    """The selected firings, in words: `` of "daily" at +5m``; empty if all are selected."""
    words = []
    if one.automation is not None:
        words.append(f' of "{one.automation}"')
    if one.trigger is not None:
        words.append(f", trigger {one.trigger}")
    if one.labels:
        words.append(" with " + ", ".join(f"{key}={value}" for key, value in one.labels))
    if one.at:
        words.append(" at " + " or ".join(map(time, one.at)))
    if one.between:
        words.append(f" between {time(one.between[0])} and {time(one.between[1])}")
    if isinstance(one.event, NoEvent):
        words.append(" without an event")
    elif one.event is not None:
        words.append(f" by the event {_event(one.event)}")
    return "".join(words)


def number(claim: Fires) -> str:
    """The expected number of firings."""
    if claim.most is None:
        return f"at least {claim.least}"
    if claim.least != claim.most:
        return f"at most {claim.most}"
    return "never" if claim.least == 0 else str(claim.least)


def bucket(claim: BucketIs) -> str:
    """The expected state of a bucket."""
    parts = [] if claim.state is None else [f"bucket: {claim.state}"]
    if claim.count is not None:
        parts.append(f"count: {claim.count}")
    return ", ".join(parts)


def wanted(one: FiringWanted) -> str:
    """An expected firing, on one line."""
    parts = []
    if one.automation is not None:
        parts.append(f"automation: {scalar(one.automation)}")
    if len(one.at) == 1:
        parts.append(f"at: {time(one.at[0])}")
    elif one.at:
        parts.append(f"at: [{', '.join(map(time, one.at))}]")
    if one.between is not None:
        parts.append(f"between: [{time(one.between[0])}, {time(one.between[1])}]")
    if one.trigger is not None:
        parts.append(f"trigger: {scalar(one.trigger)}")
    if one.labels is not None:
        parts.append(f"labels: {mapping(one.labels)}")
    if isinstance(one.event, NoEvent):
        parts.append("event: null")
    elif one.event is not None:
        parts.append(f"event: {_event(one.event)}")
    return _braced(parts)


def _event(event: EventWanted) -> str:
    if event.text is not None:
        return scalar(event.text)
    parts = [] if event.id is None else [f"id: {scalar(event.id)}"]
    if event.name is not None:
        parts.append(f"event: {scalar(event.name)}")
    if event.resource:
        parts.append(f"resource: {mapping(event.resource)}")
    return _braced(parts)
