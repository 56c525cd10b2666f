"""The events that some trigger takes, each with the clock at its delivery.

What many replays of one log share: delivery (rules O) and matching (N, M) are done once, and the
replays that follow are fed only with what concerns them, as if they had seen the whole log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trigger_cli.dialect import Dialect
from trigger_cli.engine.compile import (
    CompiledEventTrigger,
    CompiledMetricTrigger,
    Key,
    compile_automations,
)
from trigger_cli.engine.delivery import UNDELIVERED_NAMES
from trigger_cli.engine.metric import state_name
from trigger_cli.engine.replay import Replay
from trigger_cli.model import Automation, BadLine, Event, Heading, LogRecord, Transition, Unmatched
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log_range import LogRange, Seen


class Delivered(NamedTuple):
    """One event as it reaches the triggers."""

    timers_until: int
    """Deadlines up to this run before it, µs (T4)."""
    clock: int
    """What the clock shows when it is processed, µs."""
    arrived: int
    """When the server had it, µs: when it was received and no longer waited for its leader."""
    event: Event


Wants = Callable[[Event], bool]


class Deliveries:
    """The events of a log that `wants` takes, in the order in which they are processed (O).

    The delivery itself is the engine's: a replay without triggers, whose records tell which
    events are duplicates (O2), wait or are released (O4).

    Args:
        records: What the log holds, in the order of delivery (O1).
        options: Where the clock starts and ends, and which events are offered.
        wants: Whether an event concerns some trigger.
        bad_line: Told of each line that is no event.
    """

    def __init__(
        self,
        records: Iterable[LogRecord],
        options: ReplayOptions,
        wants: Wants,
        bad_line: Callable[[BadLine], None] = lambda _line: None,
    ) -> None:
        self._replay = Replay((), options.dialect)
        self._range = LogRange(records, options, begin=self._replay.start, bad_line=bad_line)
        self._wants = wants
        self._arrived = 0
        self.events = 0
        """How many events were offered."""
        self.duplicates = 0

    @property
    def started(self) -> int | None:
        """Where the clock started, µs; ``None`` before the first event offered."""
        return self._replay.started

    @property
    def clock(self) -> int:
        """How far the clock has got, µs."""
        return self._replay.clock

    def __iter__(self) -> Iterator[Delivered]:
        replay = self._replay
        for record in self._range:
            if isinstance(record, Seen):
                yield from self._released(replay.see(record.heading))
            elif not isinstance(record, Unmatched):
                yield from self._delivered(record)
            elif replay.waiting():
                for row in range(len(record.ids)):
                    yield from self._delivered(record.heading(row))
            else:
                self.events += len(record.ids)
                self.duplicates += sum(one.kind == "duplicate" for one in replay.pass_by(record))
        if self._range.until is not None:
            yield from self._released(replay.finish(self._range.until))

    def _delivered(self, record: Event | Heading) -> Iterator[Delivered]:
        """The event, unless it is a duplicate or waits, and what it releases."""
        replay = self._replay
        self.events += 1
        self._arrived = max(self._arrived, record.received or 0)
        if replay.started is not None:
            yield from self._released(replay.finish(record.occurred))
        is_processed = record.name not in UNDELIVERED_NAMES
        releases = []
        for one in replay.take(record):
            is_processed &= one.kind == "released"
            self.duplicates += one.kind == "duplicate"
            releases.append(one)
        if is_processed and isinstance(record, Event) and self._wants(record):
            came = record.received if record.received is not None else replay.clock
            yield Delivered(replay.clock, replay.clock, came, record)
        for release in releases:
            if release.kind == "released":
                yield from self._release(release, replay.clock)

    def _released(self, transitions: Iterable[Transition]) -> Iterator[Delivered]:
        """What a timer or an event that no trigger is offered releases."""
        for one in transitions:
            if one.kind == "released":
                yield from self._release(one, one.at - 1)

    def _release(self, release: Transition, timers_until: int) -> Iterator[Delivered]:
        event = release.event
        if isinstance(event, Event) and self._wants(event):
            yield Delivered(timers_until, release.at, self._arrived or release.at, event)


def feed(replay: Replay, one: Delivered) -> Iterator[Transition]:
    """Let a started `replay` process a delivered event, at the clock that it had."""
    yield from replay.finish(one.timers_until)
    yield from replay.process(one.event, one.clock)


class Leaves:
    """What looks at events in some automations: asked which of them take an event, and its keys."""

    def __init__(self, automations: Sequence[Automation], dialect: Dialect) -> None:
        self._leaves = _distinct(compile_automations(automations, dialect).leaves)
        self._by_name: dict[str, list[_Leaf]] = {}

    def want(self, event: Event) -> bool:
        """Whether some trigger takes the event (N, M)."""
        return any(
            leaf.matches is None or leaf.matches(event.resource, event.related)
            for leaf in self._interested(event.name)
        )

    def keys(self, event: Event) -> list[tuple[CompiledEventTrigger, Key]]:
        """The event triggers that take the event, each with its bucketing key (B2)."""
        return [
            (leaf, leaf.key_of(event))
            for leaf in self._interested(event.name)
            if isinstance(leaf, CompiledEventTrigger)
            and (leaf.matches is None or leaf.matches(event.resource, event.related))
        ]

    def _interested(self, name: str) -> list[_Leaf]:
        found = self._by_name.get(name)
        if found is None:
            if len(self._by_name) >= _REMEMBERED_NAMES:
                self._by_name.clear()
            found = [leaf for leaf in self._leaves if _takes_name(leaf, name)]
            self._by_name[name] = found
        return found


_Leaf = CompiledEventTrigger | CompiledMetricTrigger
_REMEMBERED_NAMES = 10_000


def _takes_name(leaf: _Leaf, name: str) -> bool:
    if isinstance(leaf, CompiledMetricTrigger):
        return state_name(name) is not None
    return leaf.roles(name) is not None


def _distinct(leaves: Sequence[_Leaf]) -> list[_Leaf]:
    """One leaf of those that take the same events: a grid's cells mostly do."""
    by_filter: dict[object, _Leaf] = {}
    for leaf in leaves:
        own = leaf.definition
        names: object = "metric"
        if isinstance(leaf, CompiledEventTrigger):
            names = (leaf.definition.expect, leaf.definition.after, leaf.definition.for_each)
        by_filter.setdefault((names, own.path, own.match, own.match_related), leaf)
    return list(by_filter.values())
