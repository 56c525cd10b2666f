"""What a command reads from a log: which labels of which events, and in which order."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from trigger_cli.events.batch import Selected
from trigger_cli.events.scan import Digest, Interests, Scanner
from trigger_cli.model import DeliveryOrder, Labels

_MOST_VALUES = 16_000


class Wanted(Protocol):
    """Selects the events whose labels are read, and which labels; can be sent to a process."""

    def interests(self) -> Interests:
        """Maps an event name to what is read of its events."""


class AllLabels:
    """Every label of every event."""

    def interests(self) -> Interests:
        """The same for every name."""
        return labels_of(lambda _name: True)


class NoLabels:
    """The headings of all events."""

    def interests(self) -> Interests:
        """The same for every name."""
        return labels_of(lambda _name: False)


class _EveryLabel:
    """Selects every label; equal values of primary resources are one and the same.

    A run's events have most of them in common: what is shared takes a fraction of the memory, and
    of the time to move. Related resources are shared where they are read.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def select(self, resource: Labels, related: tuple[Labels, ...]) -> Selected:
        """All of them."""
        if len(self._values) > _MOST_VALUES:
            self._values.clear()
        known = self._values.setdefault
        return {label: known(value, value) for label, value in resource.items()}, related, None


def labels_of(needs: Callable[[str], bool]) -> Interests:
    """Selects every label of the events for whose name `needs` returns true."""
    every = _EveryLabel()
    return lambda name: every if needs(name) else None


class Reading(Struct, frozen=True):
    """How a log is read; can be sent to another process."""

    wanted: Wanted
    order: DeliveryOrder
    with_received: bool = True
    """Whether events keep `received`; the order by it does not depend on this."""
    digest: Digest | None = None
    """Makes of each part of the log what is kept of its labels; an importable function."""

    def scanner(self) -> Scanner:
        """A scanner for a part of the log."""
        return Scanner(
            self.wanted.interests(),
            self.order,
            with_received=self.with_received,
            digest=self.digest,
        )


AS_IT_STANDS = Reading(AllLabels(), "log")
"""All of each event, in the log's order."""
