"""A page of events, decoded one event at a time.

Prefect allows events of 1.5 MB, 50 on a page, which could take gigabytes as Python objects. An event
that cannot be decoded has its id and time alone, and does not keep the others from being read.
"""

import sys
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
import orjson
from msgspec import Raw

from trigger_cli.events.lines import LONGEST_RECORD
from trigger_cli.server.content import ContentError, count_values

MOST_VALUES: Final = 1_000_000
"""The most JSON values that are decoded: an empty list takes 3 bytes as text, 64 in memory."""
_TOO_DEEP: Final = "depth limit exceeded"
"""The decoder's message about more than 1,024 levels."""
_LARGEST: Final = 1_500_000
"""The most bytes of an event of Prefect, which is decoded whatever it contains."""
_MOST_EVENTS: Final = 1_000
_DEEPEST: Final = 5_000
"""The most levels of a page; each takes about 50 bytes of the stack. (Python 3.12 and later have
a limit of their own, of 1,500 levels or more.)"""
_LONGEST_FACT: Final = 100_000
"""The most bytes of an id, a time, a number of events or a link."""

T = TypeVar("T")


class Unreadable(dict[str, Any]):
    """An event that cannot be decoded; it has `id` and `occurred` as far as they were found."""

    reason: str
    """It continues after the event: "is nested too deeply"."""


class _Identity(msgspec.Struct):
    id: Raw = Raw(b"null")
    occurred: Raw = Raw(b"null")


# A list would have no bound: three bytes of an answer, such as "{},", take 70 in memory.
_Events = msgspec.defstruct(
    "_Events",
    [(f"event_{number}", Raw, Raw(b"")) for number in range(_MOST_EVENTS + 1)],
    array_like=True,
)


class _Parts(msgspec.Struct):
    events: _Events  # type: ignore[valid-type]
    total: Raw = Raw(b"null")
    next_page: Raw = Raw(b"null")


class EventPage:
    """One page of events."""

    def __init__(self, texts: list[Raw], parts: _Parts) -> None:
        self._texts = texts
        total = _fact(parts.total)
        self.total: int | None = total if type(total) is int and total >= 0 else None
        """The number of all events; ``None`` if the server does not state it."""
        self.next_page = _fact(parts.next_page)
        """The link to the next page: any JSON value, ``None`` on the last page."""

    @property
    def events(self) -> Iterator[dict[str, Any]]:
        """The events, each decoded when it is its turn; some may be `Unreadable`."""
        return map(_decoded, self._texts)

    def ids(self) -> Iterator[Any]:
        """Their ids."""
        return (_facts_of(text).get("id") for text in self._texts)


def read_page(content: bytearray) -> EventPage | None:
    """The page in an answer; ``None`` if it is another JSON value.

    Raises:
        orjson.JSONDecodeError: It is no JSON.
        ContentError: It is nested too deeply, or has too many events.
    """
    try:
        parts = _decode(content, _Parts)
    except RecursionError:
        raise ContentError("sent an answer that is nested too deeply") from None
    except msgspec.ValidationError:
        return None
    except msgspec.DecodeError as error:
        raise orjson.JSONDecodeError(str(error), "", 0) from None
    texts = [one for one in msgspec.structs.astuple(parts.events) if one]
    if len(texts) > _MOST_EVENTS:
        raise ContentError(f"sent a page of more than {_MOST_EVENTS:,} events")
    are_objects = all(bytes(memoryview(one)[:1]) == b"{" for one in texts)
    return EventPage(texts, parts) if are_objects else None


def read_value(content: bytearray) -> Any:
    """The JSON value of another answer.

    Raises:
        orjson.JSONDecodeError: It is no JSON.
        ContentError: It has more than `MOST_VALUES` values, or is nested too deeply.
    """
    if count_values(content) > MOST_VALUES:
        raise ContentError(f"sent an answer of more than {MOST_VALUES:,} JSON values")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if error.msg != _TOO_DEEP:
            raise
        raise ContentError("sent an answer nested more than 1,024 deep") from None


def _decoded(text: Raw) -> dict[str, Any]:
    size = len(memoryview(text))
    reason = "is not valid JSON"
    if size > LONGEST_RECORD:
        reason = f"takes more than {LONGEST_RECORD // (1024 * 1024)} MiB"
    elif size > _LARGEST and count_values(bytes(text)) > MOST_VALUES:
        reason = f"has more than {MOST_VALUES:,} JSON values"
    else:
        try:
            event: dict[str, Any] = orjson.loads(memoryview(text))
        except orjson.JSONDecodeError as error:
            if error.msg == _TOO_DEEP:
                reason = "is nested too deeply"
        else:
            return event
    found = Unreadable(_facts_of(text))
    found.reason = reason
    return found


def _facts_of(text: Raw) -> dict[str, Any]:
    facts = _decode(text, _Identity)
    return {"id": _fact(facts.id), "occurred": _fact(facts.occurred)}


def _fact(text: Raw) -> Any:
    """A small value; the text itself, which is none of JSON's types, if it cannot be decoded."""
    plain = memoryview(text)
    try:
        return orjson.loads(plain) if len(plain) <= _LONGEST_FACT else text
    except orjson.JSONDecodeError:
        return text


def _decode(text: bytearray | Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except RecursionError:
        usual = sys.getrecursionlimit()
    sys.setrecursionlimit(_DEEPEST)
    try:
        return msgspec.json.decode(text, type=kind)
    finally:
        sys.setrecursionlimit(usual)
