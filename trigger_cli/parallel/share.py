"""Evaluates some of the automations page by page, as a pure function from bytes to bytes.

If a process dies, another process repeats the work on the same bytes.
"""

import marshal
import pickle
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.replay import Replay
from trigger_cli.firings import FiringBlock, block_of
from trigger_cli.model import (
    Event,
    FiredTransition,
    Firing,
    Match,
    MetricTrigger,
    Taking,
    Transition,
)

Row: TypeAlias = tuple[int, int, tuple[Any, ...], tuple[Taking, ...]]
"""A `Delivered` in a form that `marshal` can pack: the first two fields, event and takings."""


class Evaluated(Struct, frozen=True):
    """A share after a page of events."""

    replay: bytes
    """The pickled `Replay` after the page."""
    told: list[Transition]
    """The records to report, without those in `block`: a metric's state changes."""
    block: FiringBlock
    """The firings of the automations."""


def row_of(one: Delivered) -> Row:
    """The event as plain data."""
    return one.timers_until, one.clock, plain_event(one.event), one.match.takings


def plain_event(event: Event) -> tuple[Any, ...]:
    """The event's fields, without those that nothing reads once it is delivered and matched."""
    return (*event[:4], None, None, event.resource, ())


def feed_rows(replay: Replay, rows: Iterable[Row]) -> Iterator[Transition]:
    """Let a started `replay` process delivered events."""
    return replay.offer_all(
        (timers_until, clock, Match(Event(*event), takings))
        for timers_until, clock, event, takings in rows
    )


def is_told(one: Transition) -> bool:
    """Whether a share reports a record: delivery is reported elsewhere."""
    return isinstance(one, FiredTransition) or one.kind == "resolved"


def evaluate_page(before: bytes, page: bytes, counts_only: bool = False) -> Evaluated:
    """Replay the next page of a log.

    Args:
        before: The pickled `Replay` after the page before.
        page: A list of `Row`, packed by `marshal`.
        counts_only: Return the counts of firings without the firings.
    """
    replay: Replay = pickle.loads(before)  # noqa: S301  # pickled by this program
    rows = marshal.loads(page)  # noqa: S302  # packed by this program
    told: list[Transition] = []
    firings: list[Firing] = []
    latest = 0
    for one in filter(is_told, feed_rows(replay, rows)):
        latest = max(latest, one.at)
        if one.kind != "fired" or isinstance(one.trigger, MetricTrigger):
            told.append(one)
        elif one.is_own:
            firings.append(one.firing)
    return Evaluated(pickle.dumps(replay), told, block_of(firings, latest, counts_only=counts_only))
