"""Replays some automations page by page, as a pure function from bytes to bytes.

If a process dies, another process repeats the work on the same bytes.
"""

from __future__ import annotations

import marshal
import pickle
from typing import Any, NamedTuple, TypeAlias

from trigger_cli.engine.delivered import Delivered, feed
from trigger_cli.engine.replay import Replay
from trigger_cli.model import Event, Match, MetricTrigger, Transition

Row: TypeAlias = tuple[Any, ...]
"""A `Delivered` in a form that `marshal` can pack."""


def is_told(one: Transition) -> bool:
    """Whether a share reports a record: a firing of an automation, or a metric's state change."""
    if one.kind == "fired":
        return one.is_own or isinstance(one.trigger, MetricTrigger)
    return one.kind == "resolved"


class Evaluated(NamedTuple):
    """A share after a page of events; both fields are pickled."""

    standing: bytes
    """The `Replay` after the page."""
    told: bytes
    """The list of records to report (`is_told`)."""


def row_of(one: Delivered) -> Row:
    """The event without the fields that are not read once its takings are known."""
    timers_until, clock, arrived, (event, takings) = one
    return timers_until, clock, arrived, (*event[:7], ()), takings


def evaluate_page(before: bytes, page: bytes) -> Evaluated:
    """Replay the next page of a log.

    Args:
        before: The pickled `Replay` after the page before.
        page: A list of `Row`, packed by `marshal`.
    """
    replay: Replay = pickle.loads(before)  # noqa: S301  # pickled by this program
    told: list[Transition] = []
    for timers_until, clock, arrived, event, takings in marshal.loads(page):  # noqa: S302  # packed by this program
        match = Match(Event(*event), takings)
        records = feed(replay, Delivered(timers_until, clock, arrived, match))
        told += filter(is_told, records)
    return Evaluated(pickle.dumps(replay), pickle.dumps(told))
