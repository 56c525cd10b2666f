"""A rule: a code, a name, a severity, documentation, and a pure function.

A rule's documentation is the docstring of its file, in Markdown: one sentence, then the
sections "What it does", "Why is this bad?", "Example" and "Use instead". "Known problems" and
"Fix safety" may come before the example. ``trigger-cli rule`` prints the documentation, and the
tests run its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from trigger_cli.dialects import ALL_DIALECTS, DIFFERENCE_BY_ID, DOCS, Dialect, dialects_in
from trigger_cli.model import Finding, Fix, Severity, Span

if TYPE_CHECKING:
    from trigger_cli.definitions import Document
    from trigger_cli.lint.file import File
    from trigger_cli.lint.knowledge.facts import Facts
    from trigger_cli.lint.subject import Subject


class Problem(Struct, frozen=True):
    """What a rule found at one place; the linter turns it into a `Finding`."""

    message: str
    span: Span
    pointer: str
    help: str | None = None
    fix: Fix | None = None
    trigger: str | None = None
    """The path of the trigger with the problem, if any."""


Problems: TypeAlias = Iterator[Problem]


@dataclass(frozen=True)
class Rule:
    """One kind of mistake in a definition.

    A rule has one of the ``check`` functions, or none if the reader of definitions reports the
    mistake.
    """

    module: str
    """The module of the rule's file, named after its code and name."""
    doc: str | None
    """The docstring of that file."""
    severity: Severity
    check: Callable[[Subject], Problems] | None = None
    """Checks one automation."""
    _: KW_ONLY
    check_file: Callable[[File], Problems] | None = None
    """Checks one file."""
    check_log: Callable[[Subject, Facts], Problems] | None = None
    """Checks one automation with the facts of a log; runs instead of `check` if there is a log."""
    mend: Callable[[Finding, Document], Fix | None] | None = None
    """Finds a fix for a finding of the reader of definitions."""
    row: str | None = None
    """The rule's row of section D, such as ``D5``. The rule runs only if one of the chosen dialects
    differs there from ``docs``."""
    server_severity: Severity | None = None
    """Its severity if only server dialects are chosen, if that differs."""
    by_absence: bool = False
    """Whether it reports something that is missing; such rules do not run on fragments."""
    fixable: str | None = None
    """``safe``, ``unsafe`` or ``None``."""
    hides: bool = False
    """Whether its finding hides others until it is fixed: the other rules also check the text after
    the fix."""

    @cached_property
    def code(self) -> str:
        """``TRG203`` of ``…trg203_any_emitter``."""
        return self.module.rpartition(".")[2].partition("_")[0].upper()

    @cached_property
    def name(self) -> str:
        """``any-emitter`` of ``…trg203_any_emitter``."""
        return self.module.rpartition(".")[2].partition("_")[2].replace("_", "-")

    @cached_property
    def dialects(self) -> tuple[str, ...]:
        """The names of the dialects in which it can report something."""
        return tuple(one.name for one in ALL_DIALECTS if self._is_about(one))

    def severity_in(self, dialects: str) -> Severity:
        """Its severity with ``--dialect DIALECTS``."""
        if self.server_severity is not None and all(x.is_server for x in dialects_in(dialects)):
            return self.server_severity
        return self.severity

    def applies_to(self, dialects: str) -> bool:
        """Whether it runs with ``--dialect DIALECTS``."""
        return any(map(self._is_about, dialects_in(dialects)))

    def _is_about(self, dialect: Dialect) -> bool:
        return self.row is None or parts_from_docs(self.row, dialect)


def parts_from_docs(row: str, dialect: Dialect) -> bool:
    """Whether a dialect differs from ``docs`` in a row of section D."""
    return DIFFERENCE_BY_ID[row].parts(dialect, DOCS)
