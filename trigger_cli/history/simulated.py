"""Replays one automation on delivered events: its firings, and the records that led to each.

The same events are replayed again and again, each time with a small change. So a `Simulation` keeps
where its replay stood from time to time: the next one begins just before the change, and ends where
it stands as the last one did.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import compress, count
from operator import is_not
from typing import NamedTuple

from msgspec import Struct

from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.replay import Replay, ReplayState
from trigger_cli.history.accounts import Account
from trigger_cli.match.plan import Plan
from trigger_cli.model import Automation, Bucket, Event, Firing, Transition, Trigger
from trigger_cli.pipeline import ReplayOptions

KEPT_STEPS = 12
"""The most transitions to keep for one firing, or for one event."""
_POINTS = 64
"""About how often a simulation notes where it stands."""


class Simulated(Struct, frozen=True):
    """One firing of the automation in a replay."""

    at: int
    """The simulated clock, µs (T6)."""
    event: Event | None
    labels: tuple[tuple[str, str], ...]
    by_deadline: bool
    """Whether a deadline fired it, without an event at that instant."""
    leaf: Trigger
    """The event or metric trigger that fired first: the automation's own trigger, or a child."""
    key: tuple[str, ...]
    """The leaf's bucketing key."""
    window: Bucket | None
    """The leaf's bucket just before the firing."""
    steps: tuple[Transition, ...]
    """The records of that instant, up to the firing, if they were wanted."""

    @property
    def line(self) -> int | None:
        """The triggering event's line."""
        return None if self.event is None else self.event.line


class World(Struct, frozen=True):
    """The fixed inputs of a simulation, apart from the automation and its events."""

    options: ReplayOptions
    started: int
    """When the clock starts, µs."""
    until: int
    """When the clock ends, µs."""


class _Point(NamedTuple):
    """Where a replay stood just before it processed an event."""

    place: int
    """The event's, among all events."""
    ran: int
    """Up to when timers had run, µs."""
    state: ReplayState
    fired: int
    """How many firings there had been."""


class Simulation(Struct, frozen=True):
    """The automation's own firings, if an account of what the server did is true."""

    account: Account
    firings: list[Simulated]
    points: list[_Point]
    """In order."""
    steps: dict[int, tuple[Transition, ...]]
    """The records of the events on the lines that were asked for, by line."""


def simulate(
    automation: Automation,
    plan: Plan,
    account: Account,
    world: World,
    *,
    known: Simulation | None = None,
    lines: Container[int] | None = None,
) -> Simulation:
    """Replay an automation.

    Args:
        automation: The automation.
        plan: Its plan.
        account: The events that it takes, in processing order, and when the clock starts and
            deadlines are polled.
        world: The replay's options, and its clock's start and end.
        known: A simulation of another account. The result is the same as without it; only what may
            differ is replayed.
        lines: The lines of the events whose `Simulation.steps` are wanted, and `Simulated.steps`,
            which takes longer; ``None``: no steps.
    """
    replay = Replay(
        plan,
        expired_bucket_buffer=world.options.expired_bucket_buffer,
        evaluated_at=None if account.polls is None else account.polls.next_at,
    )
    replay.firings_only = lines is None
    points, ahead = ([], {}) if known is None else _in_common(known, account)
    found: list[Simulated] = []
    begin = ran = 0
    if known is None or not points:
        replay.start(world.started if account.started is None else account.started)
    else:
        begin, ran, state, fired = points[-1]
        replay.resume(state)
        found = known.firings[:fired]
    taken: list[Transition] = []
    steps: dict[int, list[Transition]] = {}

    def note(transitions: Iterable[Transition]) -> None:
        for one in transitions:
            if taken and taken[-1].at != one.at:
                taken.clear()
            taken.append(one)
            if lines is not None and one.event is not None and one.event.line in lines:
                steps.setdefault(one.event.line, []).append(one)
            if one.kind == "fired" and one.trigger is automation.trigger:
                found.append(_simulated(one.firing, taken, with_steps=lines is not None))

    apart = max(len(account.events) // _POINTS, 1)
    next_point = begin + apart
    for place in range(begin, len(account.events)):
        one = account.events[place]
        # Moved or doubled events are processed at the clock that has been reached.
        ran = max(ran, one.timers_until)
        note(replay.finish(ran))
        taken.clear()
        old = ahead.get(place)
        stands = replay.state() if old is not None or place >= next_point else None
        if stands is not None:
            if known is not None and old is not None:
                there = known.points[old]
                if (ran, stands) == (there.ran, there.state):
                    points += _moved(known.points[old:], place, len(found))
                    return Simulation(account, found + known.firings[there.fired :], points, {})
            if place >= next_point:
                points.append(_Point(place, ran, stands, len(found)))
                next_point = place + max(apart, stands.size)
        note(replay.process(one.match, one.clock))
    note(replay.finish(world.until))
    kept = {line: tuple(each[:KEPT_STEPS]) for line, each in steps.items()}
    return Simulation(account, found, points, kept)


def _in_common(known: Simulation, account: Account) -> tuple[list[_Point], dict[int, int]]:
    """What an account has in common with a known one.

    Returns:
        The points before which both are the same; and, by the place in `account`, the number of
        each point from which on events and polls are the same.
    """
    other, polls = known.account, account.polls
    same_from: int | None = 0
    if polls != other.polls:
        same_from = polls.same_from(other.polls) if polls and other.polls else None
    if same_from is None:
        return [], {}
    parted = _first_unlike(account.events, other.events, iter)
    joined = len(other.events) - _first_unlike(account.events, other.events, reversed)
    further = len(account.events) - len(other.events)
    ahead = {
        point.place + further: number
        for number, point in enumerate(known.points)
        if point.place >= joined and point.state.clock >= same_from
    }
    if account.started != other.started or polls != other.polls:
        return [], ahead
    return [point for point in known.points if point.place < parted], ahead


def _first_unlike(
    some: tuple[Delivered, ...],
    others: tuple[Delivered, ...],
    way: Callable[[Sequence[Delivered]], Iterator[Delivered]],
) -> int:
    """How many events are the same, in the order of `way`, before the first that is not."""
    unlike = map(is_not, way(some), way(others))
    return next(compress(count(), unlike), min(len(some), len(others)))


def _moved(points: Sequence[_Point], place: int, fired: int) -> Iterator[_Point]:
    """The points, the first of which is at another `place`, and after other firings, now."""
    further, more = place - points[0].place, fired - points[0].fired
    return (_Point(one.place + further, *one[1:3], one.fired + more) for one in points)


def _simulated(firing: Firing, taken: Sequence[Transition], *, with_steps: bool) -> Simulated:
    last = firing
    while last.children:
        last = last.children[-1]
    fired = (one for one in reversed(taken) if one.kind == "fired" and one.seq == last.seq)
    origin = next(fired, None)
    own = [one for one in taken if one.seq <= firing.seq] if with_steps else []
    return Simulated(
        firing.at,
        firing.event,
        firing.labels,
        by_deadline=origin is not None and origin.event is None,
        leaf=last.trigger,
        key=() if origin is None else origin.key,
        window=None if origin is None else origin.before,
        steps=tuple(own[-KEPT_STEPS:]),
    )
