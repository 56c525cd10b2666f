"""Tests of ``definitions/durations.py`` (``semantics.md`` V3)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from trigger_cli.definitions.durations import read_duration


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (60, 60_000_000),
        (64.2, 64_200_000),
        (0.000001, 1),
        ("PT1M", 60_000_000),
        ("PT1M30.5S", 90_500_000),
        ("P1W", 604_800_000_000),
        ("P1Y", 31_536_000_000_000),
        ("00:01:00", 60_000_000),
        ("1d", 86_400_000_000),
    ],
)
def test_durations(value, expected):
    """V3: numbers are seconds, and texts are what Prefect takes."""
    assert expected == read_duration(value)


@given(st.integers(min_value=0, max_value=86_399_999_999_999))
def test_whole_seconds_are_exact(seconds):
    """V3: any number of seconds that Prefect can hold is read exactly."""
    assert seconds * 1_000_000 == read_duration(seconds)


@pytest.mark.parametrize(
    ("value", "code", "advice"),
    [
        (True, "TRG102", None),
        (None, "TRG102", None),
        ([], "TRG102", None),
        (math.nan, "TRG102", None),
        ("60", "TRG102", "write 60, in seconds and without quotes"),
        ("5m", "TRG102", "write 300, in seconds and without quotes"),
        ("soon", "TRG102", 'write seconds, such as 60, or ISO 8601, such as "PT1M"'),
        ("P9999999999D", "TRG102", "expected at most 999,999,999 days"),
        ("90.5s", "TRG102", "write 90.5, in seconds and without quotes"),
        ("36h", "TRG102", "write 129600, in seconds and without quotes"),
        (-1, "TRG104", None),
        (-0.5, "TRG104", None),
        ("-PT1M", "TRG104", None),
        (math.inf, "TRG104", None),
        (1e300, "TRG104", None),
        (10**400, "TRG104", None),
    ],
)
def test_what_is_no_duration(value, code, advice):
    """V3: anything else is refused with the code of its finding."""
    with pytest.raises(PydanticCustomError) as refused:
        read_duration(value)

    assert (code, advice) == (refused.value.type, (refused.value.context or {}).get("advice"))
