"""A parsed JSON value → `Event`, or the reason why it is none.

This is the careful way (`quick.py` is the quick one): it runs where a line is no plain event.
It is written optimistically: `event_of` takes what an event must have and lets Python raise
where the value is something else; only then does `explain` look again, field by field, to say
what is wrong.
"""

from __future__ import annotations

from typing import Any

from trigger_cli.events.problems import described, quoted
from trigger_cli.model import Event, Labels
from trigger_cli.times import parse_instant

_REQUIRED = ("event", "occurred", "resource")


class NotAnEvent(Exception):  # noqa: N818  # reads as what it says of the record
    """A JSON value is no event; `explain` tells why."""


def event_of(record: Any, line: int, origin: str | None, number: int) -> Event:
    """The event that `record` describes (O6).

    Args:
        record: a parsed JSON value, whatever it is.
        line: the record's number over all logs.
        origin: the record's source, for the id of an event that has none; ``None``: leave
            such an id empty.
        number: the record's number within its source, for the same.

    Raises:
        NotAnEvent: `record` is no event.
    """
    try:
        name = record["event"]
        occurred = parse_instant(record["occurred"])
        received = record.get("received")
        if received is not None:
            received = parse_instant(received)
        if type(name) is not str or not name:
            raise TypeError  # noqa: TRY301
        resource = text_labels(record["resource"])
        related = record.get("related")
        if related is None:
            related = ()
        elif type(related) is not list:
            raise TypeError  # noqa: TRY301
        else:
            related = tuple(map(text_labels, related))
        ident = record.get("id")
        if type(ident) is not str and ident is not None:
            raise TypeError  # noqa: TRY301
        follows = record.get("follows")
        if type(follows) is not str and follows is not None:
            raise TypeError  # noqa: TRY301
    except (LookupError, TypeError, AttributeError, ValueError):
        raise NotAnEvent from None
    return Event(
        line,
        ident or made_id(origin, number),
        name,
        occurred,
        received,
        follows or None,
        resource,
        related,
    )


def made_id(origin: str | None, number: int) -> str:
    """The id of an event that has none: an empty one would make all of them duplicates (O2)."""
    return "" if origin is None else f"{origin}:{number}"


def text_labels(labels: dict[str, Any]) -> Labels:
    """The labels whose value is a string; the others are taken as absent (O6)."""
    # A plain loop that the interpreter specialises: `all`, `map` and `str.join` are all
    # slower on the few labels that a resource has (1.1 µs an event; 2.9, 1.7 and 1.6).
    for value in labels.values():
        if type(value) is not str:
            return {label: text for label, text in labels.items() if type(text) is str}
    return labels


def unwrapped(record: Any) -> list[Any] | None:
    """The events inside `record`: of an API page, or of a websocket message.

    A message of another type (``ping``, ``auth_success``) has none; ``None`` is returned for what
    is neither page nor message.
    """
    if type(record) is not dict:
        return None
    page = record.get("events")
    if type(page) is list and "event" not in record:
        return page
    if type(record.get("type")) is not str:
        return None
    if record["type"] == "event" and type(record.get("event")) is dict:
        return [record["event"]]
    return None if any(key in record for key in _REQUIRED) else []


def explain(record: Any) -> str:
    """Why `event_of` refuses `record`: its first fault, found and expected."""
    if type(record) is not dict:
        return f"expected an event, which is an object, found {described(record)}"
    missing = [f"`{key}`" for key in _REQUIRED if key not in record]
    if missing:
        return f"an event needs `event`, `occurred` and `resource`, found no {' and no '.join(missing)}"
    name = record["event"]
    if type(name) is not str or not name:
        return (
            f"`event` must be a name such as 'prefect.flow-run.Completed', found {described(name)}"
        )
    return (
        _explain_time("occurred", record["occurred"])
        or (record.get("received") is not None and _explain_time("received", record["received"]))
        or _explain_resource("`resource`", record["resource"])
        or _explain_related(record.get("related"))
        or _explain_text("id", record.get("id"))
        or _explain_text("follows", record.get("follows"))
        or "no event"
    )


def _explain_time(key: str, value: Any) -> str:
    if type(value) is not str:
        return f"`{key}` must be a time such as '2026-03-01T12:00:00Z', found {described(value)}"
    try:
        parse_instant(value)
    except ValueError as error:
        return f"`{key}` is {quoted(value)}, {error}"
    return ""


def _explain_resource(what: str, value: Any) -> str:
    if type(value) is not dict:
        return f"{what} must be an object of labels, found {described(value)}"
    return ""


def _explain_related(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is not list:
        return f"`related` must be a list of objects, found {described(value)}"
    faults = (_explain_resource(f"`related[{at}]`", other) for at, other in enumerate(value))
    return next(filter(None, faults), "")


def _explain_text(key: str, value: Any) -> str:
    if value is None or type(value) is str:
        return ""
    return f"`{key}` must be a string, found {described(value)}"
