"""Repairs JSON with the typical faults of examples, so that it can be linted.

Documentation shows fragments (``"match": {…}, …``), and pasted text may lack its end or a comma.
Such a file is still an error, but its content is checked too. Repairs keep the columns of the rest.
"""

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.model import Finding, Span

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*(?:.*?\*/|.*+)|\.\.\.|…|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL
)
_CLOSING = {"{": "}", "[": "]"}
_LARGEST = 200_000


class Recovered(Struct, frozen=True):
    """The repaired text, and the mapping of its lines to those of the file."""

    text: str
    lines: tuple[str, ...]
    """The file's own lines."""
    added: int
    """How many lines the repaired text has before the file's lines."""

    def moved(self, finding: Finding) -> Finding:
        """A finding about the repaired text as one about the file; it has no fix."""
        span = finding.span
        line, end_line = span.line - self.added, span.end_line - self.added
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        moved = Span(max(line, 1), span.column, max(end_line, 1), span.end_column)
        return replace(finding, span=moved, excerpt=moved.excerpt_of(excerpt), fix=None)


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """The tokens of a JSON text and where each starts, without comments."""
    for found in _TOKEN.finditer(text):
        word = found.group()
        if not word.startswith(("//", "/*")):
            yield found.start(), word


def recover(text: str | bytes) -> Recovered | None:
    """The text as it was probably intended, or ``None`` if that is unclear."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.lstrip().startswith(('"', "{", "[")) or len(text) > _LARGEST:
        return None
    mended, opened = _mended(text)
    whole = mended + "\n" + "".join(_CLOSING[bracket] for bracket in reversed(opened))
    lines = tuple(text.split("\n"))
    if text.lstrip().startswith('"'):
        return Recovered("{\n" + whole + "}", lines, 1)
    return Recovered(whole, lines, 0)


def _mended(text: str) -> tuple[str, list[str]]:
    """The text without ``...`` and with missing commas, and the unclosed brackets."""
    characters = list(text)
    opened: list[str] = []
    last = ""
    place = 0
    for start, word in tokens(text):
        if word in {"...", "…"}:
            characters[start : start + len(word)] = " " * len(word)
            continue
        lacks_comma = last not in {"", "{", "[", ",", ":"} and word not in {"}", "]", ",", ":"}
        if lacks_comma and place < len(text) and text[place] in " \t\n":
            # In place of the blank, or before the line end, so that no column changes.
            characters[place] = "," if text[place] != "\n" else ",\n"
        if word in _CLOSING:
            opened.append(word)
        elif word in {"}", "]"} and (not opened or _CLOSING[opened.pop()] != word):
            return text, []
        last, place = word, start + len(word)
    return "".join(characters), opened
