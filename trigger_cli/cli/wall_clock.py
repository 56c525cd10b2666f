"""The machine's clock: the one place where time is read and let pass."""

from __future__ import annotations

import time


class WallClock:
    """The time as it is."""

    def instant(self) -> int:
        """µs since the epoch."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
