"""The events of a log that triggers take, each with the clock at its delivery."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from trigger_cli.engine.delivered import Delivered, DeliveredEvents, NoteProcessed
from trigger_cli.engine.errors import EndlessError
from trigger_cli.events.batch import Rows
from trigger_cli.match.matcher import Matcher
from trigger_cli.model import (
    BadLine,
    Event,
    Heading,
    LogRecord,
    Unmatched,
    event_in,
)
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log_range import LogRange, Seen, Taken
from trigger_cli.views.lost_leaders import LostLeaders

_Record: TypeAlias = Event | Heading | Unmatched


class Deliveries:
    """The events of a log that triggers take, in processing order (O).

    Args:
        records: The records of the log, in the order of delivery (O1).
        options: When the clock starts and ends, and which events are offered.
        matcher: Matches each `Event`; a `Match`, also in `Rows`, must have been made by the same
            filters.
        note: See `DeliveredEvents`.
    """

    def __init__(
        self,
        records: Iterable[LogRecord | Rows],
        options: ReplayOptions,
        matcher: Matcher,
        *,
        note: NoteProcessed | None = None,
    ) -> None:
        self.lost_leaders = LostLeaders()
        """Counts the events whose leader did not come in time (O4)."""
        self._delivered = DeliveredEvents(options.dialect, tell=self.lost_leaders.note, note=note)
        self._range = LogRange(records, options, begin=self._delivered.start, bad_line=self._bad)
        self._matcher = matcher
        self.malformed = 0
        """The number of lines that are no events."""
        # What was the latest event, or the run that contains it, before; and what is it now.
        self._latest: tuple[_Record | None, _Record | None] = (None, None)
        self._latest_at = -1

    @property
    def events(self) -> int:
        """The number of events offered."""
        return self._range.offered

    @property
    def started(self) -> int | None:
        """Where the clock started, µs; ``None`` before the first event offered."""
        return self._delivered.started

    @property
    def clock(self) -> int:
        """The simulated clock, µs."""
        return self._delivered.clock

    def __iter__(self) -> Iterator[Delivered]:
        for record in self._range.in_rows():
            if isinstance(record, Rows):
                yield from self._in_rows(record)
            else:
                yield from self._one(record)
        if self._range.until is not None:
            yield from self._delivered.finish(self._range.until)

    def _in_rows(self, rows: Rows) -> Iterator[Delivered]:
        """Take events, all at once if no delivery needs a decision, as usual."""
        run = rows.headings()
        delivered = self._delivered.take_batch(run, rows.matches())
        if delivered is None:
            for one in rows.events():
                yield from self._one(one)
            return
        self._note_latest(run, max(run.occurred))
        yield from delivered

    def _one(self, record: Taken) -> Iterator[Delivered]:
        delivered = self._delivered
        if isinstance(record, Seen):
            self._note_latest(record.heading, record.heading.occurred)
            yield from delivered.see(record.heading)
        elif isinstance(record, Unmatched):
            self._note_latest(record, max(record.occurred))
            yield from delivered.pass_by(record)
        else:
            event = event_in(record)
            self._note_latest(event, event.occurred)
            if isinstance(record, Event):
                record = self._matcher.match(record)
            yield from delivered.take(record)

    @contextmanager
    def naming_event(self) -> Iterator[None]:
        """Add to an `EndlessError` the line of the event that moved the clock past the windows.

        Replays of delivered events do not see the others, which move the clock, too.
        """
        try:
            yield
        except EndlessError as error:
            lines = (_line_at(one, error.until) for one in self._latest if one is not None)
            line = next((one for one in lines if one is not None), None)
            if error.line is not None or line is None:
                raise
            raise error.before(line) from None

    def _note_latest(self, record: _Record, occurred: int) -> None:
        if occurred > self._latest_at:
            self._latest, self._latest_at = (self._latest[1], record), occurred

    def _bad(self, _line: BadLine) -> None:
        self.malformed += 1


def _line_at(record: _Record, instant: int) -> int | None:
    """The line of the first event that occurred at an instant."""
    if isinstance(record, Unmatched):
        rows = (row for row, occurred in enumerate(record.occurred) if occurred == instant)
        return next((record.lines[row] for row in rows), None)
    return record.line if record.occurred == instant else None
