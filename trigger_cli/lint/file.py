"""A definition file as file rules, ignore comments and fixes see it: text and documents."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from trigger_cli.definitions import Document
from trigger_cli.definitions.nodes import locate, parse_pointer, walk
from trigger_cli.definitions.source import SourceText
from trigger_cli.model import Span

_COMMENTS = {
    "json": re.compile(r"//[^\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL),
    "yaml": re.compile(r"(?<![^\s\[\]{},])#[^\n]*"),
}


class File(Struct, frozen=True, dict=True):
    """A file with its documents."""

    name: str
    documents: tuple[Document, ...]

    @cached_property
    def source(self) -> SourceText:
        """The text with its lines; all spans refer to it."""
        return SourceText(self.name, self.documents[0].text)

    @property
    def is_converted(self) -> bool:
        """Whether it is Terraform or Python."""
        return any(document.is_converted for document in self.documents)

    @cached_property
    def is_json(self) -> bool:
        """Whether it was read as JSON (with comments and trailing commas)."""
        suffix = self.name.lower().rpartition(".")[2]
        if suffix in {"json", "yaml", "yml"}:
            return suffix == "json"
        return self.source.text.lstrip().startswith(("{", "[", "//", "/*"))

    @cached_property
    def comments(self) -> list[tuple[Span, str]]:
        """Every comment with its markers, in order."""
        text = self.source.text
        if not (("//" in text or "/*" in text) if self.is_json else "#" in text):
            return []
        scalars = sorted(set(self.scalar_spans()))
        pattern = _COMMENTS["json" if self.is_json else "yaml"]
        found = []
        position = 0
        while match := pattern.search(text, position):
            span = self.source.span(*match.span())
            # Scalars do not overlap, so only the last one that starts before can contain it.
            index = bisect_right(scalars, (*span[:2], 10**9, 10**9)) - 1
            if index >= 0 and span[:2] < scalars[index][2:]:
                position = max(self.source.offset(*scalars[index][2:]), match.start() + 1)
            else:
                found.append((span, match.group()))
                position = match.end()
        return found

    @cached_property
    def uses(self) -> Counter[Span]:
        """How often automations have the value at a place, where an alias of YAML gives it again."""
        if self.is_json or "*" not in self.source.text:
            return Counter()
        found: Counter[Span] = Counter()
        for document in self.documents:
            for entry in document.entries:
                here = locate(document.root, parse_pointer(document.root, entry.pointer))
                waiting = [] if here is None else [here.node]
                while waiting:
                    node = waiting.pop()
                    found[node.span] += 1
                    waiting += [*node.items, *(one.node for one in node.members.values())]
        return Counter({span: many for span, many in found.items() if many > 1})

    def scalar_spans(self) -> Iterator[Span]:
        """The spans of keys, and of values except objects and lists; an alias gives several."""
        for document in self.documents:
            for _, node in walk(document.root):
                yield from (member.key_span for member in node.members.values())
                if not node.is_object and not node.is_list:
                    yield node.span
