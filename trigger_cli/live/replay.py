"""The engine as it happens: events in when they come, deadlines when they are due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trigger_cli.dialects import Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.live.board import Board, Row
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Automation, Event, Pending, Transition
from trigger_cli.times import DAY, HOUR

AHEAD: Final = HOUR
"""An event that is further ahead of the wall's time is set aside, µs: with it the clock would jump,
and every later firing be stamped with its time."""


class Pace(StrEnum):
    """By what deadlines pass."""

    auto = "auto"
    """As `wall`, unless the log's latest event lies more than a day back when it is first read."""
    wall = "wall"
    log = "log"
    """From the log's latest event on, as much time as has passed since it was read."""


@dataclass(slots=True)
class LogClock:
    """Tells the log's time from the wall's.

    A recorded log that is followed or piped in has its own time: by the wall's, months without
    an event would pass when it has been read.
    """

    pace: Pace
    grace: int
    """How much later than the wall's time to be, so that an event that is on its way comes before
    a deadline that it decides, µs."""
    _lead: int | None = None

    def is_ahead(self, occurred: int, now: int) -> bool:
        """Whether an event that came at `now` is too far ahead; never, where the log is the clock."""
        return self.pace is not Pace.log and occurred > now + AHEAD

    def arrived(self, occurred: int, now: int) -> None:
        """An event that occurred at `occurred` came at `now`, µs."""
        lead = occurred - now
        if self.pace is Pace.auto and lead >= -DAY:
            self.pace = Pace.wall
        elif self._lead is None or lead > self._lead:
            self._lead = lead

    def at(self, now: int) -> int | None:
        """The log's time when the wall's is `now`; ``None``: nothing has come to tell it by."""
        if self.pace is Pace.wall:
            return now - self.grace
        return None if self._lead is None else now + self._lead - self.grace


class LiveReplay:
    """A replay that never has the whole log.

    Events are taken in the order in which they come (``--order log``), so what it yields is what
    a replay of the same events in that order would.

    Args:
        automations: In definition order.
        dialect: Whose rules hold.
        clock: Tells the log's time.
        start: When to start the clock, µs; ``None``: with the first event (T3).
        expired_bucket_buffer: How long the server keeps a bucket past its end (S2), µs.
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
        """How many events were set aside, being more than `AHEAD` ahead of the wall's time."""
        self.live = False
        """Whether all there is has been read; until then no deadline passes by the wall."""
        self._clock = clock
        self._matcher, plan = plan_of(automations, dialect)
        self._replay = Replay(plan, expired_bucket_buffer=expired_bucket_buffer)
        if start is not None:
            self.start(start)

    def start(self, instant: int) -> None:
        """Start the clock, µs, before the first event, which otherwise starts it (T3)."""
        self._replay.start(instant)

    @property
    def matched(self) -> int:
        """How many events some trigger took."""
        return self._replay.matched

    @property
    def started(self) -> int | None:
        """Where the engine's clock started, µs; ``None``: it has not."""
        return self._replay.started

    @property
    def clock(self) -> int | None:
        """The engine's clock, µs; ``None`` before it starts."""
        return None if self._replay.started is None else self._replay.clock

    def take(self, event: Event, now: int) -> Iterator[Transition]:
        """Take an event that came when the wall's time was `now`, µs, or set it aside."""
        if self._clock.is_ahead(event.occurred, now):
            self.ahead += 1
            return
        self.events += 1
        self._clock.arrived(event.occurred, now)
        yield from self._noted(self._replay.take(self._matcher.match(event)))

    def tick(self, now: int) -> Iterator[Transition]:
        """Run what is due when the wall's time is `now`, µs."""
        instant = self._clock.at(now)
        if self.live and instant is not None and self._replay.started is not None:
            # The public end of a replay, which another may follow: it runs timers, no more.
            yield from self._noted(self._replay.finish(max(instant, self._replay.clock)))

    def finish(self) -> Iterator[Transition]:
        """Run what is due at the clock as it stands; the log has ended (T5)."""
        yield from self._noted(self._replay.finish())

    def pending(self) -> list[Pending]:
        """The open deadlines."""
        return self._replay.pending()

    def rows(self, now: int) -> list[Row]:
        """What is open when the wall's time is `now`."""
        return self.board.rows(self.log_time(now), self.pending())

    def log_time(self, now: int) -> int:
        """The log's time by the wall's, never before the engine's clock."""
        instant = self._clock.at(now) if self.live else None
        return max(self.clock or 0, instant or 0)

    def _noted(self, transitions: Iterator[Transition]) -> Iterator[Transition]:
        for one in transitions:
            if one.kind == "duplicate":
                self.duplicates += 1
            self.board.add(one)
            yield one
