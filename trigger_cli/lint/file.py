"""One definition file for file rules, ignore comments and fixes: its text and documents."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from trigger_cli.definitions import Document
from trigger_cli.definitions.nodes import Node, walk
from trigger_cli.definitions.source import SourceText
from trigger_cli.model import Span

_COMMENTS = {
    "json": re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL),
    "yaml": re.compile(r"(?<![^\s\[\]{},])#[^\n]*"),
}


@dataclass(frozen=True)
class File:
    """A file with its documents."""

    name: str
    documents: tuple[Document, ...]

    @cached_property
    def source(self) -> SourceText:
        """The text with its lines; all spans count in it."""
        return SourceText(self.name, self.documents[0].text)

    @cached_property
    def is_json(self) -> bool:
        """Whether it was read as JSON (with comments and trailing commas)."""
        suffix = self.name.lower().rpartition(".")[2]
        if suffix in {"json", "yaml", "yml"}:
            return suffix == "json"
        return self.source.text.lstrip().startswith(("{", "[", "//", "/*"))

    @cached_property
    def strings(self) -> list[tuple[Span, str]]:
        """The place and text of every key and string."""
        found = []
        for document in self.documents:
            for _, node in walk(document.root):
                found += [(member.key_span, key) for key, member in node.members.items()]
                if isinstance(node.value, str):
                    found.append((node.span, node.value))
        return found

    @cached_property
    def comments(self) -> list[tuple[Span, str]]:
        """Every comment with its markers, in order."""
        text = self.source.text
        if not (("//" in text or "/*" in text) if self.is_json else "#" in text):
            return []
        scalars = sorted(set(self._scalar_spans()))
        pattern = _COMMENTS["json" if self.is_json else "yaml"]
        found = []
        position = 0
        while match := pattern.search(text, position):
            span = self.source.span(*match.span())
            inside = _containing(scalars, (span.line, span.column))
            if inside is None:
                found.append((span, match.group()))
                position = match.end()
            else:
                position = max(self.offset(inside.end_line, inside.end_column), match.start() + 1)
        return found

    def offset(self, line: int, column: int) -> int:
        """The offset in ``source.text`` of a line and column."""
        return self._line_starts[line - 1] + column - 1

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.source.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def _scalar_spans(self) -> Iterator[Span]:
        for document in self.documents:
            for _, node in walk(document.root):
                yield from (member.key_span for member in node.members.values())
                if _is_scalar(node):
                    yield node.span


def _is_scalar(node: Node) -> bool:
    return not node.is_object and not node.is_list


def _containing(spans: list[Span], place: tuple[int, int]) -> Span | None:
    # Scalars do not overlap, so only the last one that starts before can contain the place.
    index = bisect_right(spans, (*place, 10**9, 10**9)) - 1
    if index < 0:
        return None
    span = spans[index]
    return span if place < (span.end_line, span.end_column) else None
