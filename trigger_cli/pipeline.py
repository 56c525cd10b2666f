"""One replay from end to end: records of logs in, transitions and a report out.

What every command that replays shares. It reads what it is given and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from trigger_cli.dialect import DOCS, SERVER, Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.engine.sensitivity import sensitivities
from trigger_cli.model import Automation, BadLine, DeliveryOrder, Event, Transition
from trigger_cli.moments import Moment
from trigger_cli.report import ReplayReport, Reporter


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """How to replay; see ``interface.md``, replay."""

    dialect: Dialect = DOCS
    order: DeliveryOrder = "occurred"
    start: Moment | None = None
    until: Moment | None = None
    until_quiet: bool = False
    taken_from: Moment | None = None
    """Only events that occurred at or after this are taken."""
    taken_to: Moment | None = None
    """Only events that occurred before or at this are taken."""
    expired_bucket_buffer: int = EXPIRED_BUCKET_BUFFER


class ReplayRun:
    """A replay of ordered records, iterated over once for its transitions.

    It can be left at any point: `report` tells what has happened so far.

    Args:
        automations: In definition order.
        records: Events and bad lines in the order of delivery (O1).
        options: How to replay.
        with_buckets: Keep the buckets' transitions for the report.
        compare_dialects: Also count the firings in the other dialect.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        records: Iterable[Event | BadLine],
        options: ReplayOptions,
        *,
        with_buckets: bool,
        compare_dialects: bool,
    ) -> None:
        self._automations = automations
        self._records = records
        self._options = options
        self._replay = self._new_replay(options.dialect)
        self._other: Replay | None = None
        self._other_firings = {one.index: 0 for one in automations}
        if compare_dialects:
            self._other = self._new_replay(SERVER if options.dialect is DOCS else DOCS)
        self._reporter = Reporter(
            [(one, sensitivities(one)) for one in automations],
            dialect=options.dialect.name,
            order=options.order,
            with_buckets=with_buckets,
        )

    def __iter__(self) -> Iterator[Transition]:
        options = self._options
        until: int | None = None
        is_taken: Callable[[Event], bool] | None = None
        seen_any = False
        for record in self._records:
            if isinstance(record, BadLine):
                self._reporter.add_problem(record)
                continue
            if not seen_any:
                seen_any = True
                until = _resolved(options.until, record.occurred)
                is_taken = self._range_filter(record.occurred)
                self._start(record.occurred)
            if is_taken is not None and not is_taken(record):
                continue
            if until is not None and record.occurred > until:
                break
            for transition in self._replay.take(record):
                self._reporter.add(transition)
                yield transition
            if self._other is not None:
                self._count_other(self._other.take(record))
        if not seen_any and options.start is not None:
            # A log without events still has absence to watch for, given fixed times.
            self._start(0)
            until = _resolved(options.until, 0)
        for transition in self._replay.finish(until, until_quiet=options.until_quiet):
            self._reporter.add(transition)
            yield transition
        if self._other is not None:
            self._count_other(self._other.finish(until, until_quiet=options.until_quiet))

    def report(self) -> ReplayReport:
        """What has happened so far; what was read of the log is for the caller to add."""
        replay = self._replay
        started = replay.started is not None
        report = self._reporter.finish(
            start=replay.started,
            end=replay.clock if started else None,
            matched=replay.matched,
            pending=replay.pending(),
            waiting=((one.event, one.due) for one in replay.waiting()),
        )
        if self._other is not None:
            for summary in report.automations:
                summary.other_dialect_firings = self._other_firings[summary.automation.index]
        return report

    def _new_replay(self, dialect: Dialect) -> Replay:
        return Replay(
            self._automations,
            dialect,
            expired_bucket_buffer=self._options.expired_bucket_buffer,
        )

    def _start(self, first_event: int) -> None:
        start = _resolved(self._options.start, first_event)
        if start is not None:
            self._replay.start(start)
            if self._other is not None:
                self._other.start(start)

    def _range_filter(self, first_event: int) -> Callable[[Event], bool] | None:
        first = _resolved(self._options.taken_from, first_event)
        last = _resolved(self._options.taken_to, first_event)
        if first is None and last is None:
            return None
        return lambda event: (
            (first is None or event.occurred >= first) and (last is None or event.occurred <= last)
        )

    def _count_other(self, transitions: Iterable[Transition]) -> None:
        for transition in transitions:
            automation = transition.automation
            if (
                transition.kind == "fired"
                and automation is not None
                and transition.trigger is automation.trigger
            ):
                self._other_firings[automation.index] += 1


def _resolved(moment: Moment | None, origin: int) -> int | None:
    return None if moment is None else moment.resolve(origin)
