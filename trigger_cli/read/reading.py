"""What a command reads from a log: which labels of which events, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from trigger_cli.events.batch import Selected
from trigger_cli.events.scan import Interests, Scanner
from trigger_cli.model import DeliveryOrder, Labels

_SHARED_RESOURCES = 50_000


class Wanted(Protocol):
    """Selects the events whose labels are read, and which labels; can be sent to a process."""

    def interests(self) -> Interests:
        """Maps an event name to what is read of its events."""


class AllLabels:
    """Every label of every event."""

    def interests(self) -> Interests:
        """The same for every name."""
        return labels_of(lambda _name: True)


class _EveryLabel:
    """Selects every label, and stores equal related resources once.

    Most events of a log name the same few flows, deployments and tags. Sharing them takes a
    fraction of the memory and of the transfer time.
    """

    def __init__(self) -> None:
        self._related: dict[tuple[tuple[str, str], ...], Labels] = {}

    def select(self, resource: Labels, related: tuple[Labels, ...]) -> Selected:
        """Select all labels."""
        return resource, tuple(map(self._shared, related)), None

    def _shared(self, resource: Labels) -> Labels:
        if len(self._related) >= _SHARED_RESOURCES:
            self._related.clear()
        return self._related.setdefault(tuple(resource.items()), resource)


def labels_of(needs: Callable[[str], bool]) -> Interests:
    """Selects every label of the events for whose name `needs` returns true."""
    every = _EveryLabel()
    return lambda name: every if needs(name) else None


class Reading(NamedTuple):
    """How a log is read; can be sent to another process."""

    wanted: Wanted
    order: DeliveryOrder
    with_received: bool = True
    """Whether events keep `received`; the order by it does not depend on this."""

    def scanner(self) -> Scanner:
        """A scanner for a part of the log."""
        return Scanner(self.wanted.interests(), self.order, with_received=self.with_received)


AS_IT_STANDS = Reading(AllLabels(), "log")
"""All of each event, in the log's order."""
