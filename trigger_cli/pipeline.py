"""One replay from end to end: takes records of logs, yields transitions and makes a report.

All commands that replay use it. It prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from trigger_cli.dialects import DOCS, Dialect, counterpart
from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.engine.runs import FiringRun
from trigger_cli.engine.sensitivity import possible_reasons, sensitivities
from trigger_cli.events.batch import Rows
from trigger_cli.firings import FiringBlock
from trigger_cli.match.matcher import Sides, sides_of
from trigger_cli.match.plan import Plan
from trigger_cli.model import (
    Automation,
    DeliveryOrder,
    Event,
    Heading,
    LogRecord,
    Match,
    Pending,
    Transition,
    Unmatched,
    event_in,
)
from trigger_cli.read.log_range import LogRange, RangeOptions, Seen
from trigger_cli.report import KEPT, AutomationSummary, Kept, ReplayReport, Reporter

if TYPE_CHECKING:
    from trigger_cli.parallel.replay import ParallelReplay


class ReplayOptions(RangeOptions, frozen=True):
    """How to replay; see ``interface.md``, replay."""

    dialect: Dialect = DOCS
    order: DeliveryOrder = "occurred"
    until_quiet: bool = False
    expired_bucket_buffer: int = EXPIRED_BUCKET_BUFFER
    endless: bool = False
    """As for `Replay`."""


Evaluation: TypeAlias = "Replay | ParallelReplay"


class MakeReplay(Protocol):
    """Makes a replay, as `Replay` itself does."""

    def __call__(self, plan: Plan, *, expired_bucket_buffer: int, endless: bool) -> Evaluation:
        """Make the evaluation of the plan."""


def replayed(
    automations: Sequence[Automation], dialect: Dialect, *, compare_dialects: bool = False
) -> Sides:
    """The automations and dialects of a `ReplayRun`, for matching its records elsewhere."""
    dialects = [dialect]
    if compare_dialects:
        dialects.append(counterpart(dialect))
    return sides_of(automations, *dialects)


class ReplayRun:
    """A replay of ordered records; iterate over it once for its transitions.

    The iteration may stop at any point: `report` covers what has happened so far.

    Args:
        automations: In definition order.
        records: The records of the log, in the order of delivery (O1). A `Match` must have been
            made for the sides from `replayed`, also in `Rows`; an `Event` is matched here.
        options: How to replay.
        with_buckets: Keep the buckets' transitions for the report.
        bounds: How many of them to keep.
        compare_dialects: Also count the firings in the other dialect.
        firings_only: Of buckets and metrics, yield only firings and resolutions, which is faster;
            cannot be combined with `with_buckets`.
        watch: Called with each event, or run of events that no trigger takes, that is offered to
            the triggers, before its transitions.
        make_replay: Makes the replays if only firings are needed.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        records: Iterable[LogRecord | Rows],
        options: ReplayOptions,
        *,
        with_buckets: bool,
        compare_dialects: bool,
        firings_only: bool = False,
        watch: Callable[[Event | Heading | Unmatched], None] | None = None,
        make_replay: MakeReplay = Replay,
        bounds: Kept = KEPT,
    ) -> None:
        self._watch = watch
        self._automations = automations
        self._options = options
        self._matcher, plans = replayed(
            automations, options.dialect, compare_dialects=compare_dialects
        ).plans()
        self._replays: list[Evaluation] = []
        for side, plan in enumerate(plans):
            make = make_replay if firings_only else Replay
            replay = make(
                plan,
                expired_bucket_buffer=options.expired_bucket_buffer,
                endless=options.endless,
            )
            replay.firings_only = firings_only or side > 0
            if not isinstance(replay, Replay):
                replay.counts_only = side > 0
            self._replays.append(replay)
        self._other_firings = {one.index: 0 for one in automations}
        self._lost: set[int] = set()
        self._is_complete = False
        self._current: _Matched | None = None
        self._taken_of_current = 0
        self._latest = 0
        self._dialects = (options.dialect, counterpart(options.dialect))
        self._reporter = Reporter(
            [AutomationSummary(one, sensitivities(one, *self._dialects)) for one in automations],
            dialect=options.dialect.name,
            order=options.order,
            with_buckets=with_buckets,
            bounds=bounds,
        )
        self._range = LogRange(
            records, options, begin=self._start, bad_line=self._reporter.add_problem
        )

    def __iter__(self) -> Iterator[Transition]:
        try:
            yield from self._transitions()
        except EndlessError as error:
            self._taken_of_current = _number_before(self._current, error.line)
            raise
        self._is_complete = True

    def _transitions(self) -> Iterator[Transition]:
        add = self._reporter.add
        slack = 0 if self._options.until is None else self._options.until.slack
        for side, transition in _told(
            self._replays, self._taken(), self._range, self._options, self._lost
        ):
            if isinstance(transition, FiringBlock):
                if side == 0:
                    self._reporter.add_block(transition)
                    self._latest = max(self._latest, transition.latest)
                else:
                    for index, count in transition.firings_by_automation.items():
                        self._other_firings[index] += count
            elif side == 0:
                add(transition)
                if slack:
                    self._latest = max(self._latest, transition.at)
                yield transition
            elif transition.kind == "fired" and transition.is_own:
                self._other_firings[transition.automation.index] += 1

    def _taken(self) -> Iterator[_Matched]:
        """The records; those offered to triggers are first passed to `watch`."""
        watch, match = self._watch, self._matcher.match
        for record in self._range.in_rows() if watch is None else self._range:
            if watch is not None and not isinstance(record, Seen | Rows):
                watch(record if isinstance(record, Unmatched) else event_in(record))
            self._current = match(record) if isinstance(record, Event) else record
            yield self._current

    def report(self) -> ReplayReport:
        """The report so far; the caller adds the counts of the log."""
        replay, *others = self._replays
        started = replay.started is not None
        report = self._reporter.finish(
            start=replay.started,
            end=self._end(replay.clock) if started else None,
            offered=self._range.offered + self._taken_of_current,
            matched=replay.matched,
            pending=replay.pending(),
            waiting=((one.event, one.due) for one in replay.waiting()),
        )
        report.log_start = self._range.origin
        # Of the rows in which a replay stopped, the other replays have taken none.
        if others and self._is_complete and not self._lost:
            for summary in report.automations:
                there = self._other_firings[summary.automation.index]
                summary.other_dialect_firings = there
                if there != summary.firings:
                    summary.differences = possible_reasons(summary.automation, *self._dialects)
        return report

    def _end(self, clock: int) -> int:
        """The end of the replay, µs: ``--until`` as it was given, or what happened in its slack."""
        until = self._options.until
        if until is None or clock != self._range.until:
            return clock
        return max(clock - until.slack, self._latest)

    def _start(self, instant: int) -> None:
        for replay in self._replays:
            replay.start(instant)


