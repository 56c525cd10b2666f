"""Tests of ``definitions/wording.py``."""

import math

import pytest

from trigger_cli.definitions.wording import (
    describe,
    describe_character,
    one_of,
    quoted,
    shortened,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        ("a\n", 'the string "a\\n"'),
        (3, "the number 3"),
        (2.5, "the number 2.5"),
        (math.nan, "a number that is too large or not finite"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty object"),
        ({"a": 1}, "an object"),
    ],
)
def test_describe(value, expected):
    """A value is named by its kind and, if it is short, shown."""
    assert expected == describe(value)


def test_long_values_are_cut():
    """A message quotes about sixty characters of a value."""
    assert 71 == len(describe("x" * 1000).removeprefix("the string ")) + 11
    assert "x" * 59 + "…" == shortened("x" * 1000)


def test_quoted_text_is_one_line():
    """Control characters and line ends cannot break a message."""
    assert "`a b c`" == quoted("a\nb\x1bc")


def test_one_of():
    """Choices are listed as in a sentence."""
    assert ["a", "a or b", "a, b or c"] == [one_of("a"), one_of("ab"), one_of("abc")]


def test_characters_are_named():
    """An invisible character is named, with its code point."""
    expected = ["a tab (U+0009)", "no-break space (U+00A0)", "a control character (U+0000)"]

    assert expected == [describe_character(c) for c in "\t\u00a0\0"]
