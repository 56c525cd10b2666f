"""Rules run over a text, as the tests need it."""

import io
from pathlib import Path

from tests.lint.cases_reader import Example
from tests.support import read_log
from trigger_cli.definitions import load_text
from trigger_cli.lint import RULES, Settings, lint_file
from trigger_cli.lint.knowledge.facts import Facts
from trigger_cli.lint.runner.fixing import fix_text
from trigger_cli.lint.runner.session import ReadFile, gather_facts, lint_files, read_files
from trigger_cli.model import Finding


def lint_text(text: str, file: str = "case.json", dialect: str = "both") -> list[Finding]:
    """The findings about a text."""
    definitions = load_text(text, file=file)
    return list(lint_file(definitions, text, file, Settings(dialect=dialect)))


def codes_of(text: str, file: str = "case.json", dialect: str = "both") -> list[str]:
    """The codes of the findings about a text, each once."""
    return sorted({finding.code for finding in lint_text(text, file, dialect)})


def facts_of(text: str, file: str, log: str, dialect: str) -> dict[int, Facts]:
    """What a log shows of the automations of a text."""
    automations = load_text(text, file=file).automations
    records = read_log("-", stdin=log.encode())
    return gather_facts(automations, records, dialect)


def findings_of(example: Example, code: str, dialect: str, log: str | None) -> list[Finding]:
    """The findings about an example of a rule's case file."""
    if example.format == "path":
        files, unreadable = read_files(example.text.split(), io.BytesIO())
        return [*unreadable, *lint_files(files, lambda _: Settings())]
    file = f"case.{example.format}"
    definitions = load_text(example.text, file=file)
    facts = facts_of(example.text, file, log, dialect) if log is not None else None
    rules = RULES
    if log is not None:
        # What happened in a log is told in several ways, so such a rule runs by itself.
        rules = tuple(rule for rule in RULES if rule.code == code or rule.check_log is None)
    settings = Settings(rules, dialect)
    return list(lint_file(definitions, example.text, file, settings, facts))


def fixed_by(example: Example, code: str, dialect: str) -> str | None:
    """What the fixes of one rule make of an example, unsafe ones too."""
    file = f"case.{example.format}"

    def lint(text: str) -> list[Finding]:
        return [one for one in lint_text(text, file, dialect) if one.code == code]

    fixed = fix_text(example.text, lint, unsafe=True)
    return fixed.text if fixed.fixes else None


def read_one(path: Path) -> ReadFile:
    """A file as the linter's session has it."""
    (one,), _ = read_files([str(path)], io.BytesIO())
    return one
