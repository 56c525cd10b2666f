"""The events of a log that triggers take, each with the clock at its delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from trigger_cli.engine.delivered import Delivered, DeliveredEvents
from trigger_cli.engine.errors import EndlessError
from trigger_cli.match.matcher import Matcher
from trigger_cli.model import (
    BadLine,
    DeliveryTransition,
    Event,
    Heading,
    LogRecord,
    Unmatched,
    event_in,
)
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log_range import LogRange, Seen
from trigger_cli.views.lost_leaders import LostLeaders


class Deliveries:
    """The events of a log that triggers take, in processing order (O).

    Args:
        records: The records of the log, in the order of delivery (O1).
        options: When the clock starts and ends, and which events are offered.
        matcher: Matches each `Event`; a `Match` must have been made by the same filters.
        note: Called with each `Event` that is offered, whether it is taken or not.
    """

    def __init__(
        self,
        records: Iterable[LogRecord],
        options: ReplayOptions,
        matcher: Matcher,
        *,
        note: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._delivered = DeliveredEvents(options.dialect, tell=self._count, note=note)
        self._range = LogRange(records, options, begin=self._delivered.start, bad_line=self._bad)
        self._matcher = matcher
        self.events = 0
        """The number of events offered."""
        self.duplicates = 0
        self.lost_leaders = LostLeaders()
        """Counts the events whose leader did not come in time (O4)."""
        self.malformed = 0
        """The number of lines that are no events."""
        self.problem: BadLine | None = None
        """The first such line."""
        # The latest event so far, or the run that contains it, and when it occurred.
        self._latest: Event | Heading | Unmatched | None = None
        self._latest_at = -1

    @property
    def started(self) -> int | None:
        """Where the clock started, µs; ``None`` before the first event offered."""
        return self._delivered.started

    @property
    def clock(self) -> int:
        """The simulated clock, µs."""
        return self._delivered.clock

    def __iter__(self) -> Iterator[Delivered]:
        delivered = self._delivered
        for record in self._range:
            if isinstance(record, Seen):
                self._note_latest(record.heading, record.heading.occurred)
                yield from delivered.see(record.heading)
            elif isinstance(record, Unmatched):
                self.events += len(record.ids)
                self._note_latest(record, max(record.occurred))
                yield from delivered.pass_by(record)
            else:
                self.events += 1
                event = event_in(record)
                self._note_latest(event, event.occurred)
                if isinstance(record, Event):
                    record = self._matcher.match(record)  # noqa: PLW2901  # the same, matched
                yield from delivered.take(record)
        if self._range.until is not None:
            yield from delivered.finish(self._range.until)

    @contextmanager
    def naming_event(self) -> Iterator[None]:
        """Add to an `EndlessError` the line of the event that moved the clock past the windows.

        Replays of delivered events do not see the others, which move the clock, too.
        """
        try:
            yield
        except EndlessError as error:
            latest = self._latest
            if error.line is not None or latest is None or error.until != self._latest_at:
                raise
            if isinstance(latest, Unmatched):
                line = latest.lines[latest.occurred.index(error.until)]
            else:
                line = latest.line
            raise error.before(line) from None

    def _note_latest(self, record: Event | Heading | Unmatched, occurred: int) -> None:
        if occurred > self._latest_at:
            self._latest, self._latest_at = record, occurred

    def _count(self, one: DeliveryTransition) -> None:
        self.duplicates += one.kind == "duplicate"
        self.lost_leaders.note(one)

    def _bad(self, line: BadLine) -> None:
        self.malformed += 1
        self.problem = self.problem or line
