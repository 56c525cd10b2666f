"""The names, labels and patterns of an automation, and signs that one is a mistake."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from trigger_cli.definitions.nodes import ObjectMember
from trigger_cli.lint.edits import fix, rename_key, write
from trigger_cli.lint.rule import Problem
from trigger_cli.lint.subject import Subject, ValueAt
from trigger_cli.match.lists import is_regular, listed
from trigger_cli.model import Fix

# These patterns take linear time: no part scans the rest of the text from each possible start.
_LINK = re.compile(r"\[([^\[\]\s]+)\]\(<?https?://[^)\s]{0,2000}\)")
_ESCAPED = re.compile(r"\\([_*.\-\[\]~!])")
_ENTITY = re.compile(r"&(?:[a-z]{2,6}|#\d{1,5});")
_BOLD = re.compile(r"\*\*(.+)\*\*|__(.+)__")
_DECORATION = str.maketrans("", "", "`“”„‘’\u200b\u200c\u200d\u2060\ufeff\xad")

_PLACEHOLDER = re.compile(
    r"<[^<>]+>|\{\{[^{}]*\}\}|\{[a-z_ -]+\}|\.\.\.|…|\$\{[^{}]*\}|(?-i:\$?\b[A-Z][A-Z0-9]*_(?:ID|UUID)\b)"
    r"|\b(?:your|my)[-_ ](?:[a-z]{1,20}[-_ ]){0,5}(?:id|uuid)\b"
    r"|\b(?:change[-_ ]?me|replace[-_ ]?me|todo|fixme|x{4,}|tbd)\b"
    r"|\b00000000-0000-0000-0000-0{12}\b|\b123e4567-e89b-12d3-a456-426614174000\b"
    r"|\b(1{8}-1{4}-1{4}-1{4}-1{12}|f{8}-f{4}-f{4}-f{4}-f{12})\b",
    re.IGNORECASE,
)
_PLACEHOLDER_WORDS = {"string", "uuid"}

Kind = Literal["name", "label", "pattern", "for_each", "id"]


class Text(Struct, frozen=True):
    """A name, label or pattern, and its place."""

    kind: Kind
    text: str
    at: ValueAt
    is_key: bool = False

    def problem(self, message: str, help_: str | None = None, fix: Fix | None = None) -> Problem:
        """A problem with it."""
        report = self.at.key_problem if self.is_key else self.at.problem
        return report(message, help_, fix)

    def replaced(self, by: str, description: str) -> Fix | None:
        """The safe fix that replaces it by another text."""
        if not self.is_key:
            return write(self.at, by, description, safe=True)
        member = ObjectMember(self.at.key_span, self.at.node)
        return fix(description, rename_key(self.at.subject.file, member, by), safe=True)


@lru_cache(maxsize=1)  # several rules in a row ask for the same automation
def texts(subject: Subject) -> tuple[Text, ...]:
    """Every event name, label, pattern and ``for_each`` label of an automation's triggers."""
    return tuple(_texts(subject))


def _texts(subject: Subject) -> Iterator[Text]:
    for _, label in subject.labels:
        yield Text("label", label.label, label.at, is_key=True)
        for at, pattern in label.at.strings():
            yield Text("pattern", pattern, at)
    for at, name in subject.names:
        yield Text("name", name, at)
    for event in subject.events:
        for at, key in event.each("for_each"):
            yield Text("for_each", key, at)


def without_markdown(text: str) -> str:
    """The text without markup of Markdown or HTML and without a word processor's characters."""
    if text.isascii() and not any(character in text for character in "\\`&[_*"):
        return text
    cleaned = _LINK.sub(r"\1", text)
    if bold := _BOLD.fullmatch(cleaned):
        cleaned = bold[1] or bold[2]
    cleaned = _ESCAPED.sub(r"\1", cleaned)
    if _ENTITY.search(cleaned):
        import html  # noqa: PLC0415  # a table of 2,000 names, which few definitions need

        cleaned = html.unescape(cleaned)
    return cleaned.translate(_DECORATION).replace("\xa0", " ")


def placeholder(text: str) -> str | None:
    """The placeholder in a text, if there is one."""
    if text.lower() in _PLACEHOLDER_WORDS:
        return text
    found = _PLACEHOLDER.search(text)
    return found.group() if found else None


@lru_cache(maxsize=4096)
def is_clean(text: str) -> bool:
    """Whether a text has no placeholder, markup or extra blanks, and is no list in one text."""
    if is_regular(text) or listed(text):
        return False
    return placeholder(text) is None and without_markdown(text) == text == text.strip()
