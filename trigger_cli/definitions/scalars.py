"""Converts text to numbers, and plain scalars by YAML 1.2's core schema."""

import math
import re
from datetime import timedelta
from typing import Any

from trigger_cli.times import DAY, SECOND

_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(?:nan|NaN|NAN)")

LONGEST = (timedelta.max.days + 1) * DAY
"""The limit of windows, µs: longer than Prefect allows (Python's longest timedelta)."""
LONGEST_SECONDS = LONGEST // SECOND

# Python prints no integer with more digits than this (CVE-2020-10735).
_MAX_BITS = 14_000


def is_lone_surrogate(character: str) -> bool:
    """Whether `character` is half of a surrogate pair, which no encoding can represent."""
    return "\ud800" <= character <= "\udfff"


def read_integer(text: str, base: int = 10) -> int | float:
    """An integer, or an infinity if it has thousands of digits."""
    try:
        number = int(text, base)
    except ValueError:
        return -math.inf if text.startswith("-") else math.inf
    return bounded_integer(number)


def bounded_integer(number: int) -> int | float:
    """The number itself, or an infinity if it has thousands of digits."""
    if number.bit_length() < _MAX_BITS:
        return number
    return math.inf if number > 0 else -math.inf


def read_plain_scalar(text: str) -> Any:
    """The value of a plain YAML scalar (YAML 1.2 core schema): ``yes`` is a string.

    Examples: ``~`` is ``None``, ``0o17`` is 15, ``.inf`` is an infinity.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return read_integer(text)
    if _OCTAL.fullmatch(text):
        return read_integer(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return read_integer(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinity := _INFINITY.fullmatch(text):
        return -math.inf if infinity[1] == "-" else math.inf
    if _NOT_A_NUMBER.fullmatch(text):
        return math.nan
    return text
