"""Recorded firings beside simulated ones: which of them are the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trigger_cli.history.polling import LATEST
from trigger_cli.history.server_log import ServerFiring
from trigger_cli.history.simulated import Simulated
from trigger_cli.model import Event, EventTrigger
from trigger_cli.times import SECOND

SLACK = SECOND
"""By how much a recorded firing may seem to come before its cause: two clocks are never one."""


class Pair(NamedTuple):
    """A recorded firing and the simulated one that it is."""

    recorded: ServerFiring
    simulated: Simulated
    other_event: bool = False
    """They name different events: an event met the window before the server saw its deadline."""

    @property
    def delay(self) -> int:
        """How long after the simulated instant the server fired, µs."""
        return self.recorded.at - self.simulated.at


@dataclass(frozen=True, slots=True)
class Pairing:
    """Who belongs to whom, and what is left over on either side."""

    pairs: tuple[Pair, ...]
    missed: tuple[ServerFiring, ...]
    """Recorded, not simulated."""
    unexpected: tuple[Simulated, ...]
    """Simulated, not recorded."""

    @property
    def left_over(self) -> int:
        """How many firings have no partner."""
        return len(self.missed) + len(self.unexpected)


Meets = Callable[[Simulated, Event], bool]


def pair(
    recorded: Sequence[ServerFiring],
    simulated: Sequence[Simulated],
    events: Mapping[str, Event],
    meets: Meets,
) -> Pairing:
    """Pair them by triggering event; then what time alone brought, by time; then by window.

    Args:
        recorded: In time order.
        simulated: In time order.
        events: The log's events that concern the automation, by id.
        meets: Whether an event would have fired the window that a deadline fired.
    """
    found: list[Pair] = []
    free = _by_event(recorded, simulated, events, found)
    free = _by_time(*free, found)
    missed, unexpected = _by_window(*free, events, meets, found)
    found.sort(key=lambda one: (one.recorded.at, one.recorded.line))
    return Pairing(tuple(found), tuple(missed), tuple(unexpected))


_Free = tuple[list[ServerFiring], list[Simulated]]


def _by_event(
    recorded: Sequence[ServerFiring],
    simulated: Sequence[Simulated],
    events: Mapping[str, Event],
    found: list[Pair],
) -> _Free:
    # By line: a copy of an event that a server processed twice has an id of its own here.
    waiting: dict[int | None, deque[Simulated]] = defaultdict(deque)
    for one in simulated:
        waiting[one.line].append(one)
    missed = []
    for firing in recorded:
        event = None if firing.event_id is None else events.get(firing.event_id)
        mates = waiting[event.line] if event is not None else ()
        if mates and mates[0].at <= firing.at + SLACK:
            assert isinstance(mates, deque)
            found.append(Pair(firing, mates.popleft()))
        else:
            missed.append(firing)
    used = {id(one.simulated) for one in found}
    return missed, [one for one in simulated if id(one) not in used]


def _by_time(recorded: list[ServerFiring], simulated: list[Simulated], found: list[Pair]) -> _Free:
    """A firing without an event is the latest simulated one before it, if that is near enough."""
    missed: list[ServerFiring] = []
    candidates: list[Simulated] = []
    ahead = deque(one for one in simulated if one.event is None)
    used: set[int] = set()
    for firing in recorded:
        if firing.event_id is not None:
            missed.append(firing)
            continue
        while ahead and ahead[0].at <= firing.at + SLACK:
            candidates.append(ahead.popleft())
        if candidates and firing.at - candidates[-1].at <= _reach(candidates[-1]):
            mate = candidates.pop()
            used.add(id(mate))
            found.append(Pair(firing, mate))
        else:
            missed.append(firing)
    return missed, [one for one in simulated if id(one) not in used]


def _reach(one: Simulated) -> int:
    """How much later its server's firing can be: its window may have begun up to one later."""
    within = one.leaf.within if isinstance(one.leaf, EventTrigger) else 0
    return max(within, LATEST)


def _by_window(
    recorded: list[ServerFiring],
    simulated: list[Simulated],
    events: Mapping[str, Event],
    meets: Meets,
    found: list[Pair],
) -> _Free:
    """A deadline's firing is also a recorded one by an event that came before the server looked."""
    missed: list[ServerFiring] = []
    free = [one for one in simulated if one.by_deadline]
    times = [one.at for one in free]
    used: set[int] = set()
    for firing in recorded:
        event = None if firing.event_id is None else events.get(firing.event_id)
        mate = None
        if event is not None:
            first = bisect_left(times, firing.at - LATEST)
            last = bisect_right(times, firing.at + SLACK)
            near = (one for one in free[first:last] if id(one) not in used and meets(one, event))
            mate = next(near, None)
        if mate is None:
            missed.append(firing)
        else:
            used.add(id(mate))
            found.append(Pair(firing, mate, other_event=True))
    return missed, [one for one in simulated if id(one) not in used]
