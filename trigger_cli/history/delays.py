"""How long after the simulated instant a server fired; polling delays firings by deadlines."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from trigger_cli.history.audit import RecordedFiring
from trigger_cli.times import SECOND

BOUNDS = tuple(SECOND * part // 100 for part in (5, 10, 25, 50, 100, 200, 300, 400, 500))
"""The upper bounds of a histogram's bars, µs; one more bar has all longer delays."""


class Delays(Struct, frozen=True):
    """A distribution of delays, µs."""

    number: int
    least: int
    median: int
    ninetieth: int
    most: int
    bars: tuple[int, ...]
    """The number of delays up to each of `BOUNDS`, and of longer ones."""


def delays_of(matched: Sequence[RecordedFiring]) -> tuple[Delays | None, Delays | None]:
    """The delays of firings by an event, and of firings by a deadline."""
    by_event: list[int] = []
    by_deadline: list[int] = []
    for one in matched:
        assert one.pair is not None
        (by_deadline if one.pair.simulated.by_deadline else by_event).append(one.pair.delay)
    return _distribution(by_event), _distribution(by_deadline)


def _distribution(delays: list[int]) -> Delays | None:
    if not delays:
        return None
    delays.sort()
    last = len(delays) - 1
    bars = [0] * (len(BOUNDS) + 1)
    for delay in delays:
        bars[bisect_left(BOUNDS, delay)] += 1
    return Delays(
        len(delays),
        delays[0],
        delays[last // 2],
        delays[last * 9 // 10],
        delays[last],
        tuple(bars),
    )
