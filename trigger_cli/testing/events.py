"""Combines the events of a test and of its logs into one log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.model import BadLine, DeliveryOrder, Event, Labels
from trigger_cli.read.log_range import log_start
from trigger_cli.testing.records import EventSource, EventSpec, LogFiles, Scenario
from trigger_cli.times import parse_instant

DEFAULT_START = parse_instant("2000-01-01T00:00:00Z")
"""The start of a test without an absolute time, µs. Offsets are relative to it."""
_NUMBER = "{n}"
_Logs: TypeAlias = Mapping[tuple[str, ...], Sequence[Event | BadLine]]


class Replayable(Struct, frozen=True):
    """The events that a test replays."""

    start: int
    """The start of the clock and of offsets, µs."""
    events: tuple[Event, ...]
    """In the order of delivery."""
    problems: tuple[BadLine, ...] = ()


def assemble(scenario: Scenario, logs: _Logs) -> Replayable:
    """Put the events of `scenario` and of its logs into the order of delivery (O1).

    `logs` contains the records of each set of logs.
    """
    problems = [
        record
        for source in scenario.events
        if isinstance(source, LogFiles)
        for record in logs[source.paths]
        if isinstance(record, BadLine)
    ]
    start = _start(scenario, logs)
    events = [
        event._replace(line=line, id=event.id or f"event-{line}")
        for line, event in enumerate(_made(scenario.events, logs, start), 1)
    ]
    if scenario.order == "received":
        problems += [
            BadLine(scenario.name, event.line, f"event {event.id} has no `received`")
            for event in events
            if event.received is None
        ]
    return Replayable(start, tuple(in_order(events, scenario.order)), tuple(problems))


def in_order(events: Iterable[Event], order: DeliveryOrder) -> list[Event]:
    """Sort events by `order` (O1); the sort is stable.

    In the order ``received``, an event without that time is left out.
    """
    if order == "occurred":
        return sorted(events, key=lambda event: event.occurred)
    if order == "received":
        timed = [(event.received, event) for event in events if event.received is not None]
        return [event for _, event in sorted(timed, key=lambda one: one[0])]
    return list(events)


def _start(scenario: Scenario, logs: _Logs) -> int:
    """The given start, or the first delivered event with an absolute time (T3)."""
    given = scenario.start
    if given is not None and not given.after_start:
        return given.time
    fixed = in_order(_made(scenario.events, logs), scenario.order)
    first = log_start(fixed[0]) if fixed else DEFAULT_START
    return first if given is None else given.resolve(first)


def _made(sources: Iterable[EventSource], logs: _Logs, start: int | None = None) -> Iterator[Event]:
    """All events; without a `start`, only those with an absolute time."""
    for source in sources:
        if isinstance(source, LogFiles):
            yield from (one for one in logs[source.paths] if isinstance(one, Event))
        elif start is not None:
            yield from made(source, start)
        elif not source.at.after_start:
            yield from made(source, source.at.time)


def made(spec: EventSpec, start: int) -> Iterator[Event]:
    """The event of `spec`, with its repetitions; the id may be missing."""
    first = spec.at.resolve(start)
    received = first if spec.received is None else spec.received.resolve(start)
    for number in range(spec.times):
        shift = number * spec.every
        text = str(number + 1) if spec.times > 1 else _NUMBER
        yield Event(
            line=0,
            id=(spec.id or "").replace(_NUMBER, text),
            name=spec.name.replace(_NUMBER, text),
            occurred=first + shift,
            received=received + shift,
            follows=None if spec.follows is None else spec.follows.replace(_NUMBER, text),
            resource=_filled(spec.resource, text),
            related=tuple(_filled(one, text) for one in spec.related),
        )


def _filled(labels: Labels, number: str) -> Labels:
    return {label: value.replace(_NUMBER, number) for label, value in labels.items()}
