"""What a replay of a log showed of each automation: all that rules with a log may know.

`Observer` stands between a log and a replay: it lets every event through, and counts for
each trigger which of its conditions the events met. The replay itself is the engine's.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from trigger_cli.dialect import Dialect
from trigger_cli.engine.compile import compile_key, walk
from trigger_cli.engine.metric import state_name
from trigger_cli.matching import compile_label, compile_names, compile_resources
from trigger_cli.model import (
    Automation,
    BadLine,
    Event,
    EventTrigger,
    FiredTransition,
    LabelPatterns,
    Labels,
    MetricTrigger,
    Opened,
    Transition,
)
from trigger_cli.moments import HOUR
from trigger_cli.report import ReplayReport

_KEPT_NAMES = 5_000
_KEPT_VALUES = 200
_ROLE = "prefect.resource.role"

Place = tuple[str | int, ...]


@dataclass(slots=True)
class LabelFacts:
    """One label of ``match`` or ``match_related`` against the events that the names let in."""

    present: int = 0
    """Resources that carry it."""
    fits: int = 0
    """Of these, how many have a value that its patterns take."""
    values: set[str] = field(default_factory=set)
    """Some of the values, at most `_KEPT_VALUES`."""


@dataclass(slots=True)
class LeafFacts:
    """One event or metric trigger against the log."""

    named: int = 0
    """Events whose name it expects or starts from (N1)."""
    expected: int = 0
    """Of the matched events, those whose name is in ``expect``."""
    matched: int = 0
    """Of the named events, those that pass ``match`` and ``match_related`` (M)."""
    opened: int = 0
    fired: int = 0
    labels: dict[Place, LabelFacts] = field(default_factory=dict)
    """By where it stands: ``("match", label)``, ``("match_related", index, label)``."""
    without_key: Counter[str] = field(default_factory=Counter)
    """For each ``for_each`` label, how many matched events lack it."""


@dataclass(slots=True)
class Facts:
    """One automation against the log."""

    dialect: str
    events: int = 0
    """Events of the whole log."""
    first: int = 0
    last: int = 0
    names: Counter[str] = field(default_factory=Counter)
    """How often each event name stands in the log."""
    leaves: dict[str, LeafFacts] = field(default_factory=dict)
    """By the trigger's path."""
    firings: int = 0
    busiest_hour: int = 0
    """The most firings that lie within one hour."""
    other_dialect: str = ""
    other_firings: int = 0

    @property
    def span(self) -> int:
        """How long the log is, µs."""
        return max(self.last - self.first, 0)


class Observer:
    """Counts, for the triggers of some automations, what a log's events mean to them."""

    def __init__(self, automations: Sequence[Automation], dialect: Dialect) -> None:
        self._leaves = [
            _Leaf(one.index, trigger, dialect)
            for one in automations
            if one.enabled
            for trigger in walk(one.trigger)
            if isinstance(trigger, (EventTrigger, MetricTrigger))
        ]
        self._by_place = {(leaf.automation, leaf.path): leaf.facts for leaf in self._leaves}
        self._automations = automations
        self._names: Counter[str] = Counter()
        self._events = 0
        self._first: int | None = None
        self._last = 0
        self._interested: dict[str, list[_Leaf]] = {}

    def watch(self, records: Iterable[Event | BadLine]) -> Iterator[Event | BadLine]:
        """Let records through, and count."""
        for record in records:
            if isinstance(record, Event):
                self._count(record)
            yield record

    def add(self, transition: Transition) -> None:
        """Take a record of the replay."""
        if not isinstance(transition, Opened | FiredTransition):
            return
        place = (transition.automation.index, transition.trigger.path)
        leaf = self._by_place.get(place)
        if leaf is not None:
            if transition.kind == "opened":
                leaf.opened += 1
            else:
                leaf.fired += 1

    def finish(self, report: ReplayReport, other_dialect: str) -> dict[int, Facts]:
        """The facts of each automation by its index."""
        times: dict[int, list[int]] = {}
        for firing in report.firings:
            times.setdefault(firing.automation.index, []).append(firing.at)
        found = {}
        for summary in report.automations:
            index = summary.automation.index
            found[index] = Facts(
                dialect=report.dialect,
                events=self._events,
                first=self._first or 0,
                last=self._last,
                names=self._names,
                leaves={leaf.path: leaf.facts for leaf in self._leaves if leaf.automation == index},
                firings=summary.firings,
                busiest_hour=busiest(sorted(times.get(index, [])), HOUR),
                other_dialect=other_dialect,
                other_firings=summary.other_dialect_firings or 0,
            )
        return found

    def _count(self, event: Event) -> None:
        self._events += 1
        name = event.name
        if name in self._names or len(self._names) < _KEPT_NAMES:
            self._names[name] += 1
        if self._first is None or event.occurred < self._first:
            self._first = event.occurred
        self._last = max(self._last, event.occurred)
        interested = self._interested.get(name)
        if interested is None:
            interested = [leaf for leaf in self._leaves if leaf.wants(name) is not None]
            if len(self._interested) < _KEPT_NAMES:
                self._interested[name] = interested
        for leaf in interested:
            leaf.count(event)


