"""Loads paths or text into automations and findings; the entry point of this package."""

import json
import sys
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from operator import add
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import astuple

from trigger_cli.definitions.automations import read_candidate, trigger_pointer
from trigger_cli.definitions.codes import DUPLICATE_KEY, TEMPLATED_VALUE
from trigger_cli.definitions.files import (
    RUNS_TESTS,
    STDIN,
    TESTS,
    NamedFile,
    find_files,
    read_bytes,
    unreadable,
)
from trigger_cli.definitions.forms import Candidate, find_candidates, is_form, is_test_file
from trigger_cli.definitions.nodes import (
    MAX_DEPTH,
    Node,
    ObjectMember,
    format_pointer,
    locate,
    parse_pointer,
    pointer_parts,
    too_deep,
    walk,
)
from trigger_cli.definitions.plain_json import read_plain_json
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.source import SourceText, SyntaxProblem, decode
from trigger_cli.definitions.templates import can_fill, filled
from trigger_cli.definitions.terraform import as_document, automations_in, is_terraform
from trigger_cli.definitions.wording import quoted
from trigger_cli.model import Automation, Finding, Span

Format: TypeAlias = Literal["json", "yaml"]


class Entry(Struct, frozen=True):
    """An automation of a document and its place, as JSON Pointers."""

    automation: int
    """The `Automation.index`."""
    pointer: str
    trigger_pointer: str


class Document(Struct, frozen=True, dict=True):
    """One JSON value or YAML document of a file, with the places of all values."""

    file: str
    text: str
    """The text of the whole file."""
    entries: tuple[Entry, ...]
    """The automations that were loaded from it."""
    as_read: Node
    has_places: bool
    """Whether `as_read` contains places."""
    is_converted: bool = False
    """Whether the file is Terraform or Python, and `as_read` is the result of a conversion."""

    @property
    def is_of_definitions(self) -> bool:
        """Whether definitions can be added: an empty list, a ``prefect.yaml`` without triggers."""
        return not self.is_converted and is_form(self.as_read)

    @property
    def value(self) -> Any:
        """The document as plain Python values."""
        return self.as_read.value

    def value_at(self, pointer: str) -> Any:
        """The plain value at a JSON Pointer.

        Raises:
            LookupError: There is no such value.
        """
        value = self.value
        for part in pointer_parts(pointer):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    @cached_property
    def root(self) -> Node:
        """The document with its places; plain JSON is parsed again for them."""
        return self.as_read if self.has_places else _read_json(SourceText(self.file, self.text))

    def value_span(self, pointer: str) -> Span | None:
        """The span of the value at a JSON Pointer; ``None`` if there is none."""
        found = self._locate(pointer)
        return found.node.span if found else None

    def key_span(self, pointer: str) -> Span | None:
        """The span of the key of the value at a JSON Pointer (for an element: of the element)."""
        found = self._locate(pointer)
        return found.key_span if found else None

    def _locate(self, pointer: str) -> ObjectMember | None:
        return locate(self.root, parse_pointer(self.root, pointer))


