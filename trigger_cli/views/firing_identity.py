"""When two firings are the same. Three answers, each coarser than the one before.

They differ on purpose. What is cut out of a log must give the very firings again, and its events get
other lines, so `identity_of` goes by their ids and looks at the children too. Replays of one log are
alike where a firing has the same event at the same time (`likeness`): which earlier firings of its
children a composite combined then does not matter. And where only time counts, `moment_of` leaves out
the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from trigger_cli.model import Firing

Identity: TypeAlias = tuple[object, ...]


def identity_of(firing: Firing) -> Identity:
    """Which trigger fired, when, for which key, by the event of which id; and so its children."""
    return (
        firing.trigger.path,
        firing.at,
        firing.labels,
        None if firing.event is None else firing.event.id,
        tuple(map(identity_of, firing.children)),
    )


def likeness(firing: Firing) -> Identity:
    """When it fired, for which key, and by the event on which line."""
    return (firing.at, firing.labels, None if firing.event is None else firing.event.line)


def likenesses(firings: Iterable[Firing]) -> list[Identity]:
    """The `likeness` of each."""
    return [likeness(one) for one in firings]


def moment_of(firing: Firing) -> Identity:
    """Which trigger fired, when, and for which key."""
    return (firing.trigger.path, firing.at, firing.labels)
