"""Tests of ``definitions/scalars.py``."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.definitions.scalars import is_lone_surrogate, read_integer, read_plain_scalar


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("on", "on"),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("-7", -7),
        ("+7", 7),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-03-01", "2026-03-01"),
    ],
)
def test_plain_scalars_follow_the_core_schema(text, expected):
    """A plain scalar is what YAML 1.2 says, not what YAML 1.1 said."""
    actual = read_plain_scalar(text)

    assert (type(expected), expected) == (type(actual), actual)


def test_not_a_number():
    """``.nan`` is a number that equals nothing."""
    assert math.isnan(read_plain_scalar(".nan"))


@given(st.integers(min_value=-(10**40), max_value=10**40))
def test_integers_are_exact(number):
    """An integer of reasonable size is read exactly."""
    assert number == read_plain_scalar(str(number))


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [("9" * 5000, 10, math.inf), ("-" + "9" * 5000, 10, -math.inf), ("f" * 9000, 16, math.inf)],
)
def test_integers_that_could_not_be_written_are_infinite(text, base, expected):
    """Python refuses to print integers of thousands of digits, so none is let in."""
    assert expected == read_integer(text, base)


def test_lone_surrogates():
    """Half of a pair is told from a character beyond the basic plane."""
    assert [True, True, False, False] == [is_lone_surrogate(c) for c in "\ud800\udfff😀a"]
