"""The results of a replay for each automation: the data of rules that need a log.

`Observer` is between a log and a replay: it passes every event on, and counts for each trigger
which of its conditions the events meet.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct, field

from trigger_cli.dialects import Dialect
from trigger_cli.match.filters import compile_key
from trigger_cli.match.patterns import compile_label, compile_names, compile_resources
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    BadLine,
    Event,
    EventTrigger,
    FiredTransition,
    LabelPatterns,
    Labels,
    LogRecord,
    MetricTrigger,
    NameRoles,
    Opened,
    Transition,
    Unmatched,
    event_in,
)
from trigger_cli.report import ReplayReport
from trigger_cli.times import HOUR
from trigger_cli.views.deadlines import would_fire_by
from trigger_cli.vocabulary import HEARTBEAT, RESOURCE_ID, RESOURCE_ROLE, state_name

_KEPT_NAMES = 5_000
_KEPT_VALUES = 200
_KEPT_GAPS = 10_000

Place = tuple[str | int, ...]


class LabelFacts(Struct):
    """Counts for one label of ``match`` or ``match_related``, over events with a wanted name."""

    present: int = 0
    """Resources that carry it."""
    fits: int = 0
    """How many of these have a value that its patterns match."""
    values: set[str] = field(default_factory=set)
    """Some of the values, at most `_KEPT_VALUES`."""


class LeafFacts(Struct):
    """Counts for one event or metric trigger."""

    named: int = 0
    """Events whose name it expects or starts from (N1)."""
    expected: int = 0
    """Of the matched events, those whose name is in ``expect``, and (next field) in ``after``."""
    starting: int = 0
    matched: int = 0
    """Of the named events, those that pass ``match`` and ``match_related`` (M)."""
    opened: int = 0
    fired: int = 0
    labels: dict[Place, LabelFacts] = field(default_factory=dict)
    """By the label's place: ``("match", label)``, ``("match_related", index, label)``."""
    without_key: Counter[str] = field(default_factory=Counter)
    """For each ``for_each`` label, how many matched events lack it."""
    heartbeats: list[int] = field(default_factory=list)
    """Times between successive heartbeats of one run, µs; the first `_KEPT_GAPS`."""

    @property
    def heartbeat_interval(self) -> int | None:
        """The most common interval of heartbeats, µs; ``None`` if there are too few."""
        if len(self.heartbeats) < 2:
            return None
        from statistics import median  # noqa: PLC0415  # for logs alone

        return int(median(self.heartbeats))


class Facts(Struct):
    """Counts for one automation."""

    dialect: str
    events: int = 0
    """Events of the whole log."""
    span: int = 0
    """How long the log is, µs."""
    names: Counter[str] = field(default_factory=Counter)
    """How often the log has each event name."""
    leaves: dict[str, LeafFacts] = field(default_factory=dict)
    """By the trigger's path."""
    matched: int = 0
    """Events that a trigger of the automation matches."""
    firings: int = 0
    is_pending: bool = False
    """Whether it fires at a deadline after the log's end if no further event comes (T5)."""
    busiest_hour: int = 0
    """The most firings within one hour."""
    other_firings: int = 0
    """The firings in the other dialect."""
    leaderless: int = 0
    """How many events of the log waited in vain for the event that they follow (O4)."""


class Observer:
    """Counts which conditions of some automations' triggers the events of a log meet."""

    def __init__(self, automations: Sequence[Automation], dialect: Dialect) -> None:
        self._leaves = [
            _Leaf(one.index, trigger, dialect)
            for one in automations
            if one.enabled
            for trigger in walk(one.trigger)
            if isinstance(trigger, (EventTrigger, MetricTrigger))
        ]
        self._by_path = defaultdict[int, dict[str, LeafFacts]](dict)
        for leaf in self._leaves:
            self._by_path[leaf.automation][leaf.path] = leaf.facts
        self._names: Counter[str] = Counter()
        self._matched: Counter[int] = Counter()
        self._events = 0
        self._span: tuple[int, int] | None = None
        self._interested: dict[str, list[_Leaf]] = {}

    def watch(self, records: Iterable[LogRecord]) -> Iterator[LogRecord]:
        """Pass records on and count them."""
        for record in records:
            if isinstance(record, Unmatched):
                self._count_unmatched(record)
            elif not isinstance(record, BadLine):
                event = event_in(record)
                self._count_name(event.name, 1)
                self._widen(event.occurred, event.occurred)
                if isinstance(event, Event):
                    self._count(event)
            yield record

    def add(self, transition: Transition) -> None:
        """Count a record of the replay."""
        if not isinstance(transition, Opened | FiredTransition):
            return
        leaf = self._by_path[transition.automation.index].get(transition.trigger.path)
        if leaf is not None:
            leaf.opened += isinstance(transition, Opened)
            leaf.fired += isinstance(transition, FiredTransition)

    def finish(self, report: ReplayReport) -> dict[int, Facts]:
        """The facts of each automation by its index."""
        times = defaultdict[int, list[int]](list)
        for firing in report.firings:
            times[firing.automation.index].append(firing.at)
        pending = report.pending_by_automation()
        first, last = self._span or (0, 0)
        found = {}
        for summary in report.automations:
            index = summary.automation.index
            found[index] = Facts(
                dialect=report.dialect,
                events=self._events,
                span=last - first,
                names=self._names,
                leaves=self._by_path[index],
                matched=self._matched[index],
                firings=summary.firings,
                is_pending=would_fire_by(summary.automation.trigger, pending[index]),
                busiest_hour=busiest(sorted(times[index]), HOUR),
                other_firings=summary.other_dialect_firings or 0,
                leaderless=report.log.leaderless,
            )
        return found

    def _count_unmatched(self, run: Unmatched) -> None:
        for code, count in Counter(run.name_codes).items():
            self._count_name(run.names[code], count)
        self._widen(min(run.occurred), max(run.occurred))

    def _count_name(self, name: str, count: int) -> None:
        self._events += count
        if name in self._names or len(self._names) < _KEPT_NAMES:
            self._names[name] += count

    def _widen(self, first: int, last: int) -> None:
        low, high = self._span or (first, last)
        self._span = (min(low, first), max(high, last))

    def _count(self, event: Event) -> None:
        name = event.name
        interested = self._interested.get(name)
        if interested is None:
            interested = [leaf for leaf in self._leaves if leaf.wants(name) is not None]
            if len(self._interested) < _KEPT_NAMES:
                self._interested[name] = interested
        self._matched.update({leaf.automation for leaf in interested if leaf.count(event)})


