"""Replays one automation on delivered events: its firings, and the records that led to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trigger_cli.engine.delivered import Delivered, feed
from trigger_cli.engine.replay import Replay
from trigger_cli.history.polling import PollTimes
from trigger_cli.match.plan import Plan
from trigger_cli.model import (
    Automation,
    Bucket,
    DeliveryTransition,
    Event,
    Firing,
    Transition,
    Trigger,
)
from trigger_cli.pipeline import ReplayOptions

KEPT_STEPS = 12
"""The most transitions to keep for one firing, or for one event."""


class Simulated(NamedTuple):
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
    """The records of that instant, up to the firing; only firings if no others were wanted."""

    @property
    def line(self) -> int | None:
        """The triggering event's line."""
        return None if self.event is None else self.event.line


@dataclass(frozen=True, slots=True)
class World:
    """The fixed inputs of a simulation, apart from the automation and its events."""

    options: ReplayOptions
    started: int
    """When the clock starts, µs."""
    until: int
    """When the clock ends, µs."""


def simulate(
    automation: Automation,
    plan: Plan,
    events: Iterable[Delivered],
    world: World,
    *,
    started: int | None = None,
    polls: PollTimes | None = None,
    with_steps: bool = True,
) -> list[Simulated]:
    """The automation's own firings.

    Args:
        automation: The automation.
        plan: Its plan.
        events: The events that it takes, in processing order.
        world: The replay's options, and its clock's start and end.
        started: When the clock starts instead, µs.
        polls: When the server polls its deadlines; ``None``: at each deadline.
        with_steps: Whether `Simulated.steps` are wanted, which takes longer.
    """
    replay = _new_replay(plan, world, started, polls)
    replay.firings_only = not with_steps
    found: list[Simulated] = []
    taken: list[Transition] = []

    def note(transitions: Iterable[Transition]) -> None:
        for one in transitions:
            if taken and taken[-1].at != one.at:
                taken.clear()
            taken.append(one)
            if one.kind == "fired" and one.trigger is automation.trigger:
                found.append(_simulated(one.firing, taken))

    ran = 0
    for one in events:
        # Moved or doubled events are processed at the clock that has been reached.
        ran = max(ran, one.timers_until)
        note(replay.finish(ran))
        taken.clear()
        note(replay.process(one.match, one.clock))
    note(replay.finish(world.until))
    return found


def steps_of(
    plan: Plan, events: Sequence[Delivered], world: World, lines: set[int]
) -> dict[int, tuple[Transition, ...]]:
    """The records of the plan's buckets for the events on some `lines`, by line."""
    replay = _new_replay(plan, world)
    found: dict[int, list[Transition]] = {}
    for one in events:
        for transition in feed(replay, one):
            event = transition.event
            is_delivery = isinstance(transition, DeliveryTransition)
            if event is not None and event.line in lines and not is_delivery:
                found.setdefault(event.line, []).append(transition)
    return {line: tuple(steps[:KEPT_STEPS]) for line, steps in found.items()}


def _new_replay(
    plan: Plan, world: World, started: int | None = None, polls: PollTimes | None = None
) -> Replay:
    replay = Replay(
        plan,
        expired_bucket_buffer=world.options.expired_bucket_buffer,
        evaluated_at=None if polls is None else polls.next_at,
    )
    replay.start(world.started if started is None else started)
    return replay


def _simulated(firing: Firing, taken: Sequence[Transition]) -> Simulated:
    last = firing
    while last.children:
        last = last.children[-1]
    fired = (one for one in reversed(taken) if one.kind == "fired" and one.seq == last.seq)
    origin = next(fired, None)
    own = [one for one in taken if one.seq <= firing.seq]
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
