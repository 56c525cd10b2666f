"""Tests of ``definitions/decoding.py``."""

import pytest

from trigger_cli.definitions.decoding import decode
from trigger_cli.model import Finding


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
    ],
)
def test_what_is_not_utf_8(content, place, message):
    """Anything else is refused, where it first is not UTF-8."""
    finding = decode(content, "x")

    assert isinstance(finding, Finding)
    assert ("TRG100", place, message) == (finding.code, finding.span[:2], finding.message)
