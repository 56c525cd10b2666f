import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import in_pieces
from trigger_cli.events.encoding import utf8

MARKED = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 little-endian": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16 big-endian": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}


@given(st.sampled_from(list(MARKED)), st.text(), st.integers(1, 9))
def test_every_encoding_becomes_utf8(name, text, size):
    """The mark decides and is dropped, however the bytes arrive."""
    if not text.startswith("\ufeff") and "\0" not in text[:4]:
        pieces = iter(in_pieces(MARKED[name](text), size))
        assert b"".join(utf8(pieces)) == text.encode()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 9])
def test_utf16_without_a_mark(codec, size):
    """As some editors and `iconv` write it: told by the zeros beside its ASCII."""
    text = '{"event": "é \N{OWL}"}\n'
    assert b"".join(utf8(iter(in_pieces(text.encode(codec), size)))) == text.encode()


@pytest.mark.parametrize("damaged", [b"\0{}\n", b"\0\0{}", b"{\0\0}", b"{\0", b"\0" * 8])
def test_zeros_of_damage_are_no_utf16(damaged):
    """A line that a crash left with zeros spoils no other."""
    assert b"".join(utf8(iter([damaged]))) == damaged


def test_half_a_character_at_the_end_is_dropped():
    """A UTF-16 log that was cut within a character ends with the character before."""
    assert b"".join(utf8(iter(["ab".encode("utf-16")[:-1]]))) == b"a"


def test_a_lone_surrogate_is_left_for_the_decoder_to_refuse():
    """What is no text in UTF-16 becomes invalid UTF-8 in its place; the rest is unharmed."""
    data = codecs.BOM_UTF16_LE + b"a\x00" + b"\x00\xd8" + b"b\x00"
    got = b"".join(utf8(iter([data])))
    assert (got[:1], got[-1:]) == (b"a", b"b")
    with pytest.raises(UnicodeDecodeError):
        got.decode()


def test_an_empty_log_stays_empty():
    """No bytes, no chunks."""
    assert list(utf8(iter([]))) == []
