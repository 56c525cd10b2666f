"""The machine's clock: the only place that reads the time and sleeps."""

from __future__ import annotations

import time


class WallClock:
    """The wall clock."""

    def instant(self) -> int:
        """µs since the epoch."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
