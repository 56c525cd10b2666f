"""What a replay leaves behind for explanations: its records, and how far each event came."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import chain
from math import inf
from typing import NamedTuple

from trigger_cli.dialects import DOCS, SERVER, Dialect, counterpart
from trigger_cli.events.scan import Interests
from trigger_cli.explain.kept import PROCESSED, KeptEvents, Sharing
from trigger_cli.explain.tally import LeafTally
from trigger_cli.match.matcher import in_runs, sides_of
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    BadLine,
    CompositeTrigger,
    DeliveryTransition,
    Event,
    EventTrigger,
    Firing,
    Heading,
    LogRecord,
    Pending,
    Transition,
    TriggerTransition,
    event_in,
    heading_of,
)
from trigger_cli.pipeline import ReplayOptions, ReplayRun, replayed
from trigger_cli.read.log_range import log_start, one_by_one
from trigger_cli.read.reading import labels_of
from trigger_cli.report import ReplayReport
from trigger_cli.times import TimePoint
from trigger_cli.views.firing_identity import likenesses
from trigger_cli.vocabulary import FLOW_RUN, STATE_TYPE, UNDELIVERED_NAMES, is_near

KEPT_RECORDS = 100_000
"""How many transitions of one trigger are kept from the beginning, and from the end."""
_KEPT_NAMES = 20_000


class _OfTrigger:
    """The transitions of one trigger: all of them, or the first, the last, and firings between."""

    def __init__(self, most_fired: float) -> None:
        self._most_fired = most_fired
        self._first: list[TriggerTransition] = []
        self._fired: list[TriggerTransition] = []
        self._last: deque[TriggerTransition] = deque()
        self.missing = 0

    def add(self, transition: TriggerTransition) -> None:
        if len(self._first) < KEPT_RECORDS:
            self._first.append(transition)
            return
        self._last.append(transition)
        if len(self._last) <= KEPT_RECORDS:
            return
        let_go = self._last.popleft()
        if let_go.kind == "fired" and len(self._fired) < self._most_fired:
            self._fired.append(let_go)
        else:
            self.missing += 1

    def __iter__(self) -> Iterator[TriggerTransition]:
        return chain(self._first, self._fired, self._last)


class Records:
    """The transitions of one automation, of each of its triggers all or the first and the last.

    Of the firings between, the automation's own are all kept, as its report keeps them.
    """

    def __init__(self) -> None:
        self._by_path: dict[str, _OfTrigger] = {}

    def add(self, transition: TriggerTransition) -> None:
        """Take the next one."""
        trigger, automation = transition.trigger, transition.automation
        own = self._by_path.get(trigger.path)
        if own is None:
            most_fired = inf if trigger is automation.trigger else KEPT_RECORDS
            own = self._by_path[trigger.path] = _OfTrigger(most_fired)
        own.add(transition)

    def of(self, path: str) -> list[TriggerTransition]:
        """Those of one trigger, in order."""
        return list(self._by_path.get(path, ()))

    def __iter__(self) -> Iterator[TriggerTransition]:
        return merge(*self._by_path.values(), key=lambda one: one.seq)

    @property
    def missing(self) -> int:
        """How many are not kept."""
        return sum(one.missing for one in self._by_path.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay with something changed came to, for one automation."""

    firings: tuple[Firing, ...]
    """Its own firings, in order."""
    pending: tuple[Pending, ...]
    records: tuple[TriggerTransition, ...] = ()


