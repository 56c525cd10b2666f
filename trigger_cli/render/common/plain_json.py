"""JSON that is safe to print: bounded strings, and no characters that control a terminal."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any

import orjson
from msgspec.structs import asdict

from trigger_cli.model import BadLine, Event, Heading
from trigger_cli.times import format_instant

LONGEST_STRING = 4_096
"""The limit for strings from a log or a definition; a cut one ends with its length and a digest."""

_BATCH = 64
"""How many items of a list are written at a time; one by one, they take twice the time."""

# JSON itself escapes the C0 controls. These characters can also move a cursor or reverse text.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def bounded(text: str) -> str:
    """`text`, cut if it is very long. Different texts stay different."""
    if len(text) <= LONGEST_STRING:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:LONGEST_STRING]}… ({len(text)} characters, sha256 {digest})"


def instant(at: int | None) -> str | None:
    """An instant as text; ``None`` if there is none."""
    return None if at is None else format_instant(at)


def labels_object(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A bucketing key: each label with its value."""
    return {bounded(label): bounded(value) for label, value in labels}


def event_place(event: Event | Heading | None) -> dict[str, Any]:
    """The id and the line of an event; both are null without an event."""
    return {
        "event_id": None if event is None else bounded(event.id),
        "event_line": None if event is None else event.line,
    }


def problem_object(problem: BadLine) -> dict[str, Any]:
    """A line of a log that is not an event."""
    return {name: with_texts(value, bounded) for name, value in asdict(problem).items()}


def dump_json(value: Any) -> str:
    r"""Write a JSON value on one line, without a newline at its end.

    Characters that a terminal could act on are written as escapes, which mean the same text; a lone
    surrogate, which UTF-8 cannot represent, becomes the text ``\udXXX``.
    """
    return _dumped(value, 0)


def inert_json(text: str) -> str:
    """JSON text whose characters that a terminal could act on are written as escapes."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def json_document(value: Any) -> str:
    """Write a JSON value like `dump_json`, but indented, with a newline at its end."""
    return _dumped(value, orjson.OPT_INDENT_2) + "\n"


def document_in_pieces(value: Any) -> Iterator[str]:
    """The text of `json_document` in pieces; iterators are written as lists and never stored whole.

    Iterators are supported as values of objects and in the items of such lists.
    """
    yield from _pieces(value, "\n")
    yield "\n"


def _pieces(value: Any, newline: str) -> Iterator[str]:
    text = _dumped_if_whole(value)
    if text is not None:
        yield text.replace("\n", newline)
        return
    within = newline + "  "
    begin, end = "{}" if isinstance(value, Mapping) else "[]"
    gap = begin
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield f"{gap}{within}{dump_json(key)}: "
            yield from _pieces(one, within)
            gap = ","
    else:
        rest = iter(value)
        while items := list(islice(rest, _BATCH)):
            text = _dumped_if_whole(items)
            if text is not None:
                yield gap + text[1:-2].replace("\n", newline)
                gap = ","
                continue
            for one in items:
                yield gap + within
                yield from _pieces(one, within)
                gap = ","
    yield begin + end if gap == begin else newline + end


def _dumped_if_whole(value: Any) -> str | None:
    """The text of a value without iterators; ``None`` if it has one, which `orjson` refuses."""
    try:
        return inert_json(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
    except TypeError:
        return None if _has_iterator(value) else _dumped(value, orjson.OPT_INDENT_2)


def _has_iterator(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_iterator, value.values()))
    return isinstance(value, Iterator) or (
        isinstance(value, list) and any(map(_has_iterator, value))
    )


def _dumped(value: Any, option: int) -> str:
    try:
        text = orjson.dumps(value, option=option).decode()
    except TypeError:
        text = orjson.dumps(_dumpable(value), option=option).decode()
    return inert_json(text)


def _dumpable(value: Any) -> Any:
    """The value without what `orjson` refuses: lone surrogates, and integers over 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return orjson.Fragment(str(value))
    if isinstance(value, Mapping):
        return {_dumpable(key): _dumpable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return list(map(_dumpable, value))
    return value


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value in which each text, keys included, is replaced by `change` of it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {with_texts(key, change): with_texts(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [with_texts(one, change) for one in value]
    return value
