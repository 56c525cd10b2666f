"""Three definitions of when two firings are the same, each coarser than the one before.

They differ on purpose. A log cut down from another must give the same firings, but its events have
other lines, so `identity_of` compares ids, and the children too. In replays of one log, firings are
alike if they have the same event at the same time (`likeness`); which earlier firings a composite
combined does not matter. If only time counts, `time_and_key_of` ignores the event.
"""

from collections.abc import Sequence
from operator import eq
from typing import TypeAlias

from trigger_cli.model import Firing

Identity: TypeAlias = tuple[object, ...]


def identity_of(firing: Firing) -> Identity:
    """The trigger, the time, the key and the event's id, and the same for each child firing."""
    return (
        firing.trigger.path,
        firing.at,
        firing.labels,
        None if firing.event is None else firing.event.id,
        tuple(map(identity_of, firing.children)),
    )


def likeness(firing: Firing) -> Identity:
    """The time, the key and the event's line."""
    return (firing.at, firing.labels, None if firing.event is None else firing.event.line)


def are_alike(first: Sequence[Firing], second: Sequence[Firing]) -> bool:
    """Whether each firing has the `likeness` of the other side's, in order."""
    return len(first) == len(second) and all(map(eq, map(likeness, first), map(likeness, second)))


def time_and_key_of(firing: Firing) -> Identity:
    """The trigger, the time and the key."""
    return (firing.trigger.path, firing.at, firing.labels)