@dataclass(slots=True)
class Evidence:
    """A finished replay, and the events it took."""

    automations: tuple[Automation, ...]
    options: ReplayOptions
    report: ReplayReport
    names: Counter[str]
    """How many events of each name were taken."""
    delivered: int
    """How many events reached the triggers: not the duplicates, nor what still waits."""
    states: dict[str, Counter[str]]
    """For names of flow runs' states: the types of state their events told of."""
    tallies: dict[tuple[int, str], LeafTally]
    records: dict[int, Records]
    """Each automation's, by its index."""
    deliveries: list[DeliveryTransition]
    """What became of events before they reached the triggers (O2, O4)."""
    kept: KeptEvents
    found: list[Event] = field(default_factory=list)
    """The events that were asked for, with all their labels."""
    taken: set[int] = field(default_factory=set)
    """The lines of those that were taken; options may have left others out."""
    read: int = 0
    """How many events were read, also those that were not taken."""
    log_start: int = 0
    """When the log's first event occurred, µs."""
    has_received: bool = False
    """Whether every event says when it was received."""
    _faithful: bool | None = None
    _by_line: dict[int, list[DeliveryTransition]] | None = None

    def deliveries_of(self, event: Event) -> list[DeliveryTransition]:
        """What became of one event before it reached the triggers (O2, O4)."""
        if self._by_line is None:
            self._by_line = {}
            for one in self.deliveries:
                self._by_line.setdefault(one.event.line, []).append(one)
        return self._by_line.get(event.line, [])

    def has_id(self, ident: str) -> bool | None:
        """Whether the log has an event of this id; ``None`` if not all of its events are kept."""
        events = self.kept.events()
        if any(one.id == ident for one in events):
            return True
        return False if len(events) == self.read else None

    @property
    def dialect(self) -> Dialect:
        """The dialect of the replay."""
        return self.options.dialect

    @property
    def other_dialect(self) -> Dialect:
        """The dialect that the replay's is compared with."""
        return counterpart(self.dialect)

    def can_repeat(self) -> bool:
        """Whether `again` is to be trusted: unchanged, it gives the firings of the replay."""
        if self._faithful is None:
            kept = self.kept
            self._faithful = not kept.gave_up and (kept.whole or self._repeats())
        return self._faithful

    def again(
        self,
        automation: Automation,
        *,
        dialect: Dialect | None = None,
        order: str | None = None,
    ) -> Outcome:
        """Replay one automation, perhaps a changed one, on the same events.

        Args:
            automation: What to replay.
            dialect: Another dialect than the replay's.
            order: Another order of delivery (O1).
        """
        options = replace(self.options, dialect=dialect or self.dialect)
        events = self.kept.events()
        if order is not None:
            events = sorted(events, key=_ORDERS[order])
        matcher, _ = replayed([automation], options.dialect).plans()
        matched = in_runs(matcher, events)
        run = ReplayRun([automation], matched, options, with_buckets=False, compare_dialects=False)
        records = tuple(one for one in run if not isinstance(one, DeliveryTransition))
        report = run.report()
        return Outcome(tuple(report.firings), tuple(report.pending), records)

    def _repeats(self) -> bool:
        by_automation: dict[int, list[Firing]] = {one.index: [] for one in self.automations}
        for firing in self.report.firings:
            by_automation[firing.automation.index].append(firing)
        return all(
            likenesses(self.again(one).firings) == likenesses(by_automation[one.index])
            for one in self.automations
        )


_ORDERS: dict[str, Callable[[Event | Heading], tuple[int, int]]] = {
    "occurred": lambda event: (event.occurred, event.line),
    "received": lambda event: (event.received or 0, event.line),
    "log": lambda event: (event.line, 0),
}


class NearNames(NamedTuple):
    """The events whose labels an explanation needs: for a trigger, or one changed a little."""

    automations: Sequence[Automation]

    def needs(self) -> Callable[[str], bool]:
        """Whether labels of events of a name are needed."""
        matcher, _ = sides_of(self.automations, DOCS, SERVER).plans()
        patterns = [
            pattern
            for automation in self.automations
            for trigger in walk(automation.trigger)
            if isinstance(trigger, EventTrigger)
            for pattern in trigger.expect + trigger.after
        ]
        states = any(one.startswith(FLOW_RUN) for one in patterns)

        def needs(name: str) -> bool:
            return (
                matcher.of_name(name) is not None
                or (states and name.startswith(FLOW_RUN))
                or is_near(patterns, name)
            )

        return needs

    def interests(self) -> Interests:
        """All labels of these events."""
        return labels_of(self.needs())


def gather(
    automations: Sequence[Automation],
    records: Iterable[LogRecord],
    options: ReplayOptions,
    *,
    needs: Callable[[str], bool],
    find: Callable[[Event], bool] | None = None,
    interrupted: Callable[[], None] | None = None,
) -> Evidence:
    """Replay once, and keep what explanations are made of.

    Args:
        automations: What to explain.
        records: Events and bad lines in the order of delivery (O1).
        options: How to replay.
        needs: As `NearNames` tells: of other events only headings are kept.
        find: Events to keep with all their labels.
        interrupted: Called if the user interrupts; what was found so far is explained.
    """
    gatherer = _Gatherer(automations, options, needs, find)
    run = ReplayRun(
        automations,
        gatherer.watched(records),
        options,
        with_buckets=False,
        compare_dialects=False,
        watch=gatherer.take,
    )
    try:
        for transition in run:
            gatherer.note(transition)
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        interrupted()
    return gatherer.finish(run.report())


def _absolute(options: ReplayOptions, origin: int) -> ReplayOptions:
    """The options with fixed instants: another replay's log may start elsewhere."""

    def fixed(moment: TimePoint | None) -> TimePoint | None:
        return None if moment is None else TimePoint(moment.resolve(origin))

    return replace(
        options,
        start=fixed(options.start),
        until=fixed(options.until),
        taken_from=fixed(options.taken_from),
        taken_to=fixed(options.taken_to),
    )


