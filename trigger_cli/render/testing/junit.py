"""``test --junit FILE`` and ``--format junit``: results for continuous integration."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trigger_cli.model import Finding
from trigger_cli.render.common.inert import inert
from trigger_cli.render.testing.explanation import failure_lines, titled
from trigger_cli.testing.records import Suite
from trigger_cli.testing.running import Result

_LONG = 2_000


def junit_xml(suites: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    """A ``testsuites`` document: a suite for each file, a case for each test and dialect."""
    results = [one for _, of_suite in suites for one in of_suite]
    root = Element("testsuites", {"name": "trigger-cli", **_counts(results)})
    for suite, of_suite in suites:
        file = inert(suite.file, _LONG)
        element = SubElement(root, "testsuite", {"name": file, **_counts(of_suite)})
        for result in of_suite:
            _case(element, suite, result)
    return _document(root)


def junit_mistakes(mistakes: Sequence[Finding]) -> str:
    """The document for test files that cannot be run: a case with an error for each mistake."""
    root = Element("testsuites", {"name": "trigger-cli", **_only_errors(mistakes)})
    for file, group in groupby(mistakes, attrgetter("file")):
        of_file, name = list(group), inert(file, _LONG)
        element = SubElement(root, "testsuite", {"name": name, **_only_errors(of_file)})
        for one in of_file:
            title, line = f"{one.code} {one.name}", str(one.span.line)
            case = SubElement(element, "testcase", name=title, classname=name, file=name, line=line)
            error = SubElement(case, "error", type="mistake", message=inert(one.message, _LONG))
            place = f"{name}:{line}:{one.span.column}"
            error.text = "\n".join([place, *([inert(one.help, _LONG)] if one.help else [])])
    return _document(root)


def _document(root: Element) -> str:
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _only_errors(cases: Sequence[Finding]) -> dict[str, str]:
    return {"tests": str(len(cases)), "failures": "0", "errors": str(len(cases))}


def _counts(results: Sequence[Result]) -> dict[str, str]:
    errors = sum(one.error is not None for one in results)
    failed = sum(not one.passed for one in results) - errors
    return {"tests": str(len(results)), "failures": str(failed), "errors": str(errors)}


def _case(parent: Element, suite: Suite, result: Result) -> None:
    scenario = result.scenario
    name = inert(titled(result), _LONG)
    file, line = inert(suite.file, _LONG), str(scenario.span.line)
    case = SubElement(parent, "testcase", name=name, classname=file, file=file, line=line)
    if result.error is not None:
        SubElement(case, "error", type="replay", message=inert(result.error, _LONG))
    for failure in result.failures:
        message = inert(failure.message, _LONG)
        element = SubElement(case, "failure", type="expectation", message=message)
        place = f"{file}:{failure.span.line}:{failure.span.column}"
        element.text = "\n".join([place, *failure_lines(result, failure, _LONG)])
    if not scenario.expects:
        SubElement(case, "failure", type="expectation", message="expects nothing")
