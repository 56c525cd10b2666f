"""The engine's rules from ``docs/semantics.md``, to which ids in code and output refer."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from trigger_cli.shipped import shipped

_SECTION = re.compile(r"## (?P<letter>[A-Z]) · (?P<title>.+)")
_RULE = re.compile(r"(?:-|\d+\.) \*\*(?P<id>[A-Z]\d+)\*\* (?P<text>.*)")
_DIFFERENCE = re.compile(r"\| (?P<id>D\d+) \| (?P<cells>.*) \|")
_ID = re.compile(r"[A-Z]\d{1,2}")


class SemanticRule(NamedTuple):
    """One rule of the engine, or one difference between dialects."""

    id: str
    section: str
    """The title of its section, e.g. ``Buckets and keys``."""
    markdown: str
    """The text of the rule."""


def is_rule_id(text: str) -> bool:
    """Whether `text` has the form of a rule id, in either case: ``E4``, ``d7``."""
    return _ID.fullmatch(text.upper()) is not None


def semantic_rules() -> dict[str, SemanticRule]:
    """All rules by id, in the page's order.

    Raises:
        OSError: The page, which is part of the package, cannot be read.
    """
    path = shipped("semantics.md", "docs/semantics.md")
    return {one.id: one for one in _parsed(path.read_text("utf-8").splitlines())}


def _parsed(lines: list[str]) -> Iterator[SemanticRule]:
    section = ""
    head: list[str] = []
    for number, line in enumerate(lines):
        if found := _SECTION.fullmatch(line):
            section = found["title"]
        elif line.startswith("| # |"):
            head = [cell.strip() for cell in line.strip("|").split("|")][2:]
        elif found := _RULE.match(line):
            rest = []
            for more in lines[number + 1 :]:
                if not more.startswith("  "):
                    break
                rest.append(more.strip())
            yield SemanticRule(found["id"], section, " ".join([found["text"], *rest]))
        elif found := _DIFFERENCE.match(line):
            on, *choices = (cell.strip() for cell in found["cells"].split(" | "))
            told = [f"- {name}: {choice}" for name, choice in zip(head, choices, strict=True)]
            yield SemanticRule(found["id"], section, "\n".join([f"{on}:", "", *told]))
