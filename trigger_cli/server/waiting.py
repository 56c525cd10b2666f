"""When to retry, as pure functions."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from trigger_cli.times import SECOND, parse_instant

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
LONGEST_RETRY_AFTER: Final = 300.0
"""The longest wait that a server may ask for, seconds; a longer one would look like a hang."""


class Clock(Protocol):
    """The time, and a way to wait."""

    def instant(self) -> int:
        """Now, µs."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


def delay(failures: int, retry_after: float | None = None) -> float:
    """Seconds to wait after so many failures in a row: 0.5, 1, 2, … 30, or what was asked for."""
    grown = FIRST_DELAY * 2 ** min(max(failures - 1, 0), 10)
    own: float = min(grown, LONGEST_DELAY)
    return own if retry_after is None else min(max(retry_after, 0.0), LONGEST_RETRY_AFTER)


def parse_retry_after(text: str | None, now: int) -> float | None:
    """The seconds that the header ``Retry-After`` asks for; ``None`` if it has no usable value."""
    if text is None:
        return None
    stripped = text.strip()
    try:
        seconds = float(stripped)
    except ValueError:
        pass
    else:
        return seconds if 0 <= seconds < float("inf") else None
    try:
        moment = parsedate_to_datetime(stripped)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (parse_instant(moment.isoformat()) - now) / SECOND)
