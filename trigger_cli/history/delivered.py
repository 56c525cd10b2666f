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
from trigger_cli.model import Automation, BadLine, Bystanders, Event, Transition
from trigger_cli.pipeline import ReplayOptions


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
        records: Events and bad lines in the order of delivery (O1); as `Bystanders`, only events
            that `wants` does not take.
        options: Where the clock starts and ends, and which events are taken.
        wants: Whether an event concerns some trigger.
        bad_line: Told of each line that is no event.
    """

    def __init__(
        self,
        records: Iterable[Event | BadLine | Bystanders],
        options: ReplayOptions,
        wants: Wants,
        bad_line: Callable[[BadLine], None] = lambda _line: None,
    ) -> None:
        self._records = records
        self._options = options
        self._wants = wants
        self._bad_line = bad_line
        self.started: int | None = None
        """Where the clock starts, µs; ``None`` before the first event."""
        self.clock = 0
        """How far the clock has got."""
        self.until: int | None = None
        """Where the replay ends (T5); ``None``: with the last event."""
        self.events = 0
        """How many events were taken."""
        self.duplicates = 0

    def __iter__(self) -> Iterator[Delivered]:
        replay = Replay((), self._options.dialect)
        arrived = 0
        first: int | None = None
        last: int | None = None
        for record in self._one_by_one(replay):
            if self.started is None:
                begun, first, last = self._begin(record.occurred)
                replay.start(begun)
            if (first is not None and record.occurred < first) or (
                last is not None and record.occurred > last
            ):
                continue
            if self.until is not None and record.occurred > self.until:
                break
            self.events += 1
            arrived = max(arrived, record.received or 0)
            for release in replay.finish(record.occurred):
                if release.kind == "released":
                    yield from self._delivered(release, release.at - 1, arrived)
            is_processed = record.name not in UNDELIVERED_NAMES
            releases = []
            for one in replay.take(record):
                is_processed &= one.kind == "released"
                self.duplicates += one.kind == "duplicate"
                releases.append(one)
            self.clock = replay.clock
            if is_processed and self._wants(record):
                came = record.received if record.received is not None else replay.clock
                yield Delivered(replay.clock, replay.clock, came, record)
            for release in releases:
                if release.kind == "released":
                    yield from self._delivered(release, replay.clock, arrived)
        if self.until is not None:
            for release in replay.finish(self.until):
                yield from self._delivered(release, release.at - 1, arrived)
            self.clock = replay.clock

    def _one_by_one(self, replay: Replay) -> Iterator[Event]:
        """The events that come; those that nobody wants pass by in one go where that is all."""
        options = self._options
        for record in self._records:
            if isinstance(record, BadLine):
                self._bad_line(record)
            elif isinstance(record, Event):
                yield record
            # While some event waits, or where some are left out, each must be looked at.
            elif (
                self.started is None
                or options.taken_from is not None
                or options.taken_to is not None
                or (self.until is not None and max(record.occurred) > self.until)
                or replay.waiting()
            ):
                yield from map(record.event, range(len(record.ids)))
            else:
                self.events += len(record.ids)
                self.duplicates += sum(one.kind == "duplicate" for one in replay.pass_by(record))
                self.clock = replay.clock

    def _delivered(
        self, release: Transition, timers_until: int, arrived: int
    ) -> Iterator[Delivered]:
        event = release.event
        assert event is not None
        if self._wants(event):
            yield Delivered(timers_until, release.at, arrived or release.at, event)

    def _begin(self, origin: int) -> tuple[int, int | None, int | None]:
        options = self._options
        begun = origin if options.start is None else options.start.resolve(origin)
        self.started = self.clock = begun
        self.until = None if options.until is None else options.until.resolve(origin)
        first = None if options.taken_from is None else options.taken_from.resolve(origin)
        last = None if options.taken_to is None else options.taken_to.resolve(origin)
        return begun, first, last


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