class SidesRun:
    """A replay of several plans on the same events, which are matched once; iterate over it once.

    Args:
        plans: What is replayed, each independent of the others.
        records: The events they take, matched by all filters, in the order of delivery (O1).
        options: How to replay; each side has its own dialect.
        firings_only: As in `ReplayRun`.
        take_run: Called with firings in a row without an event, which are not yielded.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        records: Iterable[Match | Unmatched],
        options: ReplayOptions,
        *,
        firings_only: bool,
        take_run: Callable[[FiringRun], None] | None = None,
    ) -> None:
        buffer, endless = options.expired_bucket_buffer, options.endless
        self._replays = [
            Replay(plan, expired_bucket_buffer=buffer, endless=endless) for plan in plans
        ]
        for replay in self._replays:
            replay.firings_only = firings_only
            replay.take_run = take_run
        self._options = options
        self._range = LogRange(records, options, begin=self._start, bad_line=lambda _line: None)

    def __iter__(self) -> Iterator[tuple[int, Transition]]:
        """The transitions, each with the index of its side."""
        taken = (one for one in self._range if not isinstance(one, Event))
        for side, told in _told(self._replays, taken, self._range, self._options):
            assert not isinstance(told, FiringBlock)  # of `ParallelReplay` alone
            yield side, told

    def pending(self) -> list[list[Pending]]:
        """The open deadlines of each side (T5)."""
        return [one.pending() for one in self._replays]

    def _start(self, instant: int) -> None:
        for replay in self._replays:
            replay.start(instant)


_Matched: TypeAlias = Match | Heading | Unmatched | Seen | Rows


def _told(
    replays: Sequence[Evaluation],
    taken: Iterable[_Matched],
    log_range: LogRange,
    options: ReplayOptions,
    lost: set[int] | None = None,
) -> Iterator[tuple[int, Transition | FiringBlock]]:
    """Run replays of the same records to their end; yield each transition with the replay's index.

    An endless replay, except the first, is added to `lost` and yields no more.

    Raises:
        EndlessError: From the first replay, or from any if `lost` is ``None``.
    """
    sides = list(enumerate(replays))
    for record in taken:
        for place in sides:
            side, replay = place
            try:
                for transition in _transitions_of(replay, record):
                    yield side, transition
            except EndlessError:
                if side == 0 or lost is None:
                    raise
                lost.add(side)
                sides = [one for one in sides if one is not place]
    for side, replay in sides:
        try:
            for transition in replay.finish(log_range.until, until_quiet=options.until_quiet):
                yield side, transition
        except EndlessError:
            if side == 0 or lost is None:
                raise
            lost.add(side)


def _number_before(record: _Matched | None, line: int | None) -> int:
    """How many events of the record come before the one on the line; 0: it has no such event."""
    lines = record.headings().lines if isinstance(record, Rows) else ()
    return lines.index(line) if line in lines else 0


def _transitions_of(replay: Evaluation, record: _Matched) -> Iterator[Transition | FiringBlock]:
    """What a replay yields for the next record."""
    if isinstance(record, Rows):
        if isinstance(replay, Replay):
            return replay.take_batch(record.headings(), record.matches())
        return replay.take_rows(record)
    if isinstance(record, Unmatched):
        return replay.pass_by(record)
    if isinstance(record, Seen):
        return replay.see(record.heading)
    return replay.take(record)
