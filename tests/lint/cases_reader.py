"""The case files: what is bad, what it is mended to, and what is good, one Markdown file a rule.

A file is titled with the rule's code and name. Its sections are

- ``## Bad: …``: a definition that this rule flags and no other does. The block ``findings`` after it
  says where and what (``line:column severity message``).
- ``## Fixed``: what the rule's fix makes of the bad example before it.
- ``## Good: …``: a definition that the rule does not flag.
- ``## Log``: the events (JSON Lines) of rules that need a log, for all examples.

A line ``Options: --dialect docs`` chooses another dialect than ``both``.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

CASES = Path(__file__).with_name("cases")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPTIONS = re.compile(r"^Options: --dialect (\S+)$", re.MULTILINE)


@dataclass
class Example:
    """One definition of a case file."""

    title: str
    format: str
    """``json``, ``yaml``, or ``path`` for what is no file at all."""
    text: str
    findings: str = ""
    fixed: str | None = None


@dataclass
class Case:
    """One case file."""

    path: Path
    title: str
    dialect: str = "both"
    log: str | None = None
    bad: list[Example] = field(default_factory=list)
    good: list[Example] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.title.split()[0]


def read_case(path: Path) -> Case:
    """Read one case file."""
    head, *parts = _SECTION.split(path.read_text("utf-8"))
    case = Case(path, head.splitlines()[0].removeprefix("# ").strip())
    if options := _OPTIONS.search(head):
        case.dialect = options[1]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        blocks = _BLOCK.findall(body)
        kind, _, name = title.partition(":")
        (format_, text), *others = blocks
        if kind == "Bad":
            case.bad.append(Example(name.strip(), format_, text, dict(others).get("findings", "")))
        elif kind == "Good":
            case.good.append(Example(name.strip(), format_, text))
        elif kind == "Fixed":
            case.bad[-1].fixed = text
        elif kind == "Log":
            case.log = text
        else:
            raise ValueError(f"{path}: what is a section {title!r}?")
    return case


def all_cases() -> list[Case]:
    """Every case file, in the order of the codes."""
    return [read_case(path) for path in sorted(CASES.glob("*.md"))]