def busiest(times: Sequence[int], length: int) -> int:
    """The most of the sorted `times` that lie within one stretch of `length`."""
    most = 0
    within: deque[int] = deque()
    for time in times:
        within.append(time)
        while within[0] <= time - length:
            within.popleft()
        most = max(most, len(within))
    return most


class _Leaf:
    """One event or metric trigger with its conditions compiled one by one."""

    def __init__(
        self, automation: int, trigger: EventTrigger | MetricTrigger, dialect: Dialect
    ) -> None:
        self.automation = automation
        self.path = trigger.path
        self.facts = LeafFacts()
        self._matches = compile_resources(trigger, dialect)
        self.wants = _name_reader(trigger, dialect)
        self._own = [
            (label, compile_label(patterns, dialect), self._new("match", label))
            for label, patterns in trigger.match
        ]
        self._related = [
            (_role(labels), label, compile_label(patterns, dialect), self._new(*place, label))
            for index, labels in enumerate(trigger.match_related)
            for place in [("match_related", index)]
            for label, patterns in labels
        ]
        for_each = trigger.for_each if isinstance(trigger, EventTrigger) else ()
        self._keys = [(label, compile_key((label,))) for label in for_each]

    def count(self, event: Event) -> None:
        """Count an event that `wants` takes."""
        facts = self.facts
        facts.named += 1
        for label, fits, seen in self._own:
            _see(seen, event.resource, label, fits)
        for role, label, fits, seen in self._related:
            for resource in event.related:
                if role is None or label == _ROLE or resource.get(_ROLE) == role:
                    _see(seen, resource, label, fits)
        if self._matches is not None and not self._matches(event.resource, event.related):
            return
        facts.matched += 1
        if self.wants(event.name):
            facts.expected += 1
        for label, key_of in self._keys:
            if key_of(event) == ("",):
                facts.without_key[label] += 1

    def _new(self, *place: str | int) -> LabelFacts:
        return self.facts.labels.setdefault(place, LabelFacts())


def _name_reader(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> Callable[[str], bool | None]:
    """Whether a name is expected; ``None`` where the trigger has no use for it."""
    if isinstance(trigger, MetricTrigger):
        return lambda name: True if state_name(name) is not None else None
    roles_of = compile_names(trigger, dialect)

    def wants(name: str) -> bool | None:
        roles = roles_of(name)
        return None if roles is None else roles.expected

    return wants


def _role(labels: LabelPatterns) -> str | None:
    """The one role that an object asks for, where it asks for one."""
    patterns = dict(labels).get(_ROLE, ())
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
