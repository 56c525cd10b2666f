"""Reads a test file's text as a `Suite`; every mistake is a finding with its place."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.definitions import Definitions
from trigger_cli.definitions.loading import is_log
from trigger_cli.definitions.nodes import MAX_DEPTH, Node, Pointer, too_deep
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.source import SourceText, SyntaxProblem, decode
from trigger_cli.definitions.wording import describe, quoted
from trigger_cli.definitions.yaml_reader import read_yaml
from trigger_cli.dialects import DIALECTS
from trigger_cli.model import DeliveryOrder, Finding, Span
from trigger_cli.testing.codes import (
    DUPLICATE_NAME,
    MISSING_KEY,
    NO_EXPECTATION,
    NO_TESTS,
    WRONG_TYPE,
)
from trigger_cli.testing.event_fields import read_events
from trigger_cli.testing.expect_fields import read_expectations
from trigger_cli.testing.fields import Fields, beginning, read_time_point
from trigger_cli.testing.records import Scenario, Suite
from trigger_cli.testing.trigger_fields import TriggerSource, read_triggers

_SHARED_KEYS = ("triggers", "dialect", "order", "start", "until", "events", "exact")
"""The settings at the top of a file, which are defaults for its tests."""
_SUITE_KEYS = (*_SHARED_KEYS, "description", "tests")
_TEST_KEYS = ("name", "description", *_SHARED_KEYS, "expect")
_ALIASES = {
    **dict.fromkeys(("trigger", "automations", "automation"), "triggers"),
    "dialects": "dialect",
    **dict.fromkeys(("log", "logs", "input"), "events"),
    **dict.fromkeys(("expected", "expectations", "then"), "expect"),
    **dict.fromkeys(("test", "scenarios", "cases"), "tests"),
    "end": "until",
    "begin": "start",
}
_DIALECTS = tuple(DIALECTS)
_ORDERS: tuple[DeliveryOrder, ...] = ("occurred", "received", "log")


_BEGINNING = Span(1, 1, 1, 2)
_MAKE = "`trigger-cli capture TRIGGERS LOG` makes a test file of a definition and a log"


def _other_file(value: dict[str, Any]) -> str:
    """The kind of file that a mapping without tests probably is; empty if unknown."""
    if "tests" in value:
        return ""
    if "event" in value and "occurred" in value:
        return "a log of events"
    return "a definition" if {"trigger", "posture", "actions"} & value.keys() else ""


def read_suite(
    content: str | bytes,
    file: str,
    load: Callable[[str], Definitions],
    *,
    expectations_optional: bool = False,
) -> Suite:
    """Read a test file.

    Args:
        content: The file's bytes.
        file: The file's name; paths in the file are relative to its folder.
        load: Reads a file of triggers.
        expectations_optional: Whether tests may lack ``expect``, because it will be written.
    """
    text = decode(content, file)
    if isinstance(text, Finding):
        return Suite(file, findings=(text,))
    source = SourceText(file, text)
    report = Report(source)
    try:
        roots = read_yaml(source)
        _check_depth(roots)
    except SyntaxProblem as problem:
        log = SyntaxProblem("the file is a log of events, not a test file", _BEGINNING, _MAKE)
        finding = source.syntax_finding(log if is_log(source.text) else problem)
        return Suite(file, source.text, findings=(finding,))
    if len(roots) != 1 or roots[0].value is None:
        span = roots[1].span if len(roots) > 1 else _BEGINNING
        found = f"{len(roots)} documents" if len(roots) > 1 else "nothing"
        report.add(NO_TESTS, f"found {found}, expected one mapping with `tests`", span, ())
        return Suite(file, source.text, findings=tuple(report.findings))
    reader = _SuiteReader(report, TriggerSource(file, load), expectations_optional)
    scenarios = tuple(reader.scenarios(roots[0]))
    findings = sorted(
        {(one.file, one.span, one.code, one.message): one for one in report.findings}.values(),
        key=lambda one: (one.file != file, one.file, one.span, one.code),
    )
    return Suite(file, source.text, scenarios, tuple(findings))


class _SuiteReader(Struct):
    report: Report
    triggers: TriggerSource
    expectations_optional: bool
    _names: dict[str, Span] = field(default_factory=dict)

    def scenarios(self, root: Node) -> Iterator[Scenario]:
        """Every test of the file."""
        if root.is_object and (what := _other_file(root.value)):
            message = f"the file is {what}, not a test file"
            self.report.add(NO_TESTS, message, _BEGINNING, (), _MAKE)
            return
        top = Fields(root, (), self.report, "a test file", _SUITE_KEYS, _ALIASES)
        if not root.is_object:
            return
        tests = top.get("tests")
        if tests is None:
            top.missing("tests", "the file", "write `tests:` and below it `- name: …`")
            return
        if not tests.is_list or not tests.items:
            message = f"`tests`: found {describe(tests.value)}, expected a list of tests"
            span = top.key_span("tests") if tests.value is None else tests.span
            self.report.add(NO_TESTS, message, span, ("tests",), "write `- name: …` below it")
            return
        # The top is read once separately, so that its mistakes are reported once.
        defaults = self._read(top, Scenario("", root.span, (), (), ()))
        for index, node in enumerate(tests.items):
            pointer: Pointer = ("tests", index)
            fields = Fields(node, pointer, self.report, "a test", _TEST_KEYS, _ALIASES)
            if node.is_object:
                yield self._scenario(fields, defaults, top)

    def _scenario(self, fields: Fields, defaults: Scenario, top: Fields) -> Scenario:
        scenario = self._read(fields, defaults)
        scenario = replace(
            scenario, end=fields.node.span, name="", span=beginning(fields.node.span)
        )
        name = fields.text("name")
        if name is None and not fields.has("name"):
            fields.missing("name", "a test", "write `name:` and what the test shows")
        elif name is not None:
            span = fields.value("name").span
            scenario = replace(scenario, name=name, span=span)
            if name in self._names:
                message = f"the name {quoted(name)} is given again, first on line {self._names[name].line}"
                self.report.add(DUPLICATE_NAME, message, span, (*fields.pointer, "name"))
            self._names.setdefault(name, span)
        if not fields.has("triggers") and not top.has("triggers"):
            advice = "name a file: `triggers: triggers.json`, or write a trigger there"
            fields.missing("triggers", "this test", advice)
        return self._with_expectations(scenario, fields, top)

    def _with_expectations(self, scenario: Scenario, fields: Fields, top: Fields) -> Scenario:
        expect = fields.get("expect")
        if expect is None or expect.value in (None, []):
            if not self.expectations_optional:
                span = fields.key_span("expect") if fields.has("expect") else scenario.span
                advice = (
                    "write for example `- fires: 1`, or let `trigger-cli test --update` write it"
                )
                message = "this test expects nothing, so it cannot fail"
                self.report.add(NO_EXPECTATION, message, span, fields.pointer, advice)
            return replace(scenario, expects=False)
        exact = fields.flag("exact", default=top.node.value.get("exact") is True)
        place = fields.place("expect")
        items: list[tuple[Pointer, Node]] = [(place, expect)]
        if expect.is_list:
            items = [((*place, index), item) for index, item in enumerate(expect.items)]
        found = read_expectations(items, self.report, scenario, exact=exact)
        return replace(scenario, expectations=tuple(found))

    def _read(self, fields: Fields, defaults: Scenario) -> Scenario:
        """The settings that the top and each test may have."""
        changes: dict[str, Any] = {}
        if fields.has("triggers"):
            changes["automations"] = read_triggers(fields, "triggers", self.triggers)
        changes["dialects"] = self._dialects(fields) or None
        changes["order"] = fields.choice("order", _ORDERS)
        changes["start"] = fields.time_point("start", read_time_point)
        changes["until"] = fields.time_point("until", read_time_point)
        if fields.has("events"):
            changes["events"] = read_events(fields, "events", self.triggers.folder)
        fields.text("description")
        fields.flag("exact", default=False)
        return replace(
            defaults, **{key: value for key, value in changes.items() if value is not None}
        )

    def _dialects(self, fields: Fields) -> tuple[str, ...] | None:
        node = fields.get("dialect")
        if node is None:
            if fields.has("dialect"):
                self.report.add(MISSING_KEY, "`dialect` is empty", fields.key_span("dialect"), ())
            return None
        if not node.is_list:
            one = fields.as_choice(node, "dialect", _DIALECTS)
            return None if one is None else (one,)
        found = [fields.as_choice(item, "dialect", _DIALECTS) for item in node.items]
        if not node.items:
            self.report.add(WRONG_TYPE, "`dialect`: found an empty list", node.span, ())
        return tuple({DIALECTS[one].name: one for one in found if one is not None}.values())


def _check_depth(roots: list[Node]) -> None:
    for root in roots:
        deepest = too_deep(root)
        if deepest is not None:
            message = f"nested more than {MAX_DEPTH} levels deep, which no test is"
            raise SyntaxProblem(message, deepest.span)
