"""Which clauses of triggers the tests exercise, each with both answers.

A clause is a question that a trigger asks: does the name match, does the resource have the label,
is the threshold reached, has the child fired. If the answer was always yes, the clause may be
superfluous; if it was always no, it may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from trigger_cli.dialects import DIALECTS, Dialect
from trigger_cli.match.patterns import NEGATION, compile_names, compile_pattern, is_negated
from trigger_cli.match.plan import walk
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    DeliveryTransition,
    Event,
    EventTrigger,
    FiredTransition,
    HeldTransition,
    MetricTrigger,
    Transition,
    Trigger,
    TriggerTransition,
)

_Fits: TypeAlias = Callable[[str], bool]
_MANY_NAMES = 10_000


class Words(NamedTuple):
    """The names of the two answers to a clause."""

    yes: str
    no: str


_PATTERN = Words("matched", "other names")
_NEGATED = Words("excluded", "other names")
_FILTER = Words("passed", "refused")
_THRESHOLD = Words("reached", "not reached")
_WINDOW = Words("in time", "expired")
_COOLING = Words("fired", "cooled down")
_KEYS = Words("one key", "several keys")
_START = Words("started", "not started")
_WATCH = Words("satisfied", "fired")
_CHILD = Words("fired", "not needed")
_NEEDED = Words("fired", "still missing")
_ORDER = Words("in order", "out of order")
_REQUIRE = Words("fired", "waited")
_BREACH = Words("breached", "recovered")
_HELD = Words("held", "too short")


@dataclass(slots=True)
class Clause:
    """One question of one trigger, and the answers that tests have seen."""

    trigger: str
    """The trigger's path."""
    name: str
    """Where it stands in the definition, e.g. ``match.prefect.resource.name``."""
    words: Words
    yes: bool = False
    no: bool = False

    @property
    def seen(self) -> int:
        """How many of the two answers have been seen."""
        return self.yes + self.no

    @property
    def unseen(self) -> tuple[str, ...]:
        """The answers that no test has seen."""
        sides = ((self.yes, self.words.yes), (self.no, self.words.no))
        return tuple(word for seen, word in sides if not seen)


@dataclass(slots=True)
class AutomationCoverage:
    """The clauses of one automation."""

    automation: Automation
    clauses: dict[tuple[str, str], Clause] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """How many answers have been seen."""
        return sum(one.seen for one in self.clauses.values())

    @property
    def total(self) -> int:
        """How many there are."""
        return 2 * len(self.clauses)


