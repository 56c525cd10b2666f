"""``test --junit FILE``: what continuous integration reads."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trigger_cli.render.common.inert import inert
from trigger_cli.render.testing.explanation import explanation_lines
from trigger_cli.testing.judging import FailedExpectation
from trigger_cli.testing.records import Suite
from trigger_cli.testing.running import Result

_LONG = 2_000


def junit_xml(suites: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    """A ``testsuites`` document: a suite for each file, a case for each test and dialect."""
    results = [one for _, of_suite in suites for one in of_suite]
    root = Element("testsuites", {"name": "trigger-cli", **_counts(results)})
    for suite, of_suite in suites:
        file = inert(suite.file, _LONG)
        element = SubElement(root, "testsuite", {"name": file, "errors": "0", **_counts(of_suite)})
        for result in of_suite:
            _case(element, suite, result)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    failed = sum(not one.passed for one in results)
    return {"tests": str(len(results)), "failures": str(failed)}


def _case(parent: Element, suite: Suite, result: Result) -> None:
    scenario = result.scenario
    name = inert(scenario.name, _LONG)
    if len(scenario.dialects) > 1:
        name += f" [{result.dialect}]"
    file, line = inert(suite.file, _LONG), str(scenario.span.line)
    case = SubElement(parent, "testcase", name=name, classname=file, file=file, line=line)
    for failure in result.failures:
        message = inert(failure.message, _LONG)
        element = SubElement(case, "failure", type="expectation", message=message)
        element.text = "\n".join(_lines(suite, result, failure))
    if not scenario.expects:
        SubElement(case, "failure", type="expectation", message="expects nothing")


def _lines(suite: Suite, result: Result, failure: FailedExpectation) -> list[str]:
    lines = [f"{inert(suite.file, _LONG)}:{failure.span.line}:{failure.span.column}"]
    lines += [f"{one.mark} {inert(one.text, _LONG)}" for one in failure.diff]
    if failure.automation is not None:
        explanation = result.explainer.explain(failure.automation, failure.labels)
        lines += explanation_lines(explanation, result.happened.start)
    return lines
