"""One run of the linter over many files: read, fix, replay, lint.

The command line calls the steps and shows the results; nothing here prints.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions import Definitions, advice_without_triggers, load_text, log_finding
from trigger_cli.definitions.codes import SYNTAX, UNREADABLE_FILE
from trigger_cli.definitions.files import STDIN, find_files, read_bytes
from trigger_cli.definitions.files import unreadable as unreadable_file
from trigger_cli.definitions.source import SourceText, decode
from trigger_cli.definitions.templates import Values, filling_in
from trigger_cli.dialects import DOCS, SERVER, dialects_in
from trigger_cli.events.scan import Interests
from trigger_cli.lint.knowledge.facts import Facts, Observer
from trigger_cli.lint.runner.fixing import Fixed, fix_text
from trigger_cli.lint.runner.linter import Settings, lint_file
from trigger_cli.match.matcher import Sides, sides_of
from trigger_cli.model import Automation, Finding, LogRecord
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.read.reading import labels_of


class ReadFile(Struct, frozen=True):
    """A definition file that could be read."""

    file: str
    content: bytes
    definitions: Definitions

    @property
    def text(self) -> str | None:
        """The content as text, without a byte order mark; ``None`` if it is not text."""
        decoded = decode(self.content, self.file)
        return decoded if isinstance(decoded, str) else None

    @property
    def not_loaded(self) -> list[str]:
        """The names of automations with errors, which rules for automations do not check."""
        errors = (one for one in self.definitions.findings if one.severity == "error")
        return list(dict.fromkeys(one.automation for one in errors if one.automation is not None))

    @property
    def lines(self) -> list[str]:
        """The lines that places refer to; empty if it is not text."""
        text = self.text
        return [] if text is None else SourceText(self.file, text).lines


def read_files(
    paths: Sequence[str],
    stdin: BinaryIO,
    stdin_name: str = STDIN,
    is_wanted: Callable[[str], bool] = lambda _: True,
) -> tuple[list[ReadFile], list[Finding]]:
    """The files of `paths`, and a finding for each file that cannot be read.

    A file that is named itself, not found in a folder or by a glob, must define something.

    Args:
        paths: The paths, as for `find_files`.
        stdin: The stream for ``-``.
        stdin_name: The name of that text; its suffix decides between JSON and YAML.
        is_wanted: Whether a file is read.
    """
    files: list[ReadFile] = []
    unreadable: list[Finding] = []
    index = 0
    for found in find_files(paths):
        if isinstance(found, Finding):
            unreadable.append(found)
            continue
        if not is_wanted(found.file):
            continue
        content = read_bytes(found, stdin)
        if isinstance(content, Finding):
            unreadable.append(content)
            continue
        name = stdin_name if found.file == STDIN else found.file
        definitions = load_text(content, file=name, first_index=index)
        if any(one.code == UNREADABLE_FILE.code for one in definitions.findings):
            unreadable += definitions.findings
            continue
        if not found.is_found and _defines_nothing(definitions):
            advice = advice_without_triggers(found.file)
            nothing = unreadable_file(found.file, "the file defines no trigger", advice)
            unreadable.append(log_finding(content, name) or nothing)
            continue
        index += len(definitions.automations)
        files.append(ReadFile(name, content, definitions))
    return files, unreadable


def _defines_nothing(definitions: Definitions) -> bool:
    """Whether this is another tool's file: it has no list of definitions, not even an empty one."""
    documents = definitions.documents
    return bool(definitions.without_triggers) and not any(d.is_of_definitions for d in documents)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order of output: by file, line, column and code."""
    return sorted(findings, key=lambda one: (one.file, one.span.line, one.span.column, one.code))


def lint_files(
    files: Iterable[ReadFile],
    settings_of: Callable[[str], Settings],
    facts: Mapping[int, Facts] | None = None,
) -> Iterator[Finding]:
    """The findings of every file, file by file."""
    for one in files:
        yield from lint_file(one.definitions, one.content, one.file, settings_of(one.file), facts)


def mend(one: ReadFile, settings: Settings, *, unsafe: bool) -> Fixed | None:
    """The file's text after its fixes; ``None`` if there are none."""
    text = one.text
    if text is None:
        return None

    def lint(text: str) -> Sequence[Finding] | None:
        # Fixes must keep template variables, not write their values.
        with filling_in(Values()):
            definitions = load_text(text, file=one.file)
        if any(finding.code == SYNTAX.code for finding in definitions.findings):
            return None
        return lint_file(definitions, text, one.file, settings)

    fixed = fix_text(text, lint, unsafe=unsafe)
    return fixed if fixed.fixes else None


def with_text(one: ReadFile, text: str) -> ReadFile:
    """The file with another text; use `renumbered` afterwards for its automations."""
    return replace(one, content=text.encode(), definitions=load_text(text, file=one.file))


def renumbered(files: Iterable[ReadFile]) -> list[ReadFile]:
    """The files with their automations renumbered without gaps or duplicates."""
    found = []
    index = 0
    for one in files:
        definitions = load_text(one.content, file=one.file, first_index=index)
        index += len(definitions.automations)
        found.append(replace(one, definitions=definitions))
    return found


def automations_of(files: Iterable[ReadFile]) -> tuple[Automation, ...]:
    """All automations in definition order."""
    return tuple(one for file in files for one in file.definitions.automations)


class NamesOfInterest(Struct, frozen=True):
    """The events whose labels `gather_facts` needs: those with a name that some trigger takes."""

    sides: Sides

    def interests(self) -> Interests:
        """All labels of these events."""
        matcher_of = self.sides.interests()
        return labels_of(lambda name: matcher_of(name) is not None)


def names_of_interest(automations: Sequence[Automation]) -> NamesOfInterest:
    """The part of a log that `gather_facts` needs for these automations."""
    return NamesOfInterest(sides_of(automations, DOCS, SERVER))


def gather_facts(
    automations: Sequence[Automation],
    records: Iterable[LogRecord],
    dialect: str,
) -> dict[int, Facts]:
    """Replay a log in the first dialect and compare with the second; returns the facts."""
    chosen, *_ = dialects_in(dialect)
    observer = Observer(automations, chosen)
    run = ReplayRun(
        automations,
        observer.watch(records),
        ReplayOptions(dialect=chosen),
        with_buckets=False,
        compare_dialects=True,
    )
    for transition in run:
        observer.add(transition)
    return observer.finish(run.report())
