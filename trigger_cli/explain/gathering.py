"""Collects the evidence for explanations during one replay."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from trigger_cli.explain.evidence import Evidence
from trigger_cli.explain.kept_events import KeptEvents
from trigger_cli.explain.scope import Scope
from trigger_cli.explain.tally import JointTally, LeafTally
from trigger_cli.interrupts import interrupts_after
from trigger_cli.model import (
    Automation,
    BadLine,
    DeliveryTransition,
    Event,
    Heading,
    LogRecord,
    Transition,
    Unmatched,
    event_in,
    heading_of,
)
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.read.log_range import log_start, one_by_one
from trigger_cli.report import ReplayReport, Reporter
from trigger_cli.vocabulary import FLOW_RUN, STATE_TYPE, UNDELIVERED_NAMES

_KEPT_NAMES = 20_000
"""The most names to count."""


def gather(
    automations: Sequence[Automation],
    records: Iterable[LogRecord],
    options: ReplayOptions,
    *,
    needs: Callable[[str], bool],
    find: Callable[[Event], bool] | None = None,
    scope: Scope | None = None,
    interrupted: Callable[[], None] | None = None,
) -> Evidence:
    """Replay once, and collect the evidence for explanations.

    Args:
        automations: What to explain.
        records: Events and bad lines in the order of delivery (O1).
        options: How to replay.
        needs: As from `NearNames`; other events are kept as headings only.
        find: Selects events to keep with all labels; after the replay's end if none is before it.
        scope: Takes each event that the triggers are offered.
        interrupted: Called if the user interrupts; the results so far are explained.
    """
    evidence = Evidence(tuple(automations), options, KeptEvents(needs))
    gatherer = _Gatherer(evidence, find, scope)
    records = iter(records)
    run = ReplayRun(
        automations,
        gatherer.watched(records),
        options,
        with_buckets=False,
        compare_dialects=False,
        watch=gatherer.take,
    )
    try:
        with interrupts_after(Reporter.add, _Gatherer.take, _Gatherer.note):
            for transition in run:
                gatherer.note(transition)
        if find is not None and not evidence.found:
            later = (one for one in _singly(records) if isinstance(one, Event))
            evidence.found += filter(find, later)
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        interrupted()
    gatherer.finish(run.report())
    return evidence


def _singly(records: Iterable[LogRecord]) -> Iterator[Event | Heading | BadLine]:
    """Each event separately, with the labels that were read."""
    for record in records:
        if isinstance(record, BadLine):
            yield record
        else:
            yield from map(event_in, one_by_one(record))


class _Gatherer:
    """Fills `evidence` while a replay runs."""

    def __init__(
        self, evidence: Evidence, find: Callable[[Event], bool] | None, scope: Scope | None
    ) -> None:
        self._evidence = evidence
        self._find = find
        self._scope = scope
        self._last: Event | Heading | Unmatched | None = None
        self._held_back = 0
        """How many of the last events were dropped as duplicates or wait."""
        self._is_offered = False
        self._tallies_of = lru_cache(_KEPT_NAMES)(self._tallies_counting)
        self._first: int | None = None
        options = evidence.options
        # A range may include a part of a run of events.
        self._is_whole = options.takes_all

    def watched(self, records: Iterable[LogRecord]) -> Iterator[LogRecord]:
        """Pass the records on; the first event sets the log's start."""
        evidence = self._evidence
        for record in records if self._is_whole else _singly(records):
            if isinstance(record, BadLine):
                yield record
                continue
            if not evidence.read:
                evidence.log_start = log_start(record)
                first = evidence.options.taken_from
                self._first = None if first is None else first.resolve(evidence.log_start)
            self._settle()
            if isinstance(record, Unmatched):
                evidence.read += len(record.ids)
                self._last = record
                yield record
                continue
            evidence.read += 1
            event = event_in(record)
            if self._find is not None and isinstance(event, Event) and self._find(event):
                evidence.found.append(event)
            self._last = event
            yield event

    def take(self, event: Event | Heading | Unmatched) -> None:
        """Note that an event or a run of events was taken; its transitions come afterwards."""
        if isinstance(event, Unmatched):
            self._take_run(event)
            return
        evidence = self._evidence
        self._is_offered = True
        self._count_names((event.name,))
        if event.received is None:
            evidence.has_received = False
        if isinstance(event, Event):
            state_type = event.resource.get(STATE_TYPE)
            if state_type and event.name.startswith(FLOW_RUN):
                evidence.states[event.name][state_type] += 1
            if self._scope is not None:
                self._scope.take(event)
        if evidence.found and any(event is one for one in evidence.found):
            evidence.taken.add(event.line)

    def _take_run(self, run: Unmatched) -> None:
        self._is_offered = True
        names = map(run.names.__getitem__, run.name_codes)
        counted = self._evidence.names
        if len(counted) + len(run.names) <= _KEPT_NAMES:
            counted.update(names)
        else:
            self._count_names(names)
        if not run.received or None in run.received:
            self._evidence.has_received = False

    def _count_names(self, names: Iterable[str]) -> None:
        counted = self._evidence.names
        for name in names:
            if name in counted or len(counted) < _KEPT_NAMES:
                counted[name] += 1

    def note(self, transition: Transition) -> None:
        """Add a transition of the replay."""
        if not isinstance(transition, DeliveryTransition):
            self._evidence.records[transition.automation.index].add(transition)
            return
        self._evidence.deliveries.append(transition)
        event, last = transition.event, self._last
        if transition.kind == "released":
            self._deliver(event)
        elif last is not None and event.line in _lines_of(last):
            self._held_back += 1

    def finish(self, report: ReplayReport) -> None:
        """Complete the evidence after the replay."""
        evidence = self._evidence
        self._settle()
        evidence.report = report
        evidence.options = evidence.options.fixed(report.log_start)
        evidence.has_received = evidence.has_received and bool(evidence.names)

    def _settle(self) -> None:
        """Deliver and keep the previous event, after all its records have come."""
        last, kept = self._last, self._evidence.kept
        if isinstance(last, Unmatched):
            self._evidence.delivered += _delivered(last) - self._held_back
            kept.add(last)
        elif last is not None and self._is_offered:
            if not self._held_back:
                self._deliver(last)
            kept.add(last)
        elif last is not None and self._first is not None and last.occurred < self._first:
            kept.add(heading_of(last))
        self._last, self._held_back, self._is_offered = None, 0, False

    def _deliver(self, event: Event | Heading) -> None:
        if event.name in UNDELIVERED_NAMES:
            return
        self._evidence.delivered += 1
        if isinstance(event, Event):
            tallies, joint_tallies = self._tallies_of(event.name)
            passed = {tally: tally.add(event) for tally in tallies}
            for joint in joint_tallies:
                joint.add(passed)

    def _tallies_counting(self, name: str) -> tuple[Sequence[LeafTally], Sequence[JointTally]]:
        """The tallies that count events with a name."""
        tallies = dict.fromkeys(self._evidence.tallies.values())  # some are shared
        joint = self._evidence.joint_tallies.values()
        return [one for one in tallies if one.wants(name)], [
            one for one in joint if one.wants(name)
        ]


def _lines_of(record: Event | Heading | Unmatched) -> Sequence[int]:
    return record.lines if isinstance(record, Unmatched) else (record.line,)


def _delivered(run: Unmatched) -> int:
    """The number of events of a run whose names are delivered (O3)."""
    if UNDELIVERED_NAMES.isdisjoint(run.names):
        return len(run.ids)
    return sum(run.names[code] not in UNDELIVERED_NAMES for code in run.name_codes)
