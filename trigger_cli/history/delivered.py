"""The events of a log that triggers take, each with the clock at its delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from trigger_cli.engine.delivered import Delivered, DeliveredEvents
from trigger_cli.match.matcher import Matcher
from trigger_cli.model import BadLine, DeliveryTransition, Event, LogRecord, Unmatched
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
                yield from delivered.see(record.heading)
            elif isinstance(record, Unmatched):
                self.events += len(record.ids)
                yield from delivered.pass_by(record)
            else:
                self.events += 1
                if isinstance(record, Event):
                    record = self._matcher.match(record)  # noqa: PLW2901  # the same, matched
                yield from delivered.take(record)
        if self._range.until is not None:
            yield from delivered.finish(self._range.until)

    def _count(self, one: DeliveryTransition) -> None:
        self.duplicates += one.kind == "duplicate"
        self.lost_leaders.note(one)

    def _bad(self, line: BadLine) -> None:
        self.malformed += 1
        self.problem = self.problem or line
