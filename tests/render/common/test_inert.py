"""`trigger_cli.render.common.inert`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.render.common.inert import inert, inert_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prefect.flow-run.Failed", "prefect.flow-run.Failed"),
        ("naïve 流れ", "naïve 流れ"),
        ("[red]not markup[/]", "[red]not markup[/]"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r\n\tin", r"two\nlines\r\n\tin"),
        ("nul\0", r"nul\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202edef", r"abc\u202edef"),
        ("a\u2066b\u2069", r"a\u2066b\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028separator", r"line\u2028separator"),
        ("lone \ud800", r"lone \ud800"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("blank \u3164", r"blank \u3164"),
    ],
)
def test_what_has_no_shape_is_spelled(text: str, expected: str) -> None:
    """Characters that a terminal would obey or not show are written as escapes."""
    assert expected == inert(text)


def test_long_text_is_cut() -> None:
    """A text over the limit ends in an ellipsis and has the limit's length."""
    assert "aaaa…" == inert("a" * 100, 5)


def test_an_escape_is_not_cut_in_half() -> None:
    """Where an escape does not fit whole, it is left out whole."""
    assert "aaa…" == inert("aaa" + "\x1b" * 10, 6)


def test_huge_text_costs_no_more_than_its_limit() -> None:
    """Only as much of the text is looked at as can be shown."""

    class Watched(str):
        __slots__ = ()

        def isprintable(self) -> bool:
            raise AssertionError("looked at all of it")

    assert 80 == len(inert(Watched("x" * 100_000)))
    assert 77 == len(inert(Watched("\x1b" * 100_000)))


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(1, 100))
def test_whatever_goes_in_only_printable_text_comes_out(text: str, limit: int) -> None:
    """The result is printable, can be encoded, and keeps to the limit."""
    shown = inert(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    assert shown == shown.encode().decode()


@given(st.text(alphabet=st.characters(), max_size=200))
def test_lines_stay_and_nothing_else_is_obeyed(text: str) -> None:
    """Line ends, tabs and no-break spaces are all that is left of what is not printable."""
    shown = inert_lines(text)
    kept = str.maketrans({"\n": "\\n", "\t": "\\t", "\xa0": "\\xa0"})
    assert shown.translate(kept).isprintable()
    assert text.count("\n") == shown.count("\n")
    assert shown == shown.encode().decode()
    assert inert(text, 10_000) == inert_lines(text.translate(kept))
