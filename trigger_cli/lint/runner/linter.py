"""Runs rules over one file: parsed definitions in, findings out.

Nothing here reads a file or a log; the caller does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from trigger_cli.definitions import Definitions, Document, load_text
from trigger_cli.definitions.codes import SYNTAX
from trigger_cli.lint.file import File
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.rule import Problem, Rule
from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.ignores import apply_ignores
from trigger_cli.lint.runner.recovery import recover
from trigger_cli.lint.subject import Subject
from trigger_cli.model import Finding

DIALECTS = ("docs", "server", "both")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to lint one file."""

    rules: tuple[Rule, ...] = RULES
    dialect: str = "both"
    """``docs``, ``server``, or ``both``."""


@dataclass(frozen=True, slots=True)
class Linted:
    """One file with its findings."""

    definitions: Definitions
    findings: tuple[Finding, ...] = ()
    """By line, column and code."""


def lint_file(
    definitions: Definitions,
    text: str | bytes,
    file: str,
    settings: Settings,
    facts: Mapping[int, Facts] | None = None,
) -> Linted:
    """Run the rules over one file.

    Args:
        definitions: what was read from the file.
        text: the file's contents.
        file: its name.
        settings: which rules, and for which dialect.
        facts: what a replay made of each automation, by its index; ``None`` without a log.
    """
    run = _LintRun(settings, facts or {})
    found: list[Finding] = []
    of_file: File | None = None
    if definitions.documents:
        of_file = File(file, definitions.documents)
        if file not in definitions.without_triggers:  # files of other tools are not checked
            found += run.file(of_file)
        for document in definitions.documents:
            found += run.document(document, of_file, definitions)
    elif any(finding.code == SYNTAX.code for finding in definitions.findings):
        found += run.broken(text, file)
    found += run.readers(definitions)
    if of_file is not None:
        found = apply_ignores(found, of_file, tuple(run.by_code.values()))
    return Linted(definitions, tuple(sorted(set(found), key=_order)))


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    span = finding.span
    return (span.line, span.column, finding.code, finding.message, finding.automation or "")


@dataclass(frozen=True, slots=True)
class _LintRun:
    settings: Settings
    facts: Mapping[int, Facts]
    by_code: dict[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = self.settings.rules
        self.by_code.update({r.code: r for r in rules if r.applies_to(self.settings.dialect)})

    def readers(self, definitions: Definitions) -> Iterator[Finding]:
        """The findings of the reader, with the fixes of their rules."""
        for finding in definitions.findings:
            rule = self.by_code.get(finding.code)
            if rule is None:
                continue
            severity = finding.severity
            if self.settings.dialect == "server" and rule.server_severity is not None:
                severity = rule.server_severity
            fix = None
            if rule.mend is not None:
                fixes = (rule.mend(finding, document) for document in definitions.documents)
                fix = next((one for one in fixes if one is not None), None)
            yield replace(finding, severity=severity, fix=fix)

    def file(self, file: File) -> Iterator[Finding]:
        """The findings of file rules."""
        for rule in self.by_code.values():
            if rule.check_file is not None:
                for problem in rule.check_file(file):
                    yield self._finding(rule, problem, file, None)

    def document(self, document: Document, file: File, defined: Definitions) -> Iterator[Finding]:
        """The findings of rules for each automation of a document."""
        automations = {one.index: one for one in defined.automations}
        for entry in document.entries:
            automation = automations[entry.automation]
            pointers = (entry.pointer, entry.trigger_pointer)
            subject = Subject(automation, file, document.root, *pointers)
            for rule in self.by_code.values():
                for problem in self._problems(rule, subject):
                    yield self._finding(rule, problem, file, automation.name)

    def broken(self, text: str | bytes, file: str) -> Iterator[Finding]:
        """The findings of a text that is not valid JSON."""
        recovered = recover(text)
        if recovered is None:
            return
        definitions = load_text(recovered.text, file=file, format="json")
        if not definitions.documents:
            return
        of_file = File(file, definitions.documents)
        (document,) = definitions.documents
        present = tuple(rule for rule in self.settings.rules if not rule.by_absence)
        run = _LintRun(replace(self.settings, rules=present), {})
        last = len(of_file.source.lines)
        for finding in (
            *run.document(document, of_file, definitions),
            *run.readers(definitions),
        ):
            # What is missing may be in the part that was left out.
            value = document.value_span(finding.pointer)
            if value is not None and value.end_line < last and finding.code != SYNTAX.code:
                yield recovered.moved(finding)

    def _problems(self, rule: Rule, subject: Subject) -> Sequence[Problem]:
        if rule.check is not None:
            return list(rule.check(subject))
        facts = self.facts.get(subject.automation.index)
        if rule.check_log is not None and facts is not None:
            return list(rule.check_log(subject, facts))
        return ()

    def _finding(self, rule: Rule, problem: Problem, file: File, automation: str | None) -> Finding:
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity_in(self.settings.dialect),
            message=problem.message,
            file=file.name,
            span=problem.span,
            pointer=problem.pointer,
            excerpt=file.source.excerpt(problem.span.line),
            help=problem.help,
            automation=automation,
            trigger=problem.trigger,
            fix=problem.fix,
        )
