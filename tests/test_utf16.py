"""Tests of ``utf16.py``; what logs and definitions make of it is tested beside those."""

import codecs

import pytest

from trigger_cli.utf16 import utf16_of


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE + b"\0{", "utf-16"),
        (b"{\0}\0\x3d\xd8", "utf-16-le"),
        (b"\0{\0}\xd8\x3d", "utf-16-be"),
        (b"", None),
        (b"{}\n", None),
        (b"{\0", None),  # a line that a crash left with zeros
        (b"\0{}\n", None),
        (b"\0\0\0\0", None),
        (codecs.BOM_UTF8 + b"{", None),
    ],
)
def test_the_first_bytes_tell(head, codec):
    """A mark does, or two characters of ASCII."""
    assert codec == utf16_of(head)
