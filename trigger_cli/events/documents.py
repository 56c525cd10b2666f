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

from msgspec import Struct

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
_NOTHING_MORE = "nothing from there on is read"
_EXCERPT = 20
_UNENDED_STRING = "Unterminated string"
_NEXT_LINE = re.compile(r"\n([ \t]*+)(?=[{\[])")
_LONGEST_INDENT = 256
_MUCH = 4096
"""About how much text before a break is kept: each break costs a search in it."""


class NotJson(Struct, frozen=True):
    """A part of the documents that is not JSON."""

    why: str


class _BrokenError(Exception):
    """The document is not JSON at the read position; `str()` says why."""


class _EndlessElementError(_BrokenError):
    """An element is too long to be read, and so may be what follows it."""


def elements(chunks: Iterator[bytes]) -> Iterator[bytes | NotJson]:
    """The text of every element of every document in `chunks`.

    Elements are the members of an array, the events of a page, and other whole objects. Their
    content is not checked. Where a document is not JSON, the next line on which an element can
    begin is read as if a document began there.
    """
    tape = _Tape(chunks)
    was_broken = False
    while char := tape.peek():
        try:
            if char == "[":
                yield from _array(tape)
            elif tape.skip_page_head():
                yield from _array(tape)
                _skip_page_tail(tape)
            elif was_broken and char != "{":
                tape.resume()  # what is left of a broken document, such as `], "total": 3}`
            else:
                yield tape.value()
        except _EndlessElementError as error:
            yield NotJson(f"{error}; {_NOTHING_MORE}")
            return
        except _BrokenError as error:
            was_broken = True
            line = tape.resume()
            goes_on = f"reading goes on at text line {line}" if line else _NOTHING_MORE
            yield NotJson(f"{error}; {goes_on}")


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
        self._indent = 0
        """The indentation of the line on which the latest element began."""

    def peek(self) -> str:
        """Move to the next character that is no space and return it; ``""`` at the end."""
        blank = ""
        while True:
            if space := _SPACE.match(self._text, self._at):
                blank += space[0]
                self._at = space.end()
            if self._at < len(self._text):
                if "\n" in blank:
                    self._indent = len(blank) - blank.rfind("\n") - 1
                return self._text[self._at]
            if not self._read_more():
                return ""

    def take(self, *expected: str) -> str:
        """Skip the next character that is no space, which must be one of `expected`."""
        char = self.peek()
        if char not in expected:
            wanted = " or ".join(f"`{one}`" for one in expected)
            raise self.broken(f"expected {wanted}", self._at)
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
        """Skip one JSON value and return its text; of a broken one, skip its first line at least."""
        self.peek()
        while True:
            try:
                _, end = _SCAN(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_lack_its_rest(error) and self._read_more():
                    continue
                reason = error.msg.replace("Expecting", "expected")
                if error.msg.startswith(_UNENDED_STRING):
                    reason = _BREAKS_OFF
                broken = self.broken(reason, error.pos)
                self._skip_line()
                raise broken from None
            except RecursionError:
                broken = self.broken("nested too deeply", self._at)
                self._skip_line()
                raise broken from None
            # A number near the end of the text may continue in the next chunk: `1`, `1.5e`.
            certain = self._text[end - 1] in '}]"' or len(self._text) - end > _LONGEST_TOKEN
            if certain or not self._read_more():
                text = self._text[self._at : end]
                self._at = end
                return text.encode("utf-8", "surrogateescape")

    def _may_lack_its_rest(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may only be incomplete because the available text ends."""
        if len(self._text) - self._at > LONGEST_RECORD:
            raise _EndlessElementError(str(self.broken("an element is too long", self._at)))
        return len(self._text) - error.pos <= _LONGEST_TOKEN or error.msg.startswith(
            _UNENDED_STRING
        )

    def resume(self) -> int | None:
        """Move to where an element can begin, this place if it can; its line, ``None`` at the end.

        That is a line with an object or an array, not indented further than the latest element.
        """
        while char := self.peek():
            if char in "{[":
                return self._place(self._at)[0]
            if char == ",":
                self._at += 1
            else:
                self._skip_line()
        return None

    def _skip_line(self) -> None:
        """Move to the next line that begins as the latest element's did, or is indented less."""
        while True:
            for found in _NEXT_LINE.finditer(self._text, self._at):
                if len(found[1]) <= self._indent:
                    self._at, self._indent = found.end(), len(found[1])
                    if self._at > _MUCH:
                        self._forget()
                    return
            # What may be the beginning of such a line is kept.
            self._at = max(self._at, len(self._text) - _LONGEST_INDENT)
            if not self._read_more():
                self._at = len(self._text)
                return

    def broken(self, reason: str, at: int) -> _BrokenError:
        """The error for a fault at a position of the kept text."""
        line, column = self._place(at)
        found = self._text[at : at + _EXCERPT]
        if not found.strip():
            reason = _BREAKS_OFF
        elif reason != _BREAKS_OFF:
            reason += f", found {found!r}"
        return _BrokenError(f"not JSON at text line {line}, column {column}: {reason}")

    def _place(self, at: int) -> tuple[int, int]:
        """The line and column of a position in the kept text, both from 1."""
        newlines = self._text.count("\n", 0, at)
        if not newlines:
            return self._line, self._column + at
        return self._line + newlines, at - self._text.rfind("\n", 0, at)

    def _forget(self) -> None:
        """Drop the text that has been read."""
        self._line, self._column = self._place(self._at)
        self._text = self._text[self._at :]
        self._at = 0

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
        self._forget()
        self._text += "".join(parts)
        return True