class Definitions(Struct, frozen=True):
    """The result of reading a set of definition files."""

    automations: tuple[Automation, ...] = ()
    findings: tuple[Finding, ...] = ()
    """By file in the order given, then line, column and code."""
    without_triggers: tuple[str, ...] = ()
    """The files that are well formed but define nothing."""
    documents: tuple[Document, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether something could not be loaded."""
        return any(finding.severity == "error" for finding in self.findings)

    def line_of(self, automation: int, path: str, field: str) -> int | None:
        """The line of a field of a trigger; ``None`` if the trigger omits it.

        Args:
            automation: The automation's `Automation.index`.
            path: The trigger's path, such as ``$.triggers[0]``.
            field: The field's name, such as ``within``; empty: the trigger itself.
        """
        for document in self.documents:
            for entry in document.entries:
                if entry.automation == automation:
                    steps = path.removeprefix("$").replace("[", "/").replace("]", "")
                    trigger = entry.trigger_pointer + steps.replace(".", "/")
                    span = document.key_span(f"{trigger}/{field}" if field else trigger)
                    return span.line if span else None
        return None


_LOG = "triggers come first: TRIGGERS LOG; with --log LOG, every path is a definition"
_BEGINNING = Span(1, 1, 1, 1)
_IS_LOG = SyntaxProblem("the file is a log of events, not a definition", _BEGINNING, _LOG)
_BANNER_LINES = 3
"""What `prefect event stream` writes before its first event, and that event."""
_EXPORTED = (
    "export the automation as JSON: prefect automation inspect NAME -o json, or"
    " trigger-cli fetch --automations FILE --no-events"
)
_HOLDS = {
    ".tf": f"only `prefect_automation` resources are read; {_EXPORTED}",
    ".py": f"only calls of Prefect's own classes are read, such as EventTrigger(…); {_EXPORTED}",
}
_OTHER_LANGUAGES = {".tfvars": "Terraform's variables", ".hcl": "HCL"}
"""The language of files that define no automation, by suffix."""
_NO_HCL = (
    f"pip install 'trigger-cli[hcl]'; or give the output of terraform show -json; or {_EXPORTED}"
)


def load(paths: Sequence[str], *, stdin: BinaryIO | None = None) -> Definitions:
    """Read every definition that `paths` name.

    Args:
        paths: Files, folders, globs, or ``-`` for the standard input.
        stdin: The stream for ``-``; by default that of the process.

    Returns:
        The definitions that could be loaded, and a finding for everything else. No content and no
        file raises an error. A file found in a folder must be well formed too, but need not define
        anything.
    """
    loaded = Definitions()
    for found in find_files(paths):
        if isinstance(found, Finding):
            more = Definitions(findings=(found,))
        else:
            more = _of_file(found, stdin or _standard_input(), len(loaded.automations))
        loaded = Definitions(*map(add, astuple(loaded), astuple(more)))
    return loaded


def _of_file(found: NamedFile, stdin: BinaryIO, first_index: int) -> Definitions:
    text = read_bytes(found, stdin)
    if isinstance(text, Finding):
        return Definitions(findings=(text,))
    more = load_text(text, file=found.file, first_index=first_index)
    log = None if found.is_found or more.automations else log_finding(text, found.file)
    return more if log is None else Definitions(findings=(log,))


def advice_without_triggers(file: str) -> str:
    """Advice for a file without triggers, by its name: what such a file may contain."""
    return _HOLDS.get(
        Path(file).suffix.lower(),
        "a definition file holds a trigger, an automation, a list of either, or a prefect.yaml",
    )


def _standard_input() -> BinaryIO:
    """That of the process; an empty one where there is none, as in a service or some notebooks."""
    return getattr(sys.stdin, "buffer", None) or BytesIO()


def load_text(
    text: str | bytes,
    *,
    file: str,
    first_index: int = 0,
    format: Format | None = None,  # noqa: A002 - the option's name
) -> Definitions:
    """Read the definitions in `text`.

    Args:
        text: The contents of a file.
        file: Its name, for findings and default names; its suffix decides the format.
        first_index: The `Automation.index` of the first automation.
        format: The format, if the name does not decide it.
    """
    decoded = decode(text, file)
    if isinstance(decoded, Finding):
        return Definitions(findings=(decoded,))
    source = SourceText(file, decoded)
    if is_log(source.text):
        if is_plain_json(source.text):
            return Definitions(without_triggers=(file,))
        return Definitions(findings=(source.syntax_finding(_IS_LOG),))
    format_ = format or _format(source)
    suffix = Path(file).suffix.lower()
    # Values that are filled in or converted need places.
    if (
        format_ == "json"
        and not can_fill(source.text)
        and (plain := read_plain_json(source.text))
        and not is_terraform(plain)
    ):
        definitions = _definitions(source, [plain], first_index, have_places=False)
        if not definitions.findings:  # fragments need places
            return definitions
    try:
        converted = _converted(source, suffix)
        roots = [converted] if converted else _read(source, format_)
        for root in roots:
            _check_depth(root)
        if format_ == "json" and not converted and is_terraform(roots[0]):
            roots = [converted := automations_in(roots[0])]
        roots = [filled(root) for root in roots]
        for root in roots:
            _check_depth(root)
    except SyntaxProblem as problem:
        return Definitions(findings=(source.syntax_finding(problem),))
    return _definitions(
        source, roots, first_index, have_places=True, are_converted=converted is not None
    )


def _converted(source: SourceText, suffix: str) -> Node | None:
    """The definitions in a program or a Terraform configuration; ``None`` if it is neither.

    Raises:
        SyntaxProblem: The file cannot be read.
    """
    if suffix == ".py":
        from trigger_cli.definitions.python_reader import read_python  # noqa: PLC0415

        return read_python(source)
    if suffix in _OTHER_LANGUAGES:
        what = f"the file is {_OTHER_LANGUAGES[suffix]}, not a definition"
        raise SyntaxProblem(what, _BEGINNING, _EXPORTED)
    if suffix != ".tf":
        return None
    from trigger_cli.definitions.hcl_reader import NoParserError, read_hcl  # noqa: PLC0415

    try:
        return as_document(read_hcl(source), _BEGINNING)
    except NoParserError:
        what = "the file is Terraform (HCL), and its parser is not installed"
        raise SyntaxProblem(what, _BEGINNING, _NO_HCL) from None


def log_finding(content: bytes | str, file: str) -> Finding | None:
    """The finding that a file named as a definition is a log; ``None`` if it is none."""
    text = decode(content, file)
    if isinstance(text, Finding) or not is_log(text):
        return None
    return SourceText(file, text).syntax_finding(_IS_LOG)


def is_plain_json(text: str) -> bool:
    """Whether the text is JSON, without comments or trailing commas."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_log(text: str) -> bool:
    """Whether the text is a log of events: lines, messages of a stream, an array, or a page."""
    if '"occurred"' not in text:
        return False
    for part in (*text.split("\n", _BANNER_LINES)[:_BANNER_LINES], text):
        try:
            if _holds_event(json.loads(part)):
                return True
        except (ValueError, RecursionError):
            continue
    return False


def _holds_event(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and _holds_event(value[0])
    if not isinstance(value, dict):
        return False
    inner = value.get("events", value.get("event") if value.get("type") == "event" else None)
    if isinstance(inner, list | dict):
        return _holds_event(inner)
    return {"event", "occurred", "resource"} <= value.keys()


def _definitions(
    source: SourceText,
    roots: list[Node],
    first_index: int,
    *,
    have_places: bool,
    are_converted: bool = False,
) -> Definitions:
    if source.file.endswith(TESTS) or any(map(is_test_file, roots)):
        test = unreadable(source.file, "the file is a test file, not a definition", RUNS_TESTS)
        return Definitions(findings=(test,))
    report = Report(source)
    automations: list[Automation] = []
    documents: list[Document] = []
    position = 0
    for root in roots:
        _warn_of_repeated_keys(root, report)
        entries = []
        for candidate in find_candidates(root, report):
            position += 1
            index = first_index + len(automations)
            automation = read_candidate(candidate, index, _name(source.file, position), report)
            if automation is not None:
                if are_converted:
                    _report_computed(candidate, automation, report)
                automations.append(automation)
                places = map(format_pointer, (candidate.pointer, trigger_pointer(candidate)))
                entries.append(Entry(index, *places))
        documents.append(
            Document(source.file, source.original, tuple(entries), root, have_places, are_converted)
        )
    findings = sorted(report.findings, key=lambda f: (f.span.line, f.span.column, f.code))
    found_any = position > 0 or any(
        f.severity == "error" or f.code == TEMPLATED_VALUE.code for f in findings
    )
    return Definitions(
        automations=tuple(automations),
        findings=tuple(findings),
        without_triggers=() if found_any else (source.file,),
        documents=tuple(documents),
    )


def _report_computed(candidate: Candidate, automation: Automation, report: Report) -> None:
    """Report computed texts of a trigger: they load, but match nothing."""
    report = report.about(automation.name)
    told = {one.pointer for one in report.findings}
    root = trigger_pointer(candidate)
    trigger = candidate.node if root == candidate.pointer else candidate.node.get("trigger")
    for place, node in walk(trigger) if trigger else ():
        pointer = (*root, *place)
        if node.is_computed and format_pointer(pointer) not in told:
            message = f"{quoted(node.written or '')} is computed: unknown here, treated as text that matches nothing"
            report.add(TEMPLATED_VALUE, message, node.span, pointer)


def _format(source: SourceText) -> Format:
    suffix = Path(source.file).suffix.lower()
    if suffix == ".json":
        return "json"
    if suffix in {".yaml", ".yml"}:
        return "yaml"
    return "json" if source.text.lstrip().startswith(("{", "[", "//", "/*")) else "yaml"


def _read(source: SourceText, format_: Format) -> list[Node]:
    if format_ == "json":
        return [_read_json(source)]
    # Imported late: it takes 0.1 s, which JSON files do not need.
    from trigger_cli.definitions.yaml_reader import read_yaml  # noqa: PLC0415

    try:
        return read_yaml(source)
    except SyntaxProblem:
        if source.text.lstrip().startswith('"') and not source.file.endswith(("yaml", "yml")):
            from trigger_cli.definitions.json_reader import explain_json  # noqa: PLC0415

            # The start of a JSON fragment, `"match": {…},`, is also YAML, up to the comma.
            raise explain_json(source) from None
        raise


def _read_json(source: SourceText) -> Node:
    # Imported late: it takes 40 ms, which plain JSON does not need.
    from trigger_cli.definitions.json_reader import read_json  # noqa: PLC0415

    return read_json(source)


def _check_depth(root: Node) -> None:
    deepest = too_deep(root)
    if deepest is not None:
        raise SyntaxProblem(
            f"nested more than {MAX_DEPTH} levels deep, which no definition is", deepest.span
        )


def _warn_of_repeated_keys(root: Node, report: Report) -> None:
    for pointer, node in walk(root):
        for key, span, first in node.repeated:
            report.add(
                DUPLICATE_KEY,
                f"the key {quoted(key)} is given again: this value replaces the one on line {first.line}",
                span,
                (*pointer, key),
                "remove one of them",
            )


def _name(file: str, position: int) -> str:
    stem = "stdin" if file == STDIN else Path(file).stem
    return stem if position == 1 else f"{stem}[{position}]"
