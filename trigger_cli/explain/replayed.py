"""The interface of a replay for questions about one event, however its records are stored."""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from trigger_cli.dialects import Dialect
from trigger_cli.model import (
    Automation,
    Closed,
    DeliveryTransition,
    Event,
    FiredTransition,
    Ignored,
    Transition,
    TriggerTransition,
)
from trigger_cli.vocabulary import UNDELIVERED_NAMES


class Replayed(Protocol):
    """A replay that answers questions about its events."""

    @property
    def dialect(self) -> Dialect:
        """The dialect of the replay."""

    def left_out(self, event: Event) -> str | None:
        """Where the event lies if an option excluded it: ``after --until``; ``None``: it was taken."""

    def has_id(self, ident: str) -> bool | None:
        """Whether the log has an event with this id; ``None`` if not all events are stored."""

    def deliveries_of(self, event: Event) -> Sequence[DeliveryTransition]:
        """What delivery did with one event (O2, O4)."""

    def records_from(self, automation: Automation, event: Event) -> Iterable[TriggerTransition]:
        """In order, at least the automation's transitions by the event and those they cause."""

    def window_ended(self, ignored: Ignored) -> int | None:
        """When the bucket's last window before a record of it ended, by firing or closing, µs.

        Returns:
            ``None`` if there was none, or not all records are stored.
        """


def end_of(record: Transition) -> int | None:
    """When the window ended that fired or closed, µs; ``None``: the record is of something else."""
    if isinstance(record, FiredTransition | Closed) and record.before is not None:
        return record.before.end
    return None


def lost_to(replayed: Replayed, event: Event) -> Literal["name", "copy", "wait"] | None:
    """Why delivery kept an offered event from the triggers (O3, O2, O4); ``None``: it did not."""
    if event.name in UNDELIVERED_NAMES:
        return "name"
    kinds = {one.kind for one in replayed.deliveries_of(event)}
    if "duplicate" in kinds:
        return "copy"
    return "wait" if "waiting" in kinds and "released" not in kinds else None
