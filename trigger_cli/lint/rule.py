"""What a rule is: a code, a name, a severity, its documentation, and a pure function.

A rule's documentation is the docstring of its file, in Markdown: one sentence, then the
sections of `SECTIONS`. ``trigger-cli rule`` prints it, and the tests run its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_cli.model import Finding, Fix, Severity, Span

if TYPE_CHECKING:
    from trigger_cli.definitions import Document
    from trigger_cli.lint.file import File
    from trigger_cli.lint.knowledge.facts import Facts
    from trigger_cli.lint.subject import Subject

SECTIONS = ("What it does", "Why is this bad?", "Example", "Use instead")
BOTH = ("docs", "server")


class Problem(NamedTuple):
    """What a rule has found at one place; the linter makes a `Finding` of it."""

    message: str
    span: Span
    pointer: str
    help: str | None = None
    fix: Fix | None = None
    trigger: str | None = None
    """The path of the trigger it is about, if it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a definition.

    It has one of the ``check`` functions, by what it looks at, or none of them where the
    reader of definitions itself reports it.
    """

    code: str
    name: str
    severity: Severity
    doc: str | None
    """The docstring of the rule's file."""
    dialects: tuple[str, ...] = BOTH
    """Where it matters: a rule for ``server`` alone is silent with ``--dialect docs``."""
    server_severity: Severity | None = None
    """Its severity with ``--dialect server``, where that differs."""
    by_absence: bool = False
    """Whether it misses something in the trigger; not asked of fragments, which leave things out."""
    fixable: str | None = None
    """``safe``, ``unsafe`` or ``None``."""
    check: Callable[[Subject], Iterable[Problem]] | None = None
    """Looks at one automation."""
    check_file: Callable[[File], Iterable[Problem]] | None = None
    """Looks at one file."""
    check_log: Callable[[Subject, Facts], Iterable[Problem]] | None = None
    """Looks at one automation and what a replay of a log made of it."""
    mend: Callable[[Finding, Document], Fix | None] | None = None
    """Finds a fix for a finding of the reader's."""

    def severity_in(self, dialect: str) -> Severity:
        """Its severity with ``--dialect DIALECT``."""
        if dialect == "server" and self.server_severity is not None:
            return self.server_severity
        return self.severity

    def applies_to(self, dialect: str) -> bool:
        """Whether it says anything with ``--dialect DIALECT``."""
        return dialect == "both" or dialect in self.dialects