def _singly(records: Iterable[LogRecord]) -> Iterator[Event | Heading | BadLine]:
    """Each event by itself, with the labels that were read of it."""
    for record in records:
        if isinstance(record, BadLine):
            yield record
        else:
            yield from map(event_in, one_by_one(record))


class _Gatherer:
    def __init__(
        self,
        automations: Sequence[Automation],
        options: ReplayOptions,
        needs: Callable[[str], bool],
        find: Callable[[Event], bool] | None,
    ) -> None:
        self._automations = tuple(automations)
        self._options = options
        self._find = find
        self._found: list[Event] = []
        self._taken: set[int] = set()
        self._kept = KeptEvents(needs)
        self._names: Counter[str] = Counter()
        self._states: dict[str, Counter[str]] = {}
        self._delivered = 0
        self._has_received = True
        self._records = {one.index: Records() for one in automations}
        self._deliveries: deque[DeliveryTransition] = deque(maxlen=KEPT_RECORDS)
        self._tallies = {
            (automation.index, trigger.path): LeafTally(trigger, options.dialect)
            for automation in automations
            for trigger in walk(automation.trigger)
            if not isinstance(trigger, CompositeTrigger)
        }
        self._last: Event | Heading | None = None
        self._fate = PROCESSED
        self._is_offered = False
        self._log_start: int | None = None
        self._first: int | None = None
        self._read = 0

    def watched(self, records: Iterable[LogRecord]) -> Iterator[Event | Heading | BadLine]:
        """The records, of which the first event says where the log starts."""
        sharing = Sharing()
        for record in _singly(records):
            if not isinstance(record, BadLine):
                self._read += 1
                if self._log_start is None:
                    self._log_start = log_start(record)
                    first = self._options.taken_from
                    self._first = None if first is None else first.resolve(self._log_start)
            if isinstance(record, Event):
                record = sharing.shared(record)  # noqa: PLW2901  # the same event, smaller
                if self._find is not None and self._find(record):
                    self._found.append(record)
            if not isinstance(record, BadLine):
                self._settle()
                self._last = record
            yield record

    def take(self, event: Event | Heading) -> None:
        """An event is taken; what becomes of it is told by the transitions to come."""
        self._is_offered = True
        if event.name in self._names or len(self._names) < _KEPT_NAMES:
            self._names[event.name] += 1
        if event.received is None:
            self._has_received = False
        if isinstance(event, Event):
            state_type = event.resource.get(STATE_TYPE)
            if state_type and event.name.startswith(FLOW_RUN):
                self._states.setdefault(event.name, Counter())[state_type] += 1
        if any(event is one for one in self._found):
            self._taken.add(event.line)

    def note(self, transition: Transition) -> None:
        """A transition of the replay."""
        if not isinstance(transition, DeliveryTransition):
            self._records[transition.automation.index].add(transition)
            return
        self._deliveries.append(transition)
        event, last = transition.event, self._last
        if transition.kind == "released":
            self._deliver(event)
            # Or with another event that waited for this one, or with a deadline just before it.
            self._fate = self._fate._replace(ended_a_wait=True)
        elif last is not None and event.line == last.line:
            is_copy = transition.kind == "duplicate"
            self._fate = self._fate._replace(is_copy=is_copy, waited=not is_copy)

    def finish(self, report: ReplayReport) -> Evidence:
        self._settle()
        return Evidence(
            self._automations,
            _absolute(self._options, self._log_start or 0),
            report,
            self._names,
            self._delivered,
            self._states,
            self._tallies,
            self._records,
            list(self._deliveries),
            self._kept,
            self._found,
            self._taken,
            self._read,
            self._log_start or 0,
            has_received=self._has_received and bool(self._names),
        )

    def _settle(self) -> None:
        """Deliver and keep the event read before, now that all that came of it is known."""
        last, fate = self._last, self._fate
        if last is not None and self._is_offered:
            if not fate.is_copy and not fate.waited:
                self._deliver(last)
            self._kept.add(last, fate)
        elif last is not None and self._first is not None and last.occurred < self._first:
            self._kept.see(heading_of(last))
        self._last, self._fate, self._is_offered = None, PROCESSED, False

    def _deliver(self, event: Event | Heading) -> None:
        if event.name in UNDELIVERED_NAMES:
            return
        self._delivered += 1
        if not isinstance(event, Event):
            return
        for tally in self._tallies.values():
            tally.add(event)