def busiest(times: Sequence[int], length: int) -> int:
    """The most of the sorted `times` within any period of `length`, in the same unit."""
    most = 0
    within: deque[int] = deque()
    for time in times:
        within.append(time)
        while within[0] <= time - length:
            within.popleft()
        most = max(most, len(within))
    return most


class _Leaf:
    """One event or metric trigger, with each condition compiled separately."""

    def __init__(
        self, automation: int, trigger: EventTrigger | MetricTrigger, dialect: Dialect
    ) -> None:
        self.automation = automation
        self.path = trigger.path
        self.facts = LeafFacts()
        self._matches = compile_resources(trigger, dialect)
        self._beats: dict[str, int] = {}
        self.wants = _name_reader(trigger, dialect)
        self._own = [
            (label, compile_label(patterns, dialect), self._new("match", label))
            for label, patterns in trigger.match
        ]
        self._related = [
            (
                _role(labels),
                label,
                compile_label(patterns, dialect),
                self._new("match_related", index, label),
            )
            for index, labels in enumerate(trigger.match_related)
            for label, patterns in labels
        ]
        for_each = trigger.for_each if isinstance(trigger, EventTrigger) else ()
        self._keys = [(label, compile_key((label,))) for label in for_each]

    def count(self, event: Event) -> bool:
        """Count an event that `wants` takes; return whether its resources match (M)."""
        facts = self.facts
        facts.named += 1
        for label, fits, seen in self._own:
            _see(seen, event.resource, label, fits)
        for role, label, fits, seen in self._related:
            for resource in event.related:
                if role is None or label == RESOURCE_ROLE or resource.get(RESOURCE_ROLE) == role:
                    _see(seen, resource, label, fits)
        if self._matches is not None and not self._matches(event.resource, event.related):
            return False
        facts.matched += 1
        if event.name == HEARTBEAT and len(facts.heartbeats) < _KEPT_GAPS:
            run = event.resource.get(RESOURCE_ID, "")
            if len(self._beats) >= _KEPT_GAPS:
                self._beats.clear()  # most runs ended long ago
            if run in self._beats:
                facts.heartbeats.append(event.occurred - self._beats[run])
            self._beats[run] = event.occurred
        if roles := self.wants(event.name):
            facts.expected += roles.expected
            facts.starting += roles.starts
        for label, key_of in self._keys:
            if key_of(event.resource, event.related) == ("",):
                facts.without_key[label] += 1
        return True

    def _new(self, *place: str | int) -> LabelFacts:
        return self.facts.labels.setdefault(place, LabelFacts())


def _name_reader(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> Callable[[str], NameRoles | None]:
    """The roles of a name; ``None`` if the trigger does not use it."""
    if isinstance(trigger, MetricTrigger):
        measured = NameRoles(starts=False, expected=True)
        return lambda name: None if state_name(name) is None else measured
    return compile_names(trigger, dialect)


def _role(labels: LabelPatterns) -> str | None:
    """The role that an object asks for, if it asks for exactly one."""
    patterns = dict(labels).get(RESOURCE_ROLE, ())
    return patterns[0] if len(patterns) == 1 and patterns[0].isprintable() else None


def _see(seen: LabelFacts, resource: Labels, label: str, fits: Callable[[str], bool]) -> None:
    value = resource.get(label)
    if value is None:
        return
    seen.present += 1
    if fits(value):
        seen.fits += 1
    if len(seen.values) < _KEPT_VALUES:
        seen.values.add(value)