class Coverage:
    """Collects what the tests of a run exercise; `watch` takes everything that happens."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], AutomationCoverage] = {}
        self._current: tuple[Sequence[Automation], str] | None = None
        self._observers: list[_Observer] = []

    @property
    def automations(self) -> list[AutomationCoverage]:
        """By automation, in the order in which tests named them."""
        return list(self._found.values())

    @property
    def percent(self) -> float:
        """The percentage of answers seen; 100 if there are none."""
        total = sum(one.total for one in self._found.values())
        return 100 * sum(one.seen for one in self._found.values()) / total if total else 100.0

    def add(self, automations: Iterable[Automation]) -> None:
        """Add automations that tests name, even if nothing happens to them."""
        for automation in automations:
            self._of(automation)

    def watch(
        self, automations: Sequence[Automation], dialect: str, what: Event | Transition
    ) -> None:
        """Something happened in a test."""
        if isinstance(what, DeliveryTransition):
            return
        if (
            self._current is None
            or self._current[0] is not automations
            or self._current[1] != dialect
        ):
            self.begin(automations, dialect)
        for observer in self._observers:
            if isinstance(what, Event):
                observer.event(what)
            elif what.automation.index == observer.index:
                observer.transition(what)

    def finish(self) -> None:
        """End the last test."""
        for observer in self._observers:
            observer.finish()
        self._observers = []
        self._current = None

    def begin(self, automations: Sequence[Automation], dialect: str) -> None:
        """Start another test."""
        self.finish()
        self._current = (automations, dialect)
        self._observers = [
            _Observer(one, DIALECTS[dialect], self._of(one).clauses) for one in automations
        ]

    def _of(self, automation: Automation) -> AutomationCoverage:
        # The same automation in two tests counts once; a changed one counts again.
        identity = (automation.source, automation.name, repr(automation.trigger))
        if identity not in self._found:
            clauses = {
                (one.trigger, one.name): one
                for trigger in walk(automation.trigger)
                for one in _clauses(trigger)
            }
            self._found[identity] = AutomationCoverage(automation, clauses)
        return self._found[identity]


# --- Which clauses there are -------------------------------------------------------------


def _clauses(trigger: Trigger) -> Iterator[Clause]:
    path = trigger.path
    match trigger:
        case EventTrigger():
            for key, patterns in (("expect", trigger.expect), ("after", trigger.after)):
                for pattern in patterns:
                    words = _NEGATED if is_negated(pattern) else _PATTERN
                    yield Clause(path, f"{key} {pattern}", words)
            yield from _filters(trigger)
            if trigger.after:
                yield Clause(path, "after", _START)
            if trigger.posture == "Proactive":
                yield Clause(path, "posture Proactive", _WATCH)
            else:
                yield from _counting(trigger)
            if trigger.for_each:
                yield Clause(path, "for_each", _KEYS)
        case MetricTrigger():
            yield from _filters(trigger)
            operator = f"{trigger.metric} {trigger.operator} {trigger.threshold:g}"
            yield Clause(path, operator, _BREACH)
            yield Clause(path, "firing_for", _HELD)
        case CompositeTrigger():
            for child in trigger.triggers:
                if trigger.require < len(trigger.triggers):
                    yield Clause(path, f"child {child.path}", _CHILD)
                else:
                    yield Clause(path, f"child {child.path}", _NEEDED)
            if trigger.require > 1:
                yield Clause(path, f"require {trigger.require}", _REQUIRE)
                if trigger.within is not None:
                    yield Clause(path, "within", _WINDOW)
            if trigger.kind == "sequence" and len(trigger.triggers) > 1:
                yield Clause(path, "order", _ORDER)


def _counting(trigger: EventTrigger) -> Iterator[Clause]:
    """What a reactive trigger asks of its count and its window."""
    if trigger.threshold > 1:
        yield Clause(trigger.path, f"threshold {trigger.threshold}", _THRESHOLD)
    if trigger.within:
        lasts = trigger.after or trigger.threshold > 1
        yield Clause(trigger.path, "within", _WINDOW if lasts else _COOLING)


def _filters(trigger: EventTrigger | MetricTrigger) -> Iterator[Clause]:
    for label, _ in trigger.match:
        yield Clause(trigger.path, f"match.{label}", _FILTER)
    for place, labels in enumerate(trigger.match_related):
        where = "match_related" if len(trigger.match_related) == 1 else f"match_related[{place}]"
        for label, _ in labels:
            yield Clause(trigger.path, f"{where}.{label}", _FILTER)


# --- What a test shows of them -----------------------------------------------------------


class _Observer:
    """Marks the clauses of one automation while one test runs."""

    def __init__(
        self, automation: Automation, dialect: Dialect, clauses: dict[tuple[str, str], Clause]
    ) -> None:
        self.index = automation.index
        self._clauses = clauses
        self._leaves = [
            _LeafCoverage(one, dialect, clauses)
            for one in walk(automation.trigger)
            if not isinstance(one, CompositeTrigger)
        ]
        self._keys: dict[str, set[tuple[str, ...]]] = {}
        self._held: dict[str, set[str]] = {}
        self._complete: set[str] = set()
        """Sequences that hold a firing of every child but have not fired yet."""

    def event(self, event: Event) -> None:
        """Take an event."""
        for leaf in self._leaves:
            leaf.event(event)

    def finish(self) -> None:
        """End the test: a sequence that is complete but has not fired is out of order."""
        for path in self._complete:
            self._mark(path, "order", yes=False)

    def transition(self, one: TriggerTransition) -> None:
        """Something happened to one of the automation's triggers."""
        match one.trigger:
            case EventTrigger() as trigger:
                self._of_event_trigger(trigger, one)
            case MetricTrigger() as trigger:
                self._of_metric(trigger, one)
            case CompositeTrigger() as trigger:
                self._of_composite(trigger, one)

    def _mark(self, path: str, name: str, *, yes: bool) -> None:
        clause = self._clauses.get((path, name))
        if clause is None:
            return
        if yes:
            clause.yes = True
        else:
            clause.no = True

    def _of_event_trigger(self, trigger: EventTrigger, one: TriggerTransition) -> None:
        path = trigger.path
        if trigger.for_each:
            keys = self._keys.setdefault(path, set())
            if len(keys) < 2:
                keys.add(one.key)
            self._mark(path, "for_each", yes=len(keys) == 1)
        if trigger.after and one.kind == "opened" and one.rule == "B5":
            self._mark(path, "after", yes=True)
        if one.kind == "ignored" and one.rule == "B7":
            self._mark(path, "after", yes=False)
        if trigger.posture == "Proactive":
            self._of_watch(trigger, one)
            return
        threshold = f"threshold {trigger.threshold}"
        if one.kind == "fired":
            self._mark(path, threshold, yes=True)
            self._mark(path, "within", yes=True)
        elif one.kind == "counted" and one.after is not None:
            if one.after.count < trigger.threshold:
                self._mark(path, threshold, yes=False)
        elif self._is_over(trigger, one):
            self._mark(path, "within", yes=False)

    def _is_over(self, trigger: EventTrigger, one: TriggerTransition) -> bool:
        """Whether the record shows the end of a window or a cool-down."""
        if trigger.threshold <= 1 and not trigger.after:
            return one.rule == "E1"
        return one.kind in {"closed", "dropped"} or one.rule == "S2"

    def _of_watch(self, trigger: EventTrigger, one: TriggerTransition) -> None:
        if one.kind == "fired":
            self._mark(trigger.path, "posture Proactive", yes=False)
        elif (
            one.kind in {"closed", "dropped", "renewed"}
            and one.before is not None
            and one.before.count >= trigger.threshold
        ):
            self._mark(trigger.path, "posture Proactive", yes=True)

    def _of_metric(self, trigger: MetricTrigger, one: TriggerTransition) -> None:
        operator = f"{trigger.metric} {trigger.operator} {trigger.threshold:g}"
        if one.kind == "breached":
            self._mark(trigger.path, operator, yes=True)
        elif one.kind == "recovered":
            self._mark(trigger.path, operator, yes=False)
            if trigger.path not in self._held:
                self._mark(trigger.path, "firing_for", yes=False)
            self._held.pop(trigger.path, None)
        elif one.kind == "fired":
            self._held[trigger.path] = set()
            self._mark(trigger.path, "firing_for", yes=True)

    def _of_composite(self, trigger: CompositeTrigger, one: TriggerTransition) -> None:
        path = trigger.path
        if not isinstance(one, HeldTransition | FiredTransition):
            return
        firing = one.firing
        held = self._held.setdefault(path, set())
        if path in self._complete and one.kind in {"stored", "superseded", "expired"}:
            self._mark(path, "order", yes=False)
        self._complete.discard(path)
        if one.kind == "fired":
            present = {child.trigger.path for child in firing.children}
            for child in trigger.triggers:
                name = f"child {child.path}"
                self._mark(path, name, yes=child.path in present)
            self._mark(path, f"require {trigger.require}", yes=True)
            self._mark(path, "within", yes=True)
            self._mark(path, "order", yes=True)
            held.clear()
        elif one.kind == "stored":
            held.add(firing.trigger.path)
            self._mark(path, f"child {firing.trigger.path}", yes=True)
            if trigger.require == len(trigger.triggers):
                for child in trigger.triggers:
                    if child.path not in held:
                        self._mark(path, f"child {child.path}", yes=False)
            if len(held) < trigger.require:
                self._mark(path, f"require {trigger.require}", yes=False)
            elif trigger.kind == "sequence":
                # If they are in order, `fired` comes next.
                self._complete.add(path)
        elif one.kind == "expired":
            held.discard(firing.trigger.path)
            self._mark(path, "within", yes=False)


