"""Tests of ``definitions/report.py`` and the table of codes."""

from trigger_cli.definitions import codes
from trigger_cli.definitions.codes import SYNTAX, UNKNOWN_KEY
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.source import SourceText
from trigger_cli.model import Finding, Span


def test_a_finding_is_complete():
    """Code, name and severity come from the table, the excerpt from the file."""
    report = Report(SourceText("x", "a\nb"))
    report.about("n").add(UNKNOWN_KEY, "no", Span(2, 1, 2, 2), ("a/b", 0), "yes", "$")

    expected = Finding(
        code="TRG101",
        name="unknown-key",
        severity="warning",
        message="no",
        file="x",
        span=Span(2, 1, 2, 2),
        pointer="/a~1b/0",
        excerpt="b",
        help="yes",
        automation="n",
        trigger="$",
    )
    assert [expected] == report.findings


def test_errors_since():
    """Only errors count, and only those added later."""
    report = Report(SourceText("x", ""))
    report.add(SYNTAX, "a", Span(1, 1, 1, 1), ())
    mark = len(report.findings)
    report.add(UNKNOWN_KEY, "b", Span(1, 1, 1, 1), ())

    assert (True, False) == (report.has_errors_since(0), report.has_errors_since(mark))


def test_codes_are_distinct_and_in_order():
    """Codes are stable names: consecutive, and each with one readable name."""
    found = [one for one in vars(codes).values() if isinstance(one, codes.Code)]
    assert [f"TRG{number}" for number in (*range(100, 110), 124)] == [code.code for code in found]
    assert len(found) == len({code.name for code in found})
