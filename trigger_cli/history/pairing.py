"""Pairs the firings of two sides that are the same."""

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TypeAlias, TypeVar

from msgspec import Struct

from trigger_cli.history.polling import LATEST
from trigger_cli.history.server_log import ServerFiring
from trigger_cli.history.simulated import Simulated
from trigger_cli.model import Event, EventTrigger
from trigger_cli.times import SECOND

_First = TypeVar("_First")
_Second = TypeVar("_Second")

SLACK = SECOND
"""How far a recorded firing may seem to precede its cause, µs, because the clocks differ."""


class Pair(Struct, frozen=True):
    """A recorded firing and the simulated firing that it equals."""

    recorded: ServerFiring
    simulated: Simulated
    other_event: bool = False
    """Whether their events differ: an event came before the server polled the window's deadline."""

    @property
    def delay(self) -> int:
        """How long after the simulated instant the server fired, µs."""
        return self.recorded.at - self.simulated.at


class Pairing(Struct, frozen=True):
    """The pairs, and the unpaired firings of either side."""

    pairs: tuple[Pair, ...]
    missed: tuple[ServerFiring, ...]
    """Recorded but not simulated."""
    unexpected: tuple[Simulated, ...]
    """Simulated but not recorded."""

    @property
    def left_over(self) -> int:
        """The number of unpaired firings."""
        return len(self.missed) + len(self.unexpected)


MateOf: TypeAlias = Callable[[_First], _Second | None]
"""Returns the partner of an item of the first side, and removes it from the free ones."""


def matched(
    first: Sequence[_First], second: Sequence[_Second], partner_of: MateOf[_First, _Second]
) -> tuple[list[tuple[_First, _Second]], list[_First], list[_Second]]:
    """The pairs of two sides, and the unpaired items of each, all in the given order."""
    pairs, lonely = [], []
    for one in first:
        mate = partner_of(one)
        if mate is None:
            lonely.append(one)
        else:
            pairs.append((one, mate))
    taken = {id(mate) for _, mate in pairs}
    return pairs, lonely, [other for other in second if id(other) not in taken]


def in_turn(
    second: Sequence[_Second],
    key_of_first: Callable[[_First], object],
    key_of_second: Callable[[_Second], object],
    fits: Callable[[_First, _Second], bool] = lambda _one, _other: True,
) -> MateOf[_First, _Second]:
    """Pair items with the same key, except ``None``, in order, if the pair `fits`."""
    # The first free index of each key, and for each index the next with the same key.
    free: dict[object, int] = {}
    following = array("q", bytes(8 * len(second)))
    for place in reversed(range(len(second))):
        key = key_of_second(second[place])
        following[place] = free.get(key, -1)
        free[key] = place

    def partner_of(one: _First) -> _Second | None:
        key = key_of_first(one)
        place = -1 if key is None else free.get(key, -1)
        if place < 0 or not fits(one, second[place]):
            return None
        free[key] = following[place]
        return second[place]

    return partner_of


def pair(
    recorded: Sequence[ServerFiring],
    simulated: Sequence[Simulated],
    events: Mapping[str, Event],
    meets: Callable[[Simulated, Event], bool],
) -> Pairing:
    """Pair firings by triggering event, then firings without an event by time, then by window.

    Firings without an event are those of one bucket, if both sides tell its labels.

    Args:
        recorded: In time order.
        simulated: In time order.
        events: The log's events that concern the automation, by id.
        meets: Whether an event would have fired the window that a deadline fired.
    """

    def is_soon(one: ServerFiring, other: Simulated) -> bool:
        return other.at <= one.at + SLACK

    # By line, because the copy of an event processed twice has another id here.
    by_event = in_turn(simulated, lambda one: one.line_in(events), attrgetter("line"), is_soon)
    found, missed, free = matched(recorded, simulated, by_event)
    timed: list[tuple[ServerFiring, Simulated]] = []
    met: list[tuple[ServerFiring, Simulated]] = []
    if missed and free:
        timed, missed, free = matched(missed, free, _by_time(free))
        met, missed, free = matched(missed, free, _by_window(free, events, meets))
    pairs = [Pair(*one) for one in (*found, *timed)]
    pairs += [Pair(*one, other_event=True) for one in met]
    pairs.sort(key=lambda one: (one.recorded.at, one.recorded.line))
    return Pairing(tuple(pairs), tuple(missed), tuple(free))


def _by_time(simulated: list[Simulated]) -> MateOf[ServerFiring, Simulated]:
    """Pair a firing without an event with the latest simulated one before it, if it is close.

    Both are of the same bucket, if the automation has several and the recorded one tells its own.
    """
    ahead = deque(one for one in simulated if one.event is None)
    has_labels = any(one.labels for one in ahead)
    # By their labels, and all of them, for firings that tell none.
    candidates: dict[tuple[tuple[str, str], ...], list[Simulated]] = {}
    taken: set[int] = set()

    def partner_of(firing: ServerFiring) -> Simulated | None:
        if firing.event_id is not None:
            return None
        while ahead and ahead[0].at <= firing.at + SLACK:
            one = ahead.popleft()
            for labels in {one.labels, ()}:
                candidates.setdefault(labels, []).append(one)
        nearest = candidates.get(firing.labels if has_labels else (), [])
        while nearest and id(nearest[-1]) in taken:
            nearest.pop()
        if not (nearest and firing.at - nearest[-1].at <= _reach(nearest[-1])):
            return None
        taken.add(id(nearest[-1]))
        return nearest.pop()

    return partner_of


def _reach(one: Simulated) -> int:
    """The largest delay of the server's firing, µs: its window may begin one length later."""
    within = one.leaf.within if isinstance(one.leaf, EventTrigger) else 0
    return max(within, LATEST)


def _by_window(
    simulated: list[Simulated],
    events: Mapping[str, Event],
    meets: Callable[[Simulated, Event], bool],
) -> MateOf[ServerFiring, Simulated]:
    """Pair a deadline's firing with a recorded one by an event that came before the poll."""
    free = [one for one in simulated if one.by_deadline]
    at = attrgetter("at")

    def partner_of(firing: ServerFiring) -> Simulated | None:
        event = firing.event_in(events)
        if event is None:
            return None
        first = bisect_left(free, firing.at - LATEST, key=at)
        last = bisect_right(free, firing.at + SLACK, key=at)
        near = (place for place in range(first, last) if meets(free[place], event))
        place = next(near, None)
        return None if place is None else free.pop(place)

    return partner_of
