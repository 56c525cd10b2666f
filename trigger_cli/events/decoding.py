"""Converts a parsed JSON value to an `Event`, or explains why it is none.

This is the slow path for lines that are no plain events; `quick.py` is the fast path. `event_of`
reads the fields that an event must have and lets Python raise if a value has another type. Only
then does `explain` check field by field to say what is wrong.
"""

from collections.abc import Iterator
from types import NoneType
from typing import Any

import msgspec

from trigger_cli.events.envelopes import REQUIRED, opened, where_inside
from trigger_cli.events.problems import described, quoted
from trigger_cli.events.quick import REFUSALS
from trigger_cli.model import Event, Labels
from trigger_cli.times import parse_instant

_OF_DEFINITIONS = frozenset({"trigger", "triggers", "posture", "expect"})
_TEXT_OR_NONE = (str, NoneType)
_LIST_OR_NONE = (list, NoneType)


class NotAnEvent(Exception):  # noqa: N818  # named after the fault
    """A JSON value is no event; `explain` says why."""


def event_of(record: Any, line: int) -> Event:
    """The event that a parsed JSON value describes (O6); its id is empty if it has none.

    Raises:
        NotAnEvent: `record` is no event.
    """
    try:
        name = record["event"]
        occurred = parse_instant(record["occurred"])
        received = record.get("received")
        if received is not None:
            received = parse_instant(received)
        resource = text_labels(record["resource"])
        related, ident, follows = map(record.get, ("related", "id", "follows"))
        if (
            type(name) is not str
            or not name
            or type(related) not in _LIST_OR_NONE
            or type(ident) not in _TEXT_OR_NONE
            or type(follows) not in _TEXT_OR_NONE
        ):
            raise TypeError  # noqa: TRY301
        related = tuple(map(text_labels, related or ()))
    except (LookupError, TypeError, AttributeError, ValueError):
        raise NotAnEvent from None
    return Event(line, ident or "", name, occurred, received, follows or None, resource, related)


def text_labels(labels: dict[str, Any]) -> Labels:
    """The labels whose value is a string; the others are taken as absent (O6)."""
    # A plain loop that the interpreter specialises: on the few labels of a resource it takes 1.1 µs
    # an event; `all`, `map` and `str.join` take 2.9, 1.7 and 1.6.
    for value in labels.values():
        if type(value) is not str:
            return {label: text for label, text in labels.items() if type(text) is str}
    return labels


class _Payload(msgspec.Struct):
    triggering_labels: Labels


class _Firing(msgspec.Struct):
    payload: _Payload | str


_firing = msgspec.json.Decoder(_Firing).decode
_payload = msgspec.json.Decoder(_Payload).decode


def triggering_labels(record: Any) -> Labels:
    """The labels of the bucket that a server's own firing tells in its payload.

    Args:
        record: The event's text, or a parsed JSON value.

    Returns:
        The labels; none if the payload has none, is neither an object nor the JSON of one, or has a
        label that is no string.
    """
    try:
        firing = _firing(record) if type(record) is bytes else msgspec.convert(record, _Firing)
        payload = firing.payload
        return (_payload(payload) if isinstance(payload, str) else payload).triggering_labels
    except REFUSALS:
        return {}


def unwrapped(record: Any) -> list[Any] | None:
    """The events inside `record`: of a list, an API page, a websocket message, or an envelope.

    A message of another type (``ping``, ``auth_success``) has none. ``None`` if `record` is none
    of these.
    """
    if type(record) is list and record and all(type(one) is dict for one in record):
        return record
    if type(record) is not dict:
        return None
    page = record.get("events")
    if type(page) is list and "event" not in record:
        return page
    inside = opened(record)
    if inside is not None:
        return inside
    if type(record.get("type")) is not str:
        return None
    if record["type"] == "event" and type(record.get("event")) is dict:
        return [record["event"]]
    return None if any(key in record for key in REQUIRED) else []


def explain(record: Any) -> str:
    """Why `event_of` refuses `record`: the first fault, with what was expected and found."""
    if type(record) is not dict:
        return f"expected an event, which is an object, found {described(record)}"
    if "event" not in record and not _OF_DEFINITIONS.isdisjoint(record):
        return "expected an event, found a definition: triggers come first, then the log"
    missing = [f"`{key}`" for key in REQUIRED if key not in record]
    place = where_inside(record) if missing else None
    if place is not None:
        return f"expected an event, found an object that holds one: take it out with jq -c {quoted(place)}"
    if missing:
        return f"an event needs `event`, `occurred` and `resource`, found no {' and no '.join(missing)}"
    return next(_faults(record), "no event")


def _faults(record: dict[str, Any]) -> Iterator[str]:
    """The faults of the fields of a record that has all required fields."""

    def wrong(what: str, expected: str, value: Any) -> str:
        return f"{what} must be {expected}, found {described(value)}"

    name = record["event"]
    if type(name) is not str or not name:
        yield wrong("`event`", "a name such as 'prefect.flow-run.Completed'", name)
    for key in ("occurred", "received") if record.get("received") is not None else ("occurred",):
        time = record[key]
        if type(time) is not str:
            yield wrong(f"`{key}`", "a time such as '2026-03-01T12:00:00Z'", time)
            continue
        try:
            parse_instant(time)
        except ValueError as error:
            yield f"`{key}` is {quoted(time)}, {error}"
    if type(record["resource"]) is not dict:
        yield wrong("`resource`", "an object of labels", record["resource"])
    related, ident, follows = map(record.get, ("related", "id", "follows"))
    if type(related) not in _LIST_OR_NONE:
        yield wrong("`related`", "a list of objects", related)
    for index, labels in enumerate(related or ()):
        if type(labels) is not dict:
            yield wrong(f"`related[{index}]`", "an object of labels", labels)
    for key, text in (("id", ident), ("follows", follows)):
        if type(text) not in _TEXT_OR_NONE:
            yield wrong(f"`{key}`", "a string", text)
