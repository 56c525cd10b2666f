"""Tests of ``definitions/source.py``."""

import pytest

from trigger_cli.definitions.source import SourceText, SyntaxProblem, decode
from trigger_cli.model import EXCERPT_LIMIT, Finding, Span


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
    """A line of any length gives the part around the place, and a line that is not there none."""
    source = SourceText("x", f"{'y' * 1000}z{'y' * 1000}")
    first, far, none = (Span(*at, at[0], at[1] + 1) for at in ((1, 1), (1, 1001), (2, 1)))

    assert "y" * EXCERPT_LIMIT == source.excerpt(first)
    assert EXCERPT_LIMIT == len(source.excerpt(far))
    assert "z" == source.excerpt(far)[far.column - 1 - far.excerpt_from]
    assert "" == source.excerpt(none)


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


LIKE_UTF_16 = "the file looks like UTF-16 without a byte order mark, expected UTF-8"


@pytest.mark.parametrize("content", ["é", "é".encode(), b"\xef\xbb\xbf\xc3\xa9", "\ufeffé"])
def test_utf_8(content):
    """UTF-8 is decoded, and its byte order mark dropped."""
    assert "é" == decode(content, "x")


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a\nb\xffc", (2, 2), "found 0xFF, which is not UTF-8 text, expected JSON or YAML"),
        (b"\xc3", (1, 1), "found 0xC3, which is not UTF-8 text, expected JSON or YAML"),
        ("a\ud800", (1, 2), "found 0xD800, which is not UTF-8 text, expected JSON or YAML"),
        ("a".encode("utf-16"), (1, 1), "the file is UTF-16, expected UTF-8"),
        ("[]".encode("utf-16-le"), (1, 1), LIKE_UTF_16),
        ("[]".encode("utf-16-be"), (1, 1), LIKE_UTF_16),
    ],
)
def test_what_is_not_utf_8(content, place, message):
    """Anything else is refused, where it first is not UTF-8."""
    finding = decode(content, "x")

    assert isinstance(finding, Finding)
    assert ("TRG100", place, message) == (finding.code, finding.span[:2], finding.message)
