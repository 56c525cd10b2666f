"""Delivery without triggers (``semantics.md`` O): which events are processed, and when.

Several replays of one stream can share it: delivery and matching (N, M) are done once, and each
replay gets only the events that its triggers take, as if it had seen the whole stream.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from trigger_cli.dialects import Dialect
from trigger_cli.engine.delivery import Waiting
from trigger_cli.engine.replay import Replay
from trigger_cli.match.plan import Plan
from trigger_cli.model import (
    DeliveryTransition,
    Event,
    Heading,
    Match,
    Transition,
    Unmatched,
    event_in,
)
from trigger_cli.vocabulary import UNDELIVERED_NAMES


class Delivered(NamedTuple):
    """One event as the triggers get it."""

    timers_until: int
    """Timers due at or before this instant run before the event, µs (T4)."""
    clock: int
    """The simulated clock when the event is processed, µs."""
    arrived: int
    """When the server could process it, µs: received, and no longer waiting for its leader."""
    match: Match

    @property
    def event(self) -> Event:
        """The event."""
        return self.match.event


NoteProcessed: TypeAlias = Callable[[Unmatched, Sequence[tuple[int, Match]]], None]


class DeliveredEvents:
    """The events that triggers take, in the order in which they are processed.

    A replay without triggers does the delivery. Its records say which events are duplicates (O2),
    wait or are released (O4).

    Args:
        dialect: The dialect of the delivery.
        tell: Called with each such record.
        note: Called with the processed events in order, some at a time, whether triggers take them or
            not, and with those that were matched, each with its row.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        tell: Callable[[DeliveryTransition], None],
        note: NoteProcessed | None = None,
    ) -> None:
        self._replay = Replay(Plan(dialect, (), ()))
        self._tell = tell
        self._note = note
        # By id: a second copy of a waiting event replaces the first (O4).
        self._waiting: dict[str, Match | Heading] = {}
        self._arrived = 0

    @property
    def started(self) -> int | None:
        """Where the clock started, µs; ``None`` before the first event offered."""
        return self._replay.started

    @property
    def clock(self) -> int:
        """The simulated clock, µs."""
        return self._replay.clock

    def waiting(self) -> list[Waiting]:
        """As `Replay.waiting`."""
        return self._replay.waiting()

    def start(self, instant: int) -> None:
        """As `Replay.start`."""
        self._replay.start(instant)

    def take(self, record: Match | Heading) -> Iterable[Delivered]:
        """Yield the event, unless it is a duplicate or waits, and the events that it releases."""
        replay = self._replay
        event = event_in(record)
        self._note_arrival(event)
        if not isinstance(record, Match) or not replay.takes_at_once(record.event):
            return self._decided(record, event)
        # The fast path for most events.
        self._note_one(record)
        if not record.takings:
            return ()
        return (_now(record, replay.clock),)

    def _decided(self, record: Match | Heading, event: Event | Heading) -> Iterator[Delivered]:
        replay = self._replay
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
        if is_processed:
            self._note_one(record)
            if isinstance(record, Match) and record.takings:
                yield _now(record, replay.clock)
        for release in releases:
            if release.kind == "released":
                yield from self._release(release, replay.clock)

    def delivers_batch(self, run: Unmatched) -> list[int] | None:
        """As `Replay.delivers_together`; `note` is not called."""
        return self._replay.delivers_batch(run)

    def take_batch(
        self, run: Unmatched, matches: Sequence[tuple[int, Match]]
    ) -> list[Delivered] | None:
        """Take a run of events if nothing needs a decision.

        Args:
            run: All of the events.
            matches: Those that triggers take, each with its row in `run`, ascending.

        Returns:
            The events that triggers get; ``None`` if nothing has changed.
        """
        clocks = self.delivers_batch(run)
        if clocks is None:
            return None
        self._note_batch(run, matches)
        delivered = []
        for row, match in matches:
            event = match.event
            self._note_arrival(event)
            if event.name not in UNDELIVERED_NAMES:
                delivered.append(_now(match, clocks[row]))
        return delivered

    def see(self, heading: Heading) -> Iterator[Delivered]:
        """As `Replay.see`."""
        return self._released(self._replay.see(heading))

    def pass_by(self, run: Unmatched) -> Iterator[Delivered]:
        """As `Replay.pass_by`."""
        if self._replay.waiting() or (self._note and self.delivers_batch(run) is None):
            for row in range(len(run.ids)):
                yield from self.take(run.heading(row))
        elif self._note:
            self._note_batch(run, ())
        else:
            for one in self._replay.pass_by(run):
                self._count(one)

    def finish(self, until: int | None = None, *, until_quiet: bool = False) -> Iterator[Delivered]:
        """As `Replay.finish`."""
        return self._released(self._replay.finish(until, until_quiet=until_quiet))

    def _released(self, transitions: Iterable[Transition]) -> Iterator[Delivered]:
        """The events released by a timer or by an event that is offered to no trigger."""
        for one in transitions:
            self._count(one)
            if one.kind == "released":
                yield from self._release(one, one.at - 1)

    def _release(self, release: Transition, timers_until: int) -> Iterator[Delivered]:
        assert release.event is not None
        record = self._waiting.pop(release.event.id, None)
        if record is None:
            return
        self._note_one(record)
        if isinstance(record, Match) and record.takings:
            yield Delivered(timers_until, release.at, self._arrived or release.at, record)

    def _note_arrival(self, event: Event | Heading) -> None:
        if event.received is not None and event.received > self._arrived:
            self._arrived = event.received

    def _count(self, one: Transition) -> None:
        if isinstance(one, DeliveryTransition):
            self._tell(one)

    def _note_one(self, record: Match | Heading) -> None:
        if self._note is not None:
            event = event_in(record)
            run = Unmatched(
                (event.line,), (event.id,), (event.occurred,), (event.follows,), (0,), (event.name,),
                (event.received,),
            )  # fmt: skip
            self._note(run, ((0, record),) if isinstance(record, Match) else ())

    def _note_batch(self, run: Unmatched, matches: Sequence[tuple[int, Match]]) -> None:
        """Note events that were delivered together, which may have some that are not processed."""
        if self._note is None:
            return
        self._arrived = max(self._arrived, *filter(None, run.received), 0)
        if UNDELIVERED_NAMES.isdisjoint(run.names):
            self._note(run, matches)
            return
        matched = dict(matches)
        for row in range(len(run.ids)):
            if run.names[run.name_codes[row]] not in UNDELIVERED_NAMES:
                self._note_one(matched.get(row) or run.heading(row))


def _now(match: Match, clock: int) -> Delivered:
    """An event that is processed when it comes."""
    came = clock if match.event.received is None else match.event.received
    return Delivered(clock, clock, came, match)


def feed(replay: Replay, one: Delivered) -> Iterator[Transition]:
    """Let a started `replay` process a delivered event at the event's clock."""
    yield from replay.finish(one.timers_until)
    yield from replay.process(one.match, one.clock)
