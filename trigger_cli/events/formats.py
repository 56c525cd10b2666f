"""Detects the format of a log from its first lines."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Literal, TypeAlias

from trigger_cli.events.documents import PAGE_HEAD

Shape: TypeAlias = Literal["lines", "documents"]

_BANNER = b"Subscribing to event stream"
_LONGEST_HEAD = 256 * 1024
"""The largest number of bytes read to detect the format; a longer line is a page on one line."""


def is_filler(line: bytes) -> bool:
    """Whether `line` has no content: it is blank, or a header of ``prefect event stream``."""
    stripped = line.strip()
    return not stripped or stripped.startswith(_BANNER)


def told_shape(chunks: Iterator[bytes]) -> tuple[Shape, Iterator[bytes]]:
    """The shape of the log in `chunks`, and all of its chunks."""
    head = bytearray()
    shape = None
    for chunk in chunks:
        head += chunk
        # A chunk without a newline is not decisive, so many small ones are not checked.
        if b"\n" in chunk or len(head) >= _LONGEST_HEAD:
            shape = shape_of(bytes(head), ended=len(head) >= _LONGEST_HEAD)
        if shape is not None:
            break
    shape = shape or shape_of(bytes(head), ended=True)
    assert shape is not None  # it is always known at the end
    return shape, chain([bytes(head)], chunks)


def shape_of(head: bytes, *, ended: bool) -> Shape | None:
    """Whether a log that begins with `head` has one record per line, or documents across lines.

    It has lines, unless the first line is incomplete JSON that the second continues. A page on one
    line is a document too if its end is missing or if it is too long to keep in memory. Several
    pages with one line each are lines.

    Returns:
        ``None`` if `head` is too short to decide; never if `ended`, when no more text follows.
    """
    first, newline, rest = head.partition(b"\n")
    while newline and is_filler(first):
        first, newline, rest = rest.partition(b"\n")
    whole = ended or bool(newline)
    text = first.decode("utf-8", "replace").strip()
    if text.startswith("["):
        # `[` alone, `[{…}, …`, `[]`; but not `[2026-03-01 12:00] a line of some other log`.
        after = (text[1:].lstrip() or rest.decode("utf-8", "replace").lstrip())[:1]
        if not after and not ended:
            return None
        return "documents" if after in ("", "{", "[", "]") else "lines"
    if not text.startswith("{"):
        return "lines" if whole else None
    if not whole:
        return None
    begins, complete = _begins_json(text)
    if complete:
        return "lines"
    second, newline, _ = rest.lstrip().partition(b"\n")
    if not second:
        return None if not ended else "documents" if PAGE_HEAD.match(text) else "lines"
    if not begins:
        return "lines"
    if not newline and not ended:
        return None
    following = second.decode("utf-8", "replace").rstrip()
    both = text + "\n" + following
    if PAGE_HEAD.match(both):
        return "documents"
    if following.startswith("{") and _begins_json(following)[1]:
        return "lines"  # the first line was cut where a value may begin
    return "documents" if _begins_json(both)[0] else "lines"


def _begins_json(text: str) -> tuple[bool, bool]:
    """Whether `text` is a prefix of JSON, and whether it is complete JSON."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) - 1 and not error.msg.startswith("Extra data"), False
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        return False, False
    return True, True


def first_line_of(chunks: Iterator[bytes]) -> tuple[str, Shape]:
    """The first line of a log that is no filler, and the shape that the log was taken for."""
    shape, every = told_shape(chunks)
    head = next(every, b"")
    line = next((one for one in head.splitlines() if not is_filler(one)), b"")
    return line.decode("utf-8", "replace"), shape