class _LeafCoverage:
    """Marks the clauses of an event or metric trigger."""

    def __init__(
        self,
        trigger: EventTrigger | MetricTrigger,
        dialect: Dialect,
        clauses: dict[tuple[str, str], Clause],
    ) -> None:
        self._trigger = trigger
        self._dialect = dialect
        self._names: set[str] = set()
        self._patterns = list(_name_patterns(trigger, dialect, clauses))
        self._filters = {
            one.name: one
            for one in clauses.values()
            if one.trigger == trigger.path and one.words is _FILTER
        }
        self._wants = compile_names(trigger, dialect) if isinstance(trigger, EventTrigger) else None

    def event(self, event: Event) -> None:
        """Take an event."""
        if event.name not in self._names and len(self._names) < _MANY_NAMES:
            self._names.add(event.name)
            for clause, fits in self._patterns:
                if fits(event.name):
                    clause.yes = True
                else:
                    clause.no = True
        if all(one.seen == 2 for one in self._filters.values()):
            return
        if self._wants is not None and self._wants(event.name) is None:
            return
        checks = why_not(self._trigger, event, self._dialect)
        if not checks[0].passed:
            return
        for check in checks[1:]:
            filtered = self._filters.get(check.clause)
            if filtered is not None:
                filtered.yes |= check.passed
                filtered.no |= not check.passed


def _name_patterns(
    trigger: EventTrigger | MetricTrigger,
    dialect: Dialect,
    clauses: dict[tuple[str, str], Clause],
) -> Iterator[tuple[Clause, _Fits]]:
    if isinstance(trigger, MetricTrigger):
        return
    for key, patterns in (("expect", trigger.expect), ("after", trigger.after)):
        for pattern in patterns:
            fits = compile_pattern(pattern.removeprefix(NEGATION), dialect)
            yield clauses[trigger.path, f"{key} {pattern}"], fits
