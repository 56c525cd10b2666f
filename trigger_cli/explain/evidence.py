"""What a replay leaves behind for explanations: its records, and how far each event came."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import merge
from itertools import chain
from math import inf
from typing import Any, Literal, NamedTuple, TypeVar

from trigger_cli.dialects import DOCS, SERVER, Dialect, counterpart
from trigger_cli.events.scan import Interests
from trigger_cli.explain.kept import PROCESSED, KeptEvents, Sharing
from trigger_cli.explain.scope import Scope
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
from trigger_cli.vocabulary import (
    FLOW_RUN,
    RESOURCE_ID,
    RUN_PREFIXES,
    STATE_TYPE,
    UNDELIVERED_NAMES,
    is_near,
)

KEPT_RECORDS = 100_000
"""How many transitions of one trigger are kept from the beginning, and from the end."""
_KEPT_NAMES = 20_000
_MOST_NEAR = 200
"""With how many patterns a name is compared letter by letter."""


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


@dataclass
class Evidence:
    """A replay, and the events it took; `gather` fills it."""

    automations: tuple[Automation, ...]
    options: ReplayOptions
    kept: KeptEvents
    report: ReplayReport = field(init=False)
    """Set at the end of the replay."""
    names: Counter[str] = field(default_factory=Counter)
    """How many events of each name were taken."""
    delivered: int = 0
    """How many events reached the triggers: not the duplicates, nor what still waits."""
    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """For names of flow runs' states: the types of state their events told of."""
    deliveries: deque[DeliveryTransition] = field(
        default_factory=lambda: deque(maxlen=KEPT_RECORDS)
    )
    """What became of events before they reached the triggers (O2, O4)."""
    found: list[Event] = field(default_factory=list)
    """The events that were asked for, with all their labels."""
    taken: set[int] = field(default_factory=set)
    """The lines of those that were taken; options may have left others out."""
    read: int = 0
    """How many events were read, also those that were not taken."""
    log_start: int = 0
    """When the log's first event occurred, µs."""
    has_received: bool = True
    """Whether every event says when it was received."""

    def __post_init__(self) -> None:
        self.records = {one.index: Records() for one in self.automations}
        """Each automation's, by its index."""
        self.tallies = {
            (automation.index, trigger.path): LeafTally(trigger, self.dialect)
            for automation in self.automations
            for trigger in walk(automation.trigger)
            if not isinstance(trigger, CompositeTrigger)
        }

    def deliveries_of(self, event: Event) -> list[DeliveryTransition]:
        """What became of one event before it reached the triggers (O2, O4)."""
        return self._by_line.get(event.line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[DeliveryTransition]]:
        return by_line(self.deliveries)

    def of_resource(self, ident: str) -> list[Event]:
        """The kept events of a resource, in the order of delivery."""
        return self._by_resource.get(ident, [])

    @cached_property
    def _by_resource(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.kept.matchable():
            found[event.resource.get(RESOURCE_ID, "")].append(event)
        return dict(found)

    def lost_to(self, event: Event) -> Literal["name", "copy", "wait"] | None:
        """What kept an event that was offered from the triggers (O3, O2, O4); ``None``: nothing."""
        if event.name in UNDELIVERED_NAMES:
            return "name"
        kinds = {one.kind for one in self.deliveries_of(event)}
        if "duplicate" in kinds:
            return "copy"
        return "wait" if "waiting" in kinds and "released" not in kinds else None

    def tally_over(self, trigger: EventTrigger, events: Iterable[Event]) -> LeafTally:
        """How far some events come with a trigger, perhaps a changed one."""
        tally = LeafTally(trigger, self.dialect)
        for event in events:
            if self.lost_to(event) is None:
                tally.add(event)
        return tally

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

    @cached_property
    def can_repeat(self) -> bool:
        """Whether `again` is to be trusted: unchanged, it gives the firings of the replay."""
        return not self.kept.gave_up and (self.kept.whole or self._repeats())

    def again(
        self, automation: Automation, *, dialect: Dialect | None = None, order: str | None = None
    ) -> Outcome:
        """Replay one automation, perhaps changed, on the same events, perhaps otherwise."""
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
        return all(
            likenesses(self.again(one).firings) == likenesses(self.firings_of(one))
            for one in self.automations
        )

    def firings_of(self, automation: Automation) -> list[Firing]:
        """The automation's own firings, in order."""
        return [one for one in self.report.firings if one.automation.index == automation.index]


_Record = TypeVar("_Record", TriggerTransition, DeliveryTransition)


def by_line(records: Iterable[_Record]) -> dict[int, list[_Record]]:
    """The records of each event, in order."""
    found: dict[int, list[_Record]] = defaultdict(list)
    for one in records:
        if one.event is not None:
            found[one.event.line].append(one)
    return found


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
        nearly = list(dict.fromkeys(patterns))[:_MOST_NEAR]
        # What a run did instead is told by its other states.
        runs = tuple(
            prefix for prefix in RUN_PREFIXES if any(one.startswith(prefix) for one in patterns)
        )

        def needs(name: str) -> bool:
            return (
                matcher.of_name(name) is not None or name.startswith(runs) or is_near(nearly, name)
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
    scope: Scope | None = None,
    interrupted: Callable[[], None] | None = None,
) -> Evidence:
    """Replay once, and keep what explanations are made of.

    Args:
        automations: What to explain.
        records: Events and bad lines in the order of delivery (O1).
        options: How to replay.
        needs: As `NearNames` tells: of other events only headings are kept.
        find: Events to keep with all their labels.
        scope: Told of each event that the triggers are offered.
        interrupted: Called if the user interrupts; what was found so far is explained.
    """
    evidence = Evidence(tuple(automations), options, KeptEvents(needs))
    gatherer = _Gatherer(evidence, find, scope)
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
    gatherer.finish(run.report())
    return evidence


def _absolute(options: ReplayOptions, origin: int) -> ReplayOptions:
    """The options with fixed instants: another replay's log may start elsewhere."""
    names = ("start", "until", "taken_from", "taken_to")
    given = {name: moment for name in names if (moment := getattr(options, name)) is not None}
    fixed: dict[str, Any] = {
        name: TimePoint(moment.resolve(origin)) for name, moment in given.items()
    }
    return replace(options, **fixed)


def _singly(records: Iterable[LogRecord]) -> Iterator[Event | Heading | BadLine]:
    """Each event by itself, with the labels that were read of it."""
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
        self._last: Event | Heading | None = None
        self._fate = PROCESSED
        self._is_offered = False
        self._first: int | None = None

    def watched(self, records: Iterable[LogRecord]) -> Iterator[Event | Heading | BadLine]:
        """The records, of which the first event says where the log starts."""
        evidence, sharing = self._evidence, Sharing()
        for record in _singly(records):
            if isinstance(record, BadLine):
                yield record
                continue
            if not evidence.read:
                evidence.log_start = log_start(record)
                first = evidence.options.taken_from
                self._first = None if first is None else first.resolve(evidence.log_start)
            evidence.read += 1
            event = sharing.shared(record) if isinstance(record, Event) else record
            if isinstance(event, Event) and self._find is not None and self._find(event):
                evidence.found.append(event)
            self._settle()
            self._last = event
            yield event

    def take(self, event: Event | Heading) -> None:
        """An event is taken; what becomes of it is told by the transitions to come."""
        evidence = self._evidence
        self._is_offered = True
        if event.name in evidence.names or len(evidence.names) < _KEPT_NAMES:
            evidence.names[event.name] += 1
        if event.received is None:
            evidence.has_received = False
        if isinstance(event, Event):
            state_type = event.resource.get(STATE_TYPE)
            if state_type and event.name.startswith(FLOW_RUN):
                evidence.states[event.name][state_type] += 1
            if self._scope is not None:
                self._scope.take(event)
        if any(event is one for one in evidence.found):
            evidence.taken.add(event.line)

    def note(self, transition: Transition) -> None:
        """A transition of the replay."""
        if not isinstance(transition, DeliveryTransition):
            self._evidence.records[transition.automation.index].add(transition)
            return
        self._evidence.deliveries.append(transition)
        event, last = transition.event, self._last
        if transition.kind == "released":
            self._deliver(event)
            # Or with another event that waited for this one, or with a deadline just before it.
            self._fate = self._fate._replace(ended_a_wait=True)
        elif last is not None and event.line == last.line:
            is_copy = transition.kind == "duplicate"
            self._fate = self._fate._replace(is_copy=is_copy, waited=not is_copy)

    def finish(self, report: ReplayReport) -> None:
        """The replay is over."""
        evidence = self._evidence
        self._settle()
        evidence.report = report
        evidence.options = _absolute(evidence.options, evidence.log_start)
        evidence.has_received = evidence.has_received and bool(evidence.names)

    def _settle(self) -> None:
        """Deliver and keep the event read before, now that all that came of it is known."""
        last, fate = self._last, self._fate
        if last is not None and self._is_offered:
            if not fate.is_copy and not fate.waited:
                self._deliver(last)
            self._evidence.kept.add(last, fate)
        elif last is not None and self._first is not None and last.occurred < self._first:
            self._evidence.kept.see(heading_of(last))
        self._last, self._fate, self._is_offered = None, PROCESSED, False

    def _deliver(self, event: Event | Heading) -> None:
        if event.name in UNDELIVERED_NAMES:
            return
        self._evidence.delivered += 1
        if isinstance(event, Event):
            for tally in self._evidence.tallies.values():
                tally.add(event)
