"""Findings as JUnit XML: a suite for each file, a case for each finding."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import escape, quoteattr

from trigger_cli.model import Finding
from trigger_cli.render.common.inert import inert


def render_junit(
    findings: Iterable[Finding], files: Sequence[str], failing: Collection[str]
) -> str:
    """One document; a file without findings is a case that passed.

    Args:
        findings: The findings.
        files: The names of the files.
        failing: The severities of ``--fail-level``, whose cases fail; others pass, with a text.
    """
    by_file = {
        file: list(found)
        for file, found in groupby(sorted(findings, key=attrgetter("file")), attrgetter("file"))
    }
    names = sorted({*files, *by_file})
    failures = sum(one.severity in failing for of_file in by_file.values() for one in of_file)
    tests = sum(max(1, len(by_file.get(name, ()))) for name in names)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="trigger-cli lint" tests="{tests}" failures="{failures}">',
    ]
    for name in names:
        lines += _suite(name, by_file.get(name, []), failing)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(file: str, findings: Sequence[Finding], failing: Collection[str]) -> Iterable[str]:
    name = _attribute(file, 1_000)
    tests = max(1, len(findings))
    failures = sum(one.severity in failing for one in findings)
    yield f'  <testsuite name={name} tests="{tests}" failures="{failures}">'
    if not findings:
        yield f'    <testcase name="lint" classname={name}/>'
    for finding in findings:
        span = finding.span
        place = f"{span.line}:{span.column}"
        case = _attribute(f"{finding.code} {finding.name} {place}", 200)
        message = _attribute(finding.message, 1_000)
        text = f"{inert(file, 1_000)}:{place}: {finding.severity}: {inert(finding.message, 1_000)}"
        if finding.help:
            text += f"\nhelp: {inert(finding.help, 1_000)}"
        yield f'    <testcase name={case} classname={name} line="{span.line}">'
        if finding.severity in failing:
            kind = f'type="{finding.severity}"'
            yield f"      <failure {kind} message={message}>{escape(text)}</failure>"
        else:
            yield f"      <system-out>{escape(text)}</system-out>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _attribute(text: str, limit: int) -> str:
    return quoteattr(inert(text, limit))
