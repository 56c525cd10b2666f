"""One replay from end to end: records of logs in, transitions and a report out.

What every command that replays shares. It reads what it is given and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from trigger_cli.dialect import DOCS, SERVER, Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.engine.sensitivity import sensitivities
from trigger_cli.model import Automation, BadLine, Bystanders, DeliveryOrder, Event, Transition
from trigger_cli.moments import Moment
from trigger_cli.report import KEPT, Kept, ReplayReport, Reporter


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


class MakeReplay(Protocol):
    """Makes a `Replay`, as the class itself does."""

    def __call__(
        self, automations: Sequence[Automation], dialect: Dialect, *, expired_bucket_buffer: int
    ) -> Replay:
        """The engine for these automations."""


class ReplayRun:
    """A replay of ordered records, iterated over once for its transitions.

    It can be left at any point: `report` tells what has happened so far.

    Args:
        automations: In definition order.
        records: Events and bad lines in the order of delivery (O1). Events that no trigger
            looks at may come as `Bystanders`.
        options: How to replay.
        with_buckets: Keep the buckets' transitions for the report.
        bounds: How many of them.
        compare_dialects: Also count the firings in the other dialect.
        firings_only: Yield of buckets and metrics only that they fired or were resolved, which
            is quicker; not together with `with_buckets`.
        watch: Told of each event that is taken, before what happens to it.
        make_replay: Makes the engine, which may have parts of its work done elsewhere.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        records: Iterable[Event | BadLine | Bystanders],
        options: ReplayOptions,
        *,
        with_buckets: bool,
        compare_dialects: bool,
        firings_only: bool = False,
        watch: Callable[[Event], None] | None = None,
        make_replay: MakeReplay = Replay,
        bounds: Kept = KEPT,
    ) -> None:
        self._make_replay = make_replay
        self._watch = watch
        self._automations = automations
        self._records = records
        self._options = options
        self._replay = self._new_replay(options.dialect)
        self._replay.firings_only = firings_only
        self._until: int | None = None
        self._other: Replay | None = None
        self._other_firings = {one.index: 0 for one in automations}
        if compare_dialects:
            self._other = self._new_replay(SERVER if options.dialect is DOCS else DOCS)
            self._other.firings_only = True
        self._reporter = Reporter(
            [(one, sensitivities(one)) for one in automations],
            dialect=options.dialect.name,
            order=options.order,
            with_buckets=with_buckets,
            bounds=bounds,
        )

    def __iter__(self) -> Iterator[Transition]:
        options = self._options
        replay, other = self._replay, self._other
        add = self._reporter.add
        for record in self._taken():
            if isinstance(record, Bystanders):
                transitions = replay.pass_by(record)
            else:
                if self._watch is not None:
                    self._watch(record)
                transitions = replay.take(record)
            for transition in transitions:
                add(transition)
                yield transition
            if other is not None:
                self._count_other(
                    other.pass_by(record) if isinstance(record, Bystanders) else other.take(record)
                )
        until = self._until
        if replay.started is None and options.start is not None:
            # A log without events still has absence to watch for, given fixed times.
            self._start(0)
            until = _resolved(options.until, 0)
        for transition in replay.finish(until, until_quiet=options.until_quiet):
            add(transition)
            yield transition
        if other is not None:
            self._count_other(other.finish(until, until_quiet=options.until_quiet))

    def _taken(self) -> Iterator[Event | Bystanders]:
        """The events that are taken, up to the end; bad lines are reported."""
        seen_any = False
        is_taken: Callable[[Event], bool] | None = None
        until: int | None = None
        one_by_one = self._watch is not None
        for record in self._records:
            if isinstance(record, BadLine):
                self._reporter.add_problem(record)
                continue
            if not seen_any:
                seen_any = True
                first = record.occurred[0] if isinstance(record, Bystanders) else record.occurred
                until = self._until = _resolved(self._options.until, first)
                is_taken = self._range_filter(first)
                self._start(first)
            events: Iterable[Event] = ()
            if isinstance(record, Event):
                if is_taken is None and until is None:
                    yield record
                    continue
                events = (record,)
            elif one_by_one or is_taken or (until is not None and max(record.occurred) > until):
                events = map(record.event, range(len(record.ids)))
            else:
                yield record
            for event in events:
                if is_taken is not None and not is_taken(event):
                    continue
                if until is not None and event.occurred > until:
                    return
                yield event

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
        return self._make_replay(
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
