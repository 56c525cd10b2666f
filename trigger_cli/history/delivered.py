"""The events that some trigger takes, each with the clock at its delivery.

What many replays of one log share: delivery (rules O) and matching (N, M) are done once, and the
replays that follow are fed only with what concerns them, as if they had seen the whole log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from trigger_cli.engine.replay import Replay
from trigger_cli.match.matcher import Matcher
from trigger_cli.match.plan import Plan
from trigger_cli.model import (
    BadLine,
    DeliveryTransition,
    Event,
    Heading,
    LogRecord,
    Match,
    Transition,
    Unmatched,
    event_in,
)
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log_range import LogRange, Seen
from trigger_cli.views.lost_leaders import LostLeaders
from trigger_cli.vocabulary import UNDELIVERED_NAMES


class Delivered(NamedTuple):
    """One event as it reaches the triggers."""

    timers_until: int
    """Deadlines up to this run before it, µs (T4)."""
    clock: int
    """What the clock shows when it is processed, µs."""
    arrived: int
    """When the server had it, µs: when it was received and no longer waited for its leader."""
    match: Match

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.match.event


class Deliveries:
    """The events of a log that triggers take, in the order in which they are processed (O).

    The delivery itself is the engine's: a replay without triggers, whose records tell which
    events are duplicates (O2), wait or are released (O4).

    Args:
        records: What the log holds, in the order of delivery (O1).
        options: Where the clock starts and ends, and which events are offered.
        matcher: What matches the events that come with all labels; of the others a `Match` must
            be by the same filters.
        note: Told of each `Event` that is offered, whether it is taken or not.
    """

    def __init__(
        self,
        records: Iterable[LogRecord],
        options: ReplayOptions,
        matcher: Matcher,
        *,
        note: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._replay = Replay(Plan(options.dialect, (), ()))
        self._range = LogRange(records, options, begin=self._replay.start, bad_line=self._bad)
        self._matcher = matcher
        self._note = note
        # By its id: a second copy of what waits takes the place of the first (O4).
        self._waiting: dict[str, Match | Heading] = {}
        self._arrived = 0
        self.events = 0
        """How many events were offered."""
        self.duplicates = 0
        self.lost_leaders = LostLeaders()
        """Counts the events that waited in vain (O4)."""
        self.malformed = 0
        """How many lines are no events."""
        self.problem: BadLine | None = None
        """The first of them."""

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
                for one in replay.pass_by(record):
                    self._count(one)
        if self._range.until is not None:
            yield from self._released(replay.finish(self._range.until))

    def _delivered(self, record: Event | Match | Heading) -> Iterator[Delivered]:
        """The event, unless it is a duplicate or waits, and what it releases."""
        replay = self._replay
        record = self._matcher.match(record) if isinstance(record, Event) else record
        event = event_in(record)
        self.events += 1
        self._arrived = max(self._arrived, event.received or 0)
        if replay.started is not None:
            yield from self._released(replay.finish(event.occurred))
        is_processed = event.name not in UNDELIVERED_NAMES
        releases = []
        for one in replay.take(record):
            is_processed &= one.kind == "released"
            self._count(one)
            if one.kind == "waiting":
                self._waiting[event.id] = record
            releases.append(one)
        if is_processed and isinstance(record, Match):
            came = event.received if event.received is not None else replay.clock
            yield from self._processed(Delivered(replay.clock, replay.clock, came, record))
        for release in releases:
            if release.kind == "released":
                yield from self._release(release, replay.clock)

    def _released(self, transitions: Iterable[Transition]) -> Iterator[Delivered]:
        """What a timer or an event that no trigger is offered releases."""
        for one in transitions:
            self._count(one)
            if one.kind == "released":
                yield from self._release(one, one.at - 1)

    def _release(self, release: Transition, timers_until: int) -> Iterator[Delivered]:
        assert release.event is not None
        match = self._waiting.pop(release.event.id, None)
        if isinstance(match, Match):
            came = self._arrived or release.at
            yield from self._processed(Delivered(timers_until, release.at, came, match))

    def _count(self, one: Transition) -> None:
        self.duplicates += one.kind == "duplicate"
        if isinstance(one, DeliveryTransition):
            self.lost_leaders.note(one)

    def _bad(self, line: BadLine) -> None:
        self.malformed += 1
        self.problem = self.problem or line

    def _processed(self, one: Delivered) -> Iterator[Delivered]:
        """The event, if some trigger takes it."""
        self._note(one.event)
        if one.match.takings:
            yield one


def feed(replay: Replay, one: Delivered) -> Iterator[Transition]:
    """Let a started `replay` process a delivered event, at the clock that it had."""
    yield from replay.finish(one.timers_until)
    yield from replay.process(one.match, one.clock)
