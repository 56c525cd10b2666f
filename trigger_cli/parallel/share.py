"""Some automations, replayed page by page: a pure function from bytes to bytes.

So nothing is lost with a process that dies: another one is given the same bytes.
"""

from __future__ import annotations

import marshal
import pickle
from typing import Any, NamedTuple, TypeAlias

from trigger_cli.engine.delivered import Delivered, feed
from trigger_cli.engine.replay import Replay
from trigger_cli.model import Event, Match, MetricTrigger, Transition

Row: TypeAlias = tuple[Any, ...]
"""A `Delivered` as `marshal` can pack it."""


def is_told(one: Transition) -> bool:
    """Whether a share tells of a record: an automation's own firing, or what a metric came to."""
    if one.kind == "fired":
        return one.is_own or isinstance(one.trigger, MetricTrigger)
    return one.kind == "resolved"


class Evaluated(NamedTuple):
    """What a page of events did to a share, both by `pickle`."""

    standing: bytes
    """The `Replay` after the page."""
    told: bytes
    """The list of records that are told (`is_told`)."""


def row_of(one: Delivered) -> Row:
    """The event, less what nobody reads once it is known what takes it."""
    timers_until, clock, arrived, (event, takings) = one
    return timers_until, clock, arrived, (*event[:7], ()), takings


def evaluate_page(before: bytes, page: bytes) -> Evaluated:
    """Replay the next page of a log.

    Args:
        before: The `Replay` as the page before left it, by `pickle`.
        page: A list of `Row`, by `marshal`.
    """
    replay: Replay = pickle.loads(before)  # noqa: S301  # this program's own
    told: list[Transition] = []
    for timers_until, clock, arrived, event, takings in marshal.loads(page):  # noqa: S302  # too
        match = Match(Event(*event), takings)
        records = feed(replay, Delivered(timers_until, clock, arrived, match))
        told += filter(is_told, records)
    return Evaluated(pickle.dumps(replay), pickle.dumps(told))
