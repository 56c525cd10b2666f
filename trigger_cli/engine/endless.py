"""The limit on windows that end in a row without an event (``semantics.md`` P3, E6).

An event with a wrong date in the year 9999 would make a watch of one minute fire four billion
times before it.
"""

from collections.abc import Sequence
from itertools import islice
from operator import sub
from typing import Final

from trigger_cli.engine.errors import EndlessError
from trigger_cli.match.plan import Plan
from trigger_cli.model import Automation, EventTrigger
from trigger_cli.times import format_duration, format_instant

MOST_WINDOWS: Final = 1_000_000
"""How many windows of one bucket may end between two events."""
MOST_OF_A_TRIGGER: Final = 10 * MOST_WINDOWS
"""How many windows of all buckets of one trigger may end between two events."""
SHORT_GAP: Final = 10
"""Gaps of at most this many windows are not counted, because most gaps are that short."""


def shortest_window(plan: Plan) -> int:
    """The shortest window of the plan's proactive triggers, µs; 0 if it has none."""
    triggers = (leaf.definition for leaf in plan.leaves)
    windows = [
        one.within
        for one in triggers
        if isinstance(one, EventTrigger) and one.posture == "Proactive"
    ]
    return min(windows, default=0)


def too_many(windows: int, buckets: int) -> bool:
    """Whether `windows` windows in each of `buckets` buckets exceed a limit."""
    return windows > SHORT_GAP and (
        windows * min(buckets, 1) > MOST_WINDOWS or windows * buckets > MOST_OF_A_TRIGGER
    )


def longest_step(clocks: Sequence[int]) -> int:
    """The longest time between two successive clocks, µs."""
    return max(map(sub, islice(clocks, 1, None), clocks), default=0)


def endless_error(
    automation: Automation,
    trigger: EventTrigger,
    windows: int,
    since: int,
    until: int,
    line: int | None,
) -> EndlessError:
    """The error for a trigger with too many windows from `since` to `until`, both µs.

    Args:
        automation: The trigger's automation.
        trigger: The trigger.
        windows: The number of windows of all its buckets.
        since: The clock before them, µs.
        until: The clock after them, µs.
        line: `Event.line` of the next event, if there is one.
    """
    return EndlessError(
        f"the trigger of {automation.name!r} would go through {windows:,} windows of"
        f" {format_duration(trigger.within)} without an event, from {format_instant(since)} to"
        f" {format_instant(until)}",
        line,
        automation.index,
        until,
    )
