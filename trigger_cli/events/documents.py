"""Splits JSON documents that span lines into the text of their elements.

The log is one or more documents: arrays of events, API pages, or single objects as ``jq`` prints
them. The standard library's C scanner finds where an element ends; its result is discarded.
`orjson` then reads the element's bytes like a line of JSON Lines, so that events are checked
equally in every format, and a bad element affects only itself. (Scanner and orjson together take
half the time of ijson, which also turns lone surrogates into ``?`` and rejects the log at a 64-bit
overflow in a payload.)
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from trigger_cli.events.lines import LONGEST_RECORD

# An API page up to its list of events; only scalars, such as `total`, can come before it. The
# groups are not possessive: with early versions of Python 3.11 (3.11.2) they would match nothing.
# Giving up a repetition costs one step, since the next one could not begin where it ended.
PAGE_HEAD = re.compile(
    r'\s*+\{(?:\s*+"[^"\\]*+"\s*+:\s*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"|[^\s"{}\[\],]++)\s*+,)*'
    r'\s*+"events"\s*+:\s*+(?=\[)'
)
LONGEST_PAGE_HEAD = 4096

_SPACE = re.compile(r"[ \t\r\n]*+")
# Numbers as floats: the values are not used, and `float` accepts numbers of any length.
_SCAN = json.JSONDecoder(strict=False, parse_int=float).raw_decode
# A scan that fails this close to the end of the available text may only need more text: the
# longest token without quotes is `-Infinity`, the longest escape `\ud83d\ude00`.
_LONGEST_TOKEN = 16
_BREAKS_OFF = "it breaks off"
_EXCERPT = 20
_UNENDED_STRING = "Unterminated string"


class BrokenDocument(Exception):  # noqa: N818  # named after the fault
    """The documents end inside an element or are not JSON from here on; `str()` says why."""


def elements(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text of every element of every document in `chunks`.

    Elements are the members of an array, the events of a page, and other whole objects. Their
    content is not checked.

    Raises:
        BrokenDocument: The elements after those yielded so far cannot be separated.
    """
    tape = _Tape(chunks)
    while char := tape.peek():
        if char == "[":
            yield from _array(tape)
        elif tape.skip_page_head():
            yield from _array(tape)
            _skip_page_tail(tape)
        else:
            yield tape.value()


def _array(tape: _Tape) -> Iterator[bytes]:
    tape.take("[")
    if tape.peek() == "]":
        tape.take("]")
        return
    more = True
    while more:
        yield tape.value()
        more = tape.take(",", "]") == ","


def _skip_page_tail(tape: _Tape) -> None:
    """Skip what follows a page's events: ``, "total": 3, "next_page": null}``."""
    while tape.take(",", "}") == ",":
        tape.value()
        tape.take(":")
        tape.value()


class _Tape:
    """Text with a read position; keeps only the text that has not been read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        # Invalid bytes are kept for the element's bytes, where orjson refuses them.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._line = 1
        self._column = 1
        """The place where the kept text begins."""

    def peek(self) -> str:
        """Move to the next character that is no space and return it; ``""`` at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def take(self, *expected: str) -> str:
        """Skip the next character that is no space, which must be one of `expected`."""
        char = self.peek()
        if char not in expected:
            raise self.broken(f"expected {' or '.join(f'`{one}`' for one in expected)}")
        self._at += 1
        return char

    def skip_page_head(self) -> bool:
        """Skip ``{… "events":`` if the text continues with it."""
        while len(self._text) - self._at < LONGEST_PAGE_HEAD and self._read_more():
            pass
        head = PAGE_HEAD.match(self._text, self._at)
        if head is None:
            return False
        self._at = head.end()
        return True

    def value(self) -> bytes:
        """Skip one JSON value and return its text."""
        self.peek()
        while True:
            try:
                _, end = _SCAN(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_lack_its_rest(error) and self._read_more():
                    continue
                self._at = error.pos
                if error.msg.startswith(_UNENDED_STRING):
                    raise self.broken(_BREAKS_OFF) from None
                raise self.broken(error.msg.replace("Expecting", "expected")) from None
            except RecursionError:
                raise self.broken("nested too deeply") from None
            # A number near the end of the text may continue in the next chunk: `1`, `1.5e`.
            certain = self._text[end - 1] in '}]"' or len(self._text) - end > _LONGEST_TOKEN
            if certain or not self._read_more():
                text = self._text[self._at : end]
                self._at = end
                return text.encode("utf-8", "surrogateescape")

    def _may_lack_its_rest(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may only be incomplete because the available text ends."""
        if len(self._text) - self._at > LONGEST_RECORD:
            raise self.broken("an element is too long")
        return len(self._text) - error.pos <= _LONGEST_TOKEN or error.msg.startswith(
            _UNENDED_STRING
        )

    def broken(self, reason: str) -> BrokenDocument:
        """The error for a fault at the read position."""
        line, column = self._place()
        found = self._text[self._at : self._at + _EXCERPT]
        if not found.strip():
            reason = _BREAKS_OFF
        elif reason != _BREAKS_OFF:
            reason += f", found {found!r}"
        return BrokenDocument(
            f"not JSON at text line {line}, column {column}: {reason}; "
            "nothing from there on is read"
        )

    def _place(self) -> tuple[int, int]:
        """The line and column of the read position, both from 1."""
        newlines = self._text.count("\n", 0, self._at)
        if not newlines:
            return self._line, self._column + self._at
        return self._line + newlines, self._at - self._text.rfind("\n", 0, self._at)

    def _read_more(self) -> bool:
        """Read at least as much as is unread; ``False`` at the end."""
        # Doubling keeps the repeated scans of a long element linear.
        wanted = len(self._text) - self._at
        parts = []
        got = 0
        for chunk in self._chunks:
            parts.append(self._decoder.decode(chunk))
            got += len(parts[-1])
            if got > wanted:
                break
        else:
            parts.append(self._decoder.decode(b"", final=True))
        if not any(parts):
            return False
        self._line, self._column = self._place()
        self._text = self._text[self._at :] + "".join(parts)
        self._at = 0
        return True
