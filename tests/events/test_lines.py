from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import in_pieces
from trigger_cli.events.lines import LONGEST_RECORD, text_lines


@given(st.text(alphabet="ab\r\n").map(str.encode), st.integers(1, 20))
def test_lines_end_at_newlines_alone(data, size):
    """However the bytes arrive, a line is what ends with a newline, or what is left."""
    expected = [line + b"\n" for line in data.split(b"\n")]
    expected[-1] = expected[-1].removesuffix(b"\n")
    if not expected[-1]:
        expected.pop()
    assert list(text_lines(iter(in_pieces(data, size)))) == expected


def test_a_line_that_is_too_long_comes_as_none():
    """Of a line above the limit only that it was there is told; its neighbours are unharmed."""
    piece = b"x" * 1_000_000
    too_many = [piece] * (LONGEST_RECORD // len(piece) + 1)
    assert list(text_lines(iter([b"a\nb", *too_many, b"y\nc\n"]))) == [b"a\n", None, b"c\n"]
    assert list(text_lines(iter([b"a\n", *too_many]))) == [b"a\n", None]


def test_a_line_of_the_greatest_length_is_whole():
    """The limit itself is still allowed."""
    line = b"x" * (LONGEST_RECORD - 1) + b"\n"
    assert list(text_lines(iter([line[:5], line[5:]]))) == [line]
