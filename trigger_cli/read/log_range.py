"""``--start``, ``--until``, ``--from`` and ``--to`` of all commands (``semantics.md`` T3, T5, T7).

`LogRange` alone decides which events triggers are offered, which only delivery sees, and at which
event a replay ends.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Self, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.events.batch import Rows
from trigger_cli.model import (
    BadLine,
    Event,
    Heading,
    LogRecord,
    Match,
    Unmatched,
    event_in,
    heading_of,
)
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.times import LONGEST, TimePoint, format_instant


class RangeOptions(Struct, frozen=True, kw_only=True):
    """The range options of a replay; ``None``: no such limit."""

    start: TimePoint | None = None
    """Where the clock starts (T3)."""
    until: TimePoint | None = None
    """Where the replay ends (T5)."""
    taken_from: TimePoint | None = None
    """Triggers are offered only events that occurred at or after this."""
    taken_to: TimePoint | None = None
    """Triggers are offered only events that occurred before or at this."""
    may_be_empty: bool = False
    """No error for a range without events: nobody asked for this one on a command line."""

    @property
    def takes_all(self) -> bool:
        """Whether every event of the log is offered to triggers."""
        return (self.taken_from, self.taken_to, self.until) == (None, None, None)

    def fixed(self, log_start: int | None) -> Self:
        """The same range as absolute instants: another replay's log may start elsewhere.

        Without a start, as of an empty log, only instants that need none are limits.
        """
        instants: dict[str, Any] = {}
        for name in ("start", "until", "taken_from", "taken_to"):
            instant = _resolved(getattr(self, name), log_start)
            instants[name] = None if instant is None else TimePoint(instant)
        return replace(self, **instants)


class Seen(Struct, frozen=True):
    """An event before ``--from``: delivery sees it, triggers are not offered it (T7)."""

    heading: Heading


Taken: TypeAlias = Event | Match | Heading | Unmatched | Seen
"""What a replay takes from a log."""


def with_labels(records: Iterable[LogRecord]) -> Iterator[Event | BadLine]:
    """The records of a log whose labels were all read, unchanged.

    Raises:
        TypeError: Labels of some event were not read.
    """
    for record in records:
        if not isinstance(record, Event | BadLine):
            raise TypeError("labels of some event were not read")
        yield record


def log_start(first: Event | Match | Heading | Unmatched | Rows) -> int:
    """The start of a log whose first record in the order of delivery is `first`, µs (T3).

    Offsets such as ``+5m`` count from it, and the clock starts there by default.
    """
    if isinstance(first, Rows):
        return first.occurred()[0]
    return first.occurred[0] if isinstance(first, Unmatched) else event_in(first).occurred


class LogRange:
    """The records that a replay takes; can be iterated over once.

    Events after ``--to`` are omitted; the first event after ``--until`` ends the iteration.
    Relative instants count from the first event, in the order of delivery.

    Args:
        records: Events and bad lines in the order of delivery (O1).
        options: The requested range.
        begin: Called with the start of the clock, µs, before the first record, if ``--start`` is
            given; otherwise the first event offered starts the clock.
        bad_line: Called with each line that is no event.
    """

    def __init__(
        self,
        records: Iterable[LogRecord | Rows],
        options: RangeOptions,
        *,
        begin: Callable[[int], object],
        bad_line: Callable[[BadLine], object],
    ) -> None:
        self._records = records
        self._options = options
        self._begin = begin
        self._bad_line = bad_line
        self._start: int | None = None
        self._first: int | None = None
        self._last: int | None = None
        self._span: tuple[int, int] | None = None
        self.origin: int | None = None
        """The start of the log, µs, from which relative instants count; ``None``: no event yet."""
        self.offered = 0
        """The number of events that triggers have been offered."""
        self.until: int | None = None
        """The end of the replay, µs, known after the first record; ``None``: at the last (T5)."""

    def __iter__(self) -> Iterator[Taken]:
        """Yield the records that are taken.

        Raises:
            EmptyRangeError: As `in_rows`.
        """
        for record in self.in_rows():
            if isinstance(record, Rows):
                yield from record.events()
            else:
                yield record

    def in_rows(self) -> Iterator[Taken | Rows]:
        """Yield the records that are taken; `Rows` unchanged, if all of them are taken.

        Raises:
            EmptyRangeError: The log has events, but none from ``--from`` to ``--to``, or its
                first is after ``--until``, or ``--start`` is after its last or after ``--until``.
        """
        began = is_limited = False
        latest = -LONGEST
        records = iter(self._records)
        for record in records:
            if isinstance(record, BadLine):
                self._bad_line(record)
                continue
            if not began:
                began = True
                self._resolve(log_start(record))
                is_limited = self._first is not None or self._last is not None
            until = self.until
            if self._start is not None:
                latest = max(latest, _latest(record))
            if not is_limited and (until is None or _latest(record) <= until):
                yield record
                self.offered += _number(record)
                continue
            for one in one_by_one(record):
                event = event_in(one)
                is_after = self._last is not None and event.occurred > self._last
                if until is not None and event.occurred > until and not is_after:
                    self._require_some(chain((record,), records))
                    return
                self._widen_span(event.occurred)
                if is_after:
                    continue
                if self._first is not None and event.occurred < self._first:
                    yield Seen(heading_of(event))
                    continue
                yield one
                self.offered += 1
        if not began and self._options.start is not None and self._options.start.is_fixed:
            # A log without events can still have absence to watch for, if times are fixed.
            self._resolve(None)
        self._require_some()
        if began and self._start is not None and latest < self._start:
            self._refuse(
                f"--start {format_instant(self._start)} is after the log's last event,"
                f" at {format_instant(latest)}"
            )

    def _resolve(self, origin: int | None) -> None:
        """Resolve all instants for a log that starts at `origin`, µs; ``None``: fixed ones alone."""
        self.origin = origin
        self.until = _resolved(self._options.until, origin)
        self._first = _resolved(self._options.taken_from, origin)
        self._last = _resolved(self._options.taken_to, origin)
        self._start = _resolved(self._options.start, origin)
        # An event after `--to` does not move the clock (T7).
        begun = origin
        if origin is not None and self._last is not None and origin > self._last:
            begun = None
        for low, begins, high, end in (
            (self._start, "--start {} is", self.until, "--until"),
            (self._first, "--from {} is", self._last, "--to"),
            (self._first, "--from {} is", self.until, "--until"),
            (begun, "the log begins at {},", self.until, "--until"),
        ):
            if low is not None and high is not None and low > high:
                said = begins.format(format_instant(low))
                self._refuse(f"{said} after {end} {format_instant(high)}")
        if self._start is not None:
            self._begin(self._start)

    def _refuse(self, why: str) -> None:
        if not self._options.may_be_empty:
            raise EmptyRangeError(f"no event lies in the range: {why}")

    def _widen_span(self, occurred: int) -> None:
        low, high = self._span or (occurred, occurred)
        self._span = (min(low, occurred), max(high, occurred))

    def _require_some(self, rest: Iterable[LogRecord | Rows] = ()) -> None:
        """Refuse a range without events; the `rest` of the log is read for its span alone."""
        is_limited = self._first is not None or self._last is not None
        if self.offered or self._span is None or not is_limited or self._options.may_be_empty:
            return
        for record in rest:
            if not isinstance(record, BadLine):
                for one in one_by_one(record):
                    self._widen_span(event_in(one).occurred)
        first, last = map(format_instant, self._span)
        options = {"--from": self._first, "--to": self._last, "--until": self.until}
        limits = " ".join(
            f"{option} {format_instant(instant)}"
            for option, instant in options.items()
            if instant is not None
        )
        raise EmptyRangeError(
            f"no event lies in the range {limits}; the log's events occurred from {first} to {last}"
        )


def _resolved(moment: TimePoint | None, log_start: int | None) -> int | None:
    """The instant, µs; ``None`` if there is none, or if it needs the start of a log without one."""
    if moment is None or (log_start is None and not moment.is_fixed):
        return None
    return moment.resolve(log_start or 0)


def one_by_one(
    record: Event | Match | Heading | Unmatched | Rows,
) -> Iterator[Event | Match | Heading]:
    """Yield the record, or each event of a run or of rows."""
    if isinstance(record, Rows):
        return chain.from_iterable(map(one_by_one, record.events()))
    if isinstance(record, Unmatched):
        return map(record.heading, range(len(record.ids)))
    return iter((record,))


def _number(record: Event | Match | Heading | Unmatched | Rows) -> int:
    if isinstance(record, Rows):
        return len(record)
    return len(record.ids) if isinstance(record, Unmatched) else 1


def _latest(record: Event | Match | Heading | Unmatched | Rows) -> int:
    if isinstance(record, Rows):
        return max(record.occurred())
    return max(record.occurred) if isinstance(record, Unmatched) else event_in(record).occurred
