"""A rule: a code, a name, a severity, documentation, and a pure function.

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
    """What a rule found at one place; the linter turns it into a `Finding`."""

    message: str
    span: Span
    pointer: str
    help: str | None = None
    fix: Fix | None = None
    trigger: str | None = None
    """The path of the trigger that it is about, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a definition.

    It has one of the ``check`` functions, depending on what it checks, or none if the reader of
    definitions reports it.
    """

    code: str
    name: str
    severity: Severity
    doc: str | None
    """The docstring of the rule's file."""
    dialects: tuple[str, ...] = BOTH
    """Where it matters: a rule only for ``server`` is silent with ``--dialect docs``."""
    server_severity: Severity | None = None
    """Its severity with ``--dialect server``, if that differs."""
    by_absence: bool = False
    """Whether it reports something missing; such rules do not run on fragments."""
    fixable: str | None = None
    """``safe``, ``unsafe`` or ``None``."""
    check: Callable[[Subject], Iterable[Problem]] | None = None
    """Checks one automation."""
    check_file: Callable[[File], Iterable[Problem]] | None = None
    """Checks one file."""
    check_log: Callable[[Subject, Facts], Iterable[Problem]] | None = None
    """Checks one automation and the facts of a log."""
    mend: Callable[[Finding, Document], Fix | None] | None = None
    """Finds a fix for a finding of the reader of definitions."""

    def severity_in(self, dialect: str) -> Severity:
        """Its severity with ``--dialect DIALECT``."""
        if dialect == "server" and self.server_severity is not None:
            return self.server_severity
        return self.severity

    def applies_to(self, dialect: str) -> bool:
        """Whether it runs with ``--dialect DIALECT``."""
        return dialect == "both" or dialect in self.dialects
