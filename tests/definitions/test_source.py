"""Tests of ``definitions/source.py``."""

import pytest

from trigger_cli.definitions.source import EXCERPT_LIMIT, SourceText, SyntaxProblem
from trigger_cli.model import Span


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 1, Span(1, 1, 1, 2)),
        (1, 4, Span(1, 2, 2, 2)),
        (3, 3, Span(2, 1, 2, 2)),
        (2, 3, Span(1, 3, 1, 4)),
        (5, 5, Span(2, 3, 2, 4)),
        (99, 99, Span(2, 3, 2, 4)),
    ],
)
def test_spans(start, end, expected):
    """Lines and columns count from 1, and even nothing is one character wide."""
    assert expected == SourceText("x", "ab\ncd").span(start, end)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline):
    """Every kind of line end separates lines, and the text as read is kept."""
    source = SourceText("x", f"a{newline}b")

    assert (["a", "b"], f"a{newline}b") == (source.lines, source.original)


def test_excerpt_is_bounded():
    """A line of any length gives a short excerpt, and a line that is not there none."""
    source = SourceText("x", "y" * 1000)

    assert ("y" * EXCERPT_LIMIT, "") == (source.excerpt(1), source.excerpt(2))


def test_syntax_finding():
    """A syntax problem becomes an error with its line."""
    finding = SourceText("x", "a\nb").syntax_finding(SyntaxProblem("no", Span(2, 1, 2, 2), "yes"))

    expected = ("TRG100", "syntax", "error", "no", "x", "b", "yes")
    assert expected == (
        finding.code,
        finding.name,
        finding.severity,
        finding.message,
        finding.file,
        finding.excerpt,
        finding.help,
    )
