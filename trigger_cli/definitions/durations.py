"""Durations as definitions write them: seconds, or an ISO 8601 text (``semantics.md`` V3)."""

import math
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from trigger_cli.definitions.codes import OUT_OF_RANGE, WRONG_TYPE, Code
from trigger_cli.definitions.scalars import LONGEST, LONGEST_SECONDS
from trigger_cli.definitions.wording import describe
from trigger_cli.times import SECOND, TooLongError, duration_from_seconds, parse_duration

_AT_MOST = "at most 999,999,999 days"
_TEXT = TypeAdapter(timedelta)
_EXPECTED = "expected a number of seconds or an ISO 8601 duration"
_PART = "[0-9]+(?:[.,][0-9]*)?"
_CLOCK = "(?:[0-9]{2,}:[0-5][0-9]|[0-9]+(?::[0-5][0-9]){2}(?:[.,][0-9]+)?)"
JSON_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "exclusiveMaximum": LONGEST_SECONDS},
        {
            "type": "string",
            "pattern": (
                rf"^\+?(?:P(?=T?[0-9])(?:{_PART}[YMWD])*(?:T(?:{_PART}[HMS])*)?"
                rf"|[0-9]+ ?[dD](?:ays?)?(?:,? ?{_CLOCK})?|{_CLOCK})$"
            ),
        },
    ],
    "description": "seconds, or an ISO 8601 duration such as PT1M",
}
"""What `read_duration` takes; it also refuses texts of a billion days."""


def violation(code: Code, found: str, advice: str | None = None) -> PydanticCustomError:
    """The error that a model's validator raises; ``validation.py`` turns it into a finding."""
    return PydanticCustomError(code.code, "{found}", {"found": found, "advice": advice})


def read_duration(value: Any) -> int:
    """Read a duration of a definition (V3).

    Args:
        value: Seconds, or a text that Prefect accepts, such as ``"PT1M"``.

    Returns:
        Microseconds, never negative.

    Raises:
        PydanticCustomError: The value is not a duration, is negative, or is longer than Prefect
            allows; the error's type is the code of the finding.
    """
    if isinstance(value, str):
        duration = _from_text(value)
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or _is_nan(value):
        raise violation(WRONG_TYPE, f"found {describe(value)}, {_EXPECTED}")
    elif abs(value) >= LONGEST_SECONDS:
        raise violation(OUT_OF_RANGE, f"found {describe(value)}, expected {_AT_MOST}")
    else:
        duration = duration_from_seconds(value)
    if duration < 0:
        raise violation(OUT_OF_RANGE, f"found {describe(value)}, expected 0 or more seconds")
    return duration


def _is_nan(value: float) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _from_text(text: str) -> int:
    # Prefect reads durations with pydantic, so this accepts the same texts.
    try:
        return _TEXT.validate_python(text) // timedelta(microseconds=1)
    except ValidationError:
        found = f"found {describe(text)}, {_EXPECTED}"
        raise violation(WRONG_TYPE, found, _rewritten(text)) from None


def _rewritten(text: str) -> str:
    try:
        duration = parse_duration(text)
    except TooLongError:
        return f"expected {_AT_MOST}"
    except ValueError:
        return 'write seconds, such as 60, or ISO 8601, such as "PT1M"'
    if duration >= LONGEST:
        return f"expected {_AT_MOST}"
    seconds, rest = divmod(duration, SECOND)
    return f"write {duration / SECOND if rest else seconds}, in seconds and without quotes"
