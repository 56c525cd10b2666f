"""The engine in real time: events when they arrive, deadlines when they are due."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.live.board import Board, Row
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Automation, Event, Pending, Transition
from trigger_cli.times import DAY, HOUR

AHEAD: Final = HOUR
"""An event further ahead of the wall clock, µs, is set aside: the log's clock would jump to it, and
all later firings would have its time."""


class Pace(StrEnum):
    """The clock that decides when deadlines pass."""

    auto = "auto"
    """As `wall`, unless the log's latest event is more than a day old when it is first read."""
    wall = "wall"
    log = "log"
    """The log's latest event, plus the time since it was read."""


class LogClock(Struct):
    """Converts the wall clock's time to the log's.

    A recorded log that is followed or piped in has its own time: by the wall clock, months without
    events would pass after it has been read.
    """

    pace: Pace
    grace: int
    """How much the time lags behind the wall clock, µs, so that a delayed event arrives before a
    deadline that depends on it."""
    _lead: int | None = None

    def is_ahead(self, occurred: int, now: int) -> bool:
        """Whether an event that arrived at `now` is too far ahead; never with `Pace.log`."""
        return self.pace is not Pace.log and occurred > now + AHEAD

    def arrived(self, occurred: int, now: int) -> None:
        """Record that an event of time `occurred` arrived at `now`, both µs."""
        lead = occurred - now
        if self.pace is Pace.auto and lead >= -DAY:
            self.pace = Pace.wall
        elif self._lead is None or lead > self._lead:
            self._lead = lead

    def at(self, now: int) -> int | None:
        """The log's time at the wall clock's `now`, µs; ``None``: no event gives it yet."""
        if self.pace is Pace.wall:
            return now - self.grace
        return None if self._lead is None else now + self._lead - self.grace


class LiveReplay:
    """A replay of a log that is still growing.

    Events are taken in the order of arrival (``--order log``), so the result is the same as that of
    a replay of these events in this order.

    Args:
        automations: In definition order.
        dialect: The dialect whose rules apply.
        clock: Converts the wall clock's time to the log's.
        start: When to start the clock, µs; ``None``: at the first event (T3).
        expired_bucket_buffer: How long the server keeps a bucket after its end (S2), µs.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        dialect: Dialect,
        clock: LogClock,
        *,
        start: int | None,
        expired_bucket_buffer: int = EXPIRED_BUCKET_BUFFER,
    ) -> None:
        self.automations = automations
        self.board = Board()
        self.events = 0
        self.duplicates = 0
        self.ahead = 0
        """How many events were set aside: more than `AHEAD` ahead of the wall clock."""
        self.live = False
        """Whether all available events have been read; before that no deadline passes."""
        self._clock = clock
        self._matcher, plan = plan_of(automations, dialect)
        self._replay = Replay(plan, expired_bucket_buffer=expired_bucket_buffer)
        if start is not None:
            self.start(start)

    def start(self, instant: int) -> None:
        """Start the clock at `instant`, µs; otherwise the first event starts it (T3)."""
        self._replay.start(instant)

    @property
    def matched(self) -> int:
        """How many events some trigger matched."""
        return self._replay.matched

    @property
    def started(self) -> int | None:
        """The start of the engine's clock, µs; ``None``: it has not started."""
        return self._replay.started

    @property
    def clock(self) -> int | None:
        """The engine's clock, µs; ``None`` before it starts."""
        return None if self._replay.started is None else self._replay.clock

    def take(self, event: Event, now: int) -> Iterator[Transition]:
        """Take an event that arrived at the wall clock's `now`, µs, or set it aside."""
        if self._clock.is_ahead(event.occurred, now):
            self.ahead += 1
            return
        self.events += 1
        self._clock.arrived(event.occurred, now)
        yield from self._noted(self._replay.take(self._matcher.match(event)))

    def tick(self, now: int) -> Iterator[Transition]:
        """Run the timers that are due at the wall clock's `now`, µs."""
        instant = self._clock.at(now)
        if self.live and instant is not None and self._replay.started is not None:
            # `finish` only runs timers; the replay can go on afterwards.
            yield from self._noted(self._replay.finish(max(instant, self._replay.clock)))

    def finish(self) -> Iterator[Transition]:
        """Run the timers that are due at the engine's clock; the log has ended (T5)."""
        yield from self._noted(self._replay.finish())

    def pending(self) -> list[Pending]:
        """The open deadlines."""
        return self._replay.pending()

    def rows(self, now: int) -> list[Row]:
        """The state of triggers at the wall clock's `now`, µs."""
        return self.board.rows(self.log_time(now), self.pending())

    def log_time(self, now: int) -> int:
        """The log's time by the wall clock, never before the engine's clock, µs."""
        instant = self._clock.at(now) if self.live else None
        return max(self.clock or 0, instant or 0)

    def _noted(self, transitions: Iterator[Transition]) -> Iterator[Transition]:
        for one in transitions:
            if one.kind == "duplicate":
                self.duplicates += 1
            self.board.add(one)
            yield one
