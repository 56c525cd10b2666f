"""Runs rules over one file: parsed definitions in, findings out.

Nothing here reads a file or a log; the caller does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions import Definitions, Document, load_text
from trigger_cli.definitions.codes import SYNTAX
from trigger_cli.lint.file import File
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.rule import Problem, Rule
from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.fixing import apply_edits
from trigger_cli.lint.runner.hidden import edits_of, only_hidden
from trigger_cli.lint.runner.ignores import UNUSED_IGNORE, apply_ignores
from trigger_cli.lint.runner.recovery import recover
from trigger_cli.lint.subject import Subject
from trigger_cli.model import Finding


class Settings(Struct, frozen=True):
    """How to lint one file."""

    rules: tuple[Rule, ...] = RULES
    dialect: str = "both"
    """As `dialects_in` parses it."""

    def codes(self, *, with_log: bool) -> frozenset[str]:
        """The rules that can find something; without a log, none that uses one."""
        return frozenset(
            one.code
            for one in self.rules
            if one.applies_to(self.dialect) and (with_log or one.check_log is None)
        )


def lint_file(
    definitions: Definitions,
    text: str | bytes,
    file: str,
    settings: Settings,
    facts: Mapping[int, Facts] | None = None,
) -> tuple[Finding, ...]:
    """The findings of the rules in one file, by line, column and code.

    Args:
        definitions: The definitions in the file.
        text: The file's contents.
        file: The file's name.
        settings: The rules and the dialects.
        facts: The replay's facts of each automation, by its index; ``None`` without a log.
    """
    run = _LintRun(settings, facts or {})
    found: list[Finding] = []
    of_file: File | None = None
    if definitions.documents:
        of_file = File(file, definitions.documents)
        # Files of other tools are not checked, nor the syntax of another language.
        if file not in definitions.without_triggers and not of_file.is_converted:
            found += run.file(of_file)
        for document in definitions.documents:
            found += run.document(document, of_file, definitions)
    elif any(finding.code == SYNTAX.code for finding in definitions.findings):
        found += run.broken(text, file)
    found += run.readers(definitions)
    if of_file is not None:
        found += run.hidden(found, of_file)
        found, unused = apply_ignores(found, of_file, run.by_code)
        found += run.unused_ignores(unused, of_file)
        found = _without_half_fixes(found, of_file)
        if of_file.is_converted:  # fixes write JSON or YAML
            found = [replace(one, fix=None) for one in found]
    return tuple(sorted(set(found), key=_order))


_SHARED = "no fix: an alias gives the value to others, which are right as they are"


def _without_half_fixes(found: list[Finding], file: File) -> list[Finding]:
    """The findings; a fix of a shared value stays only if all that have the value need it."""
    if not file.uses:
        return found
    needs = Counter((one.code, one.fix) for one in found)

    def is_half(finding: Finding) -> bool:
        edits = finding.fix.edits if finding.fix else ()
        uses = (
            many
            for span, many in file.uses.items()
            if any(span[:2] <= edit.span[:2] and edit.span[2:] <= span[2:] for edit in edits)
        )
        return needs[finding.code, finding.fix] < max(uses, default=0)

    return [
        replace(one, fix=None, help=f"{one.help}; {_SHARED}" if one.help else _SHARED)
        if is_half(one)
        else one
        for one in found
    ]


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    span = finding.span
    return (span.line, span.column, finding.code, finding.message, finding.automation or "")


class _LintRun:
    def __init__(self, settings: Settings, facts: Mapping[int, Facts]) -> None:
        self.settings = settings
        self.facts = facts
        self.by_code = {r.code: r for r in settings.rules if r.applies_to(settings.dialect)}

    def readers(self, definitions: Definitions) -> Iterator[Finding]:
        """The findings of the reader, with the fixes of their rules."""
        for finding in definitions.findings:
            rule = self.by_code.get(finding.code)
            if rule is None:
                continue
            fix = None
            if rule.mend is not None:
                fixes = (rule.mend(finding, document) for document in definitions.documents)
                fix = next(filter(None, fixes), None)
            yield replace(finding, severity=rule.severity_in(self.settings.dialect), fix=fix)

    def file(self, file: File) -> Iterator[Finding]:
        """The findings of file rules."""
        for rule in self.by_code.values():
            if rule.check_file is not None:
                for problem in rule.check_file(file):
                    yield self._finding(rule, problem, file, None)

    def unused_ignores(self, unused: Iterable[Problem], file: File) -> Iterator[Finding]:
        """The findings of comments that silence nothing."""
        if rule := self.by_code.get(UNUSED_IGNORE):
            for problem in unused:
                yield self._finding(rule, problem, file, None)

    def document(self, document: Document, file: File, defined: Definitions) -> Iterator[Finding]:
        """The findings of rules for each automation of a document."""
        automations = {one.index: one for one in defined.automations}
        for entry in document.entries:
            automation = automations[entry.automation]
            places = entry.pointer, entry.trigger_pointer
            dialects = self.settings.dialect
            subject = Subject(automation, file, document.root, *places, dialects)
            for rule in self.by_code.values():
                for problem in self._problems(rule, subject):
                    yield self._finding(rule, problem, file, automation.name)

    def hidden(self, found: list[Finding], file: File) -> list[Finding]:
        """The findings that appear after the fixes of rules that hide other findings."""
        hiding = [one for one in found if one.code in self.by_code and self.by_code[one.code].hides]
        kept, _ = apply_ignores(hiding, file, self.by_code)  # a silenced name counts as right
        edits = edits_of(kept)
        if not edits:
            return []
        text = apply_edits(file.source.text, edits)
        definitions = load_text(text, file=file.name)
        if not definitions.documents:
            return []
        # Facts of a log belong to the names as they are.
        by_definition = tuple(rule for rule in self.settings.rules if rule.check_log is None)
        run = _LintRun(replace(self.settings, rules=by_definition), {})
        mended = File(file.name, definitions.documents)
        others = [
            one
            for document in definitions.documents
            for one in run.document(document, mended, definitions)
        ]
        return only_hidden(others, found, edits, file)

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
        found = [*run.document(document, of_file, definitions), *run.readers(definitions)]
        last = len(of_file.source.lines)
        for finding in found:
            # A missing part may be in the part that was left out.
            value = document.value_span(finding.pointer)
            if value is not None and value.end_line < last and finding.code != SYNTAX.code:
                yield recovered.moved(finding)

    def _problems(self, rule: Rule, subject: Subject) -> Iterable[Problem]:
        facts = self.facts.get(subject.automation.index)
        if rule.check_log is not None and facts is not None:
            return rule.check_log(subject, facts)
        return () if rule.check is None else rule.check(subject)

    def _finding(self, rule: Rule, problem: Problem, file: File, automation: str | None) -> Finding:
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity_in(self.settings.dialect),
            message=problem.message,
            file=file.name,
            span=problem.span,
            pointer=problem.pointer,
            excerpt=file.source.excerpt(problem.span),
            help=problem.help,
            automation=automation,
            trigger=problem.trigger,
            fix=problem.fix,
        )
