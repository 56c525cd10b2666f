"""How many windows may end, one after the other, where no event comes (``semantics.md`` P3, E6).

An event that is dated wrongly, in the year 9999, has a watch of a minute fire four thousand million
times before it.
"""

from __future__ import annotations

from typing import Final

from trigger_cli.engine.errors import EndlessError
from trigger_cli.match.plan import Plan
from trigger_cli.model import Automation, EventTrigger
from trigger_cli.times import format_duration, format_instant

MOST_WINDOWS: Final = 1_000_000
"""How many windows of one bucket may end between one event and the next."""
MOST_OF_A_TRIGGER: Final = 10 * MOST_WINDOWS
"""How many of all buckets of one trigger together."""
SHORT_GAP: Final = 10
"""Between events no more windows apart than that nothing is counted: there are most of them."""


def shortest_window(plan: Plan) -> int:
    """Of the proactive triggers of a plan, µs; 0: it has none."""
    triggers = (leaf.definition for leaf in plan.leaves)
    windows = [
        one.within
        for one in triggers
        if isinstance(one, EventTrigger) and one.posture == "Proactive"
    ]
    return min(windows, default=0)


def too_many(windows: int, buckets: int) -> bool:
    """Whether so many windows of each of a trigger's buckets are more than may end in a row."""
    return windows > SHORT_GAP and (
        windows * min(buckets, 1) > MOST_WINDOWS or windows * buckets > MOST_OF_A_TRIGGER
    )


def endless_error(
    automation: Automation,
    trigger: EventTrigger,
    windows: int,
    since: int,
    until: int,
    line: int | None,
) -> EndlessError:
    """The error of a trigger with so many windows from the clock at `since` to `until`, both µs.

    Args:
        automation: Whose trigger.
        trigger: The trigger.
        windows: How many windows of all its buckets.
        since: The clock before them, µs.
        until: The clock after them, µs.
        line: `Event.line` of the event that comes then, if one does.
    """
    return EndlessError(
        f"the trigger of {automation.name!r} would go through {windows:,} windows of"
        f" {format_duration(trigger.within)} without an event, from {format_instant(since)} to"
        f" {format_instant(until)}",
        line,
        automation.index,
    )
