"""Reports which clauses of triggers the tests exercise, with which answers.

A clause is a question of a trigger: does the name match, does the resource have the label, is the
threshold reached, has the child fired. If the answer was always yes, the clause may be superfluous;
if it was always no, it may be wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct, field

from trigger_cli.dialects import DIALECTS, Dialect
from trigger_cli.explain.changes import places
from trigger_cli.match.patterns import NEGATION, compile_names, compile_pattern, is_negated
from trigger_cli.match.plan import is_evaluated, leaves_of, walk
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    Automation,
    Closed,
    CompositeTrigger,
    DeliveryTransition,
    Event,
    EventTrigger,
    FiredTransition,
    HeldTransition,
    MetricTrigger,
    Renewed,
    Transition,
    Trigger,
    TriggerTransition,
)

_MANY_NAMES = 10_000


class Words(Struct, frozen=True):
    """The names of the two answers to a clause."""

    yes: str
    no: str


_FILTER = Words("passed", "refused")
_WINDOW = Words("in time", "expired")


class Clause(Struct):
    """One question of one trigger, and the answers that occurred in tests."""

    trigger: str
    """The trigger's path."""
    name: str
    """Its place in the definition, e.g. ``match.prefect.resource.name``."""
    words: Words
    yes: bool = False
    no: bool = False

    @property
    def seen(self) -> int:
        """How many of the two answers occurred."""
        return self.yes + self.no

    def mark(self, *, yes: bool) -> None:
        """Record an answer."""
        self.yes |= yes
        self.no |= not yes

    @property
    def unseen(self) -> tuple[str, ...]:
        """The answers that occurred in no test."""
        sides = ((self.yes, self.words.yes), (self.no, self.words.no))
        return tuple(word for seen, word in sides if not seen)


class AutomationCoverage(Struct):
    """The clauses of one automation."""

    automation: Automation
    test: str
    """The first test that has it: automations that test files contain are all called alike."""
    clauses: dict[tuple[str, str], Clause] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """How many answers occurred."""
        return sum(one.seen for one in self.clauses.values())

    @property
    def total(self) -> int:
        """How many answers are possible."""
        return 2 * len(self.clauses)


class Coverage:
    """Collects the coverage of a run; `watch` is told of each replay of a test."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], AutomationCoverage] = {}
        self._observers: list[_Observer] = []

    @property
    def automations(self) -> list[AutomationCoverage]:
        """By automation, in the order in which tests named them."""
        return list(self._found.values())

    @property
    def percent(self) -> float:
        """The percentage of answers that occurred; 100 if there are none."""
        total = sum(one.total for one in self._found.values())
        return 100 * sum(one.seen for one in self._found.values()) / total if total else 100.0

    def add(self, automations: Iterable[Automation], test: str) -> None:
        """Add the automations that a test names, also those without any record."""
        for automation in automations:
            self._of(automation, test)

    def watch(
        self, automations: Sequence[Automation], dialect: str
    ) -> Callable[[Event | Transition], None]:
        """Begin a replay of a test; what is returned records its events and transitions."""
        self.finish()
        rules = DIALECTS[dialect]
        self._observers = [
            _Observer(one, rules, self._of(one, "").clauses)
            for one in automations
            if is_evaluated(one, rules)
        ]
        return self._observe

    def _observe(self, what: Event | Transition) -> None:
        if isinstance(what, DeliveryTransition):
            return
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

    def _of(self, automation: Automation, test: str) -> AutomationCoverage:
        # An automation in two tests counts once; a changed one counts as another.
        identity = (automation.source, automation.name, repr(automation.trigger))
        if identity not in self._found:
            clauses = {
                (one.trigger, one.name): one
                for trigger in walk(automation.trigger)
                for one in _clauses(trigger)
            }
            self._found[identity] = AutomationCoverage(automation, test, clauses)
        return self._found[identity]


# --- The clauses of a trigger ------------------------------------------------------------


def _clauses(trigger: Trigger) -> Iterator[Clause]:
    path = trigger.path
    match trigger:
        case EventTrigger():
            for name, pattern in _patterns(trigger):
                answer = "excluded" if is_negated(pattern) else "matched"
                yield Clause(path, name, Words(answer, "other names"))
            yield from _filters(trigger)
            if trigger.after:
                yield Clause(path, "after", Words("started", "not started"))
            if trigger.posture == "Proactive":
                yield Clause(path, "posture Proactive", Words("satisfied", "fired"))
            else:
                lasts = trigger.after or trigger.threshold > 1
                if trigger.threshold > 1:
                    yield Clause(
                        path, f"threshold {trigger.threshold}", Words("reached", "not reached")
                    )
                if trigger.within:
                    cooling = Words("fired", "cooled down")
                    yield Clause(path, "within", _WINDOW if lasts else cooling)
            if trigger.for_each:
                yield Clause(path, "for_each", Words("one key", "several keys"))
        case MetricTrigger():
            yield from _filters(trigger)
            yield Clause(path, _operator(trigger), Words("breached", "recovered"))
            yield Clause(path, "firing_for", Words("held", "too short"))
        case CompositeTrigger():
            spare = trigger.require < len(trigger.triggers)
            for child in trigger.triggers:
                words = Words("fired", "not needed" if spare else "still missing")
                yield Clause(path, f"child {child.path}", words)
            if trigger.require > 1:
                yield Clause(path, f"require {trigger.require}", Words("fired", "waited"))
                if trigger.within is not None:
                    yield Clause(path, "within", _WINDOW)
            if trigger.kind == "sequence" and len(trigger.triggers) > 1:
                yield Clause(path, "order", Words("in order", "out of order"))


def _filters(trigger: EventTrigger | MetricTrigger) -> Iterator[Clause]:
    return (Clause(trigger.path, one.clause(trigger), _FILTER) for one in places(trigger))


def _operator(trigger: MetricTrigger) -> str:
    return f"{trigger.metric} {trigger.operator} {trigger.threshold:g}"


# --- The answers of a test ---------------------------------------------------------------


class _Observer:
    """Marks the clauses of one automation while one test runs."""

    def __init__(
        self, automation: Automation, dialect: Dialect, clauses: dict[tuple[str, str], Clause]
    ) -> None:
        self.index = automation.index
        self._clauses = clauses
        self._leaves = [
            _LeafCoverage(one, dialect, clauses) for one in leaves_of(automation.trigger)
        ]
        self._keys: dict[str, set[tuple[str, ...]]] = {}
        self._held: dict[str, set[str]] = {}
        self._complete: set[str] = set()
        """Sequences that contain a firing of every child but have not fired yet."""

    def event(self, event: Event) -> None:
        """Record an event."""
        for leaf in self._leaves:
            leaf.event(event)

    def finish(self) -> None:
        """End the test: the order of a sequence that is complete but has not fired is wrong."""
        for path in self._complete:
            self._mark(path, "order", yes=False)

    def transition(self, one: TriggerTransition) -> None:
        """Record a transition of one of the automation's triggers."""
        match one.trigger:
            case EventTrigger(posture="Proactive") as trigger:
                self._of_event_trigger(trigger, one)
                self._of_watch(trigger, one)
            case EventTrigger() as trigger:
                self._of_event_trigger(trigger, one)
                self._of_count(trigger, one)
            case MetricTrigger() as trigger:
                self._of_metric(trigger, one)
            case CompositeTrigger() as trigger:
                self._of_composite(trigger, one)

    def _mark(self, path: str, name: str, *, yes: bool) -> None:
        if (path, name) in self._clauses:
            self._clauses[path, name].mark(yes=yes)

    def _of_event_trigger(self, trigger: EventTrigger, one: TriggerTransition) -> None:
        path = trigger.path
        if trigger.for_each:
            keys = self._keys.setdefault(path, set())
            if len(keys) < 2:
                keys.add(one.key)
            self._mark(path, "for_each", yes=len(keys) == 1)
        if trigger.after and one.kind == "opened" and one.rule in {"B5", "H4"}:
            self._mark(path, "after", yes=True)
        if one.kind == "ignored" and one.rule in {"B7", "H2"}:
            self._mark(path, "after", yes=False)

    def _of_count(self, trigger: EventTrigger, one: TriggerTransition) -> None:
        path, threshold = trigger.path, f"threshold {trigger.threshold}"
        if one.kind == "fired":
            self._mark(path, threshold, yes=True)
            self._mark(path, "within", yes=True)
        elif one.kind == "counted":
            if one.after.count < trigger.threshold:
                self._mark(path, threshold, yes=False)
        elif trigger.threshold <= 1 and not trigger.after:
            if one.rule == "E1":
                # The bucket cools down.
                self._mark(path, "within", yes=False)
        elif isinstance(one, Closed) or one.rule == "S2":
            self._mark(path, "within", yes=False)

    def _of_watch(self, trigger: EventTrigger, one: TriggerTransition) -> None:
        if one.kind == "fired":
            self._mark(trigger.path, "posture Proactive", yes=False)
        elif isinstance(one, Closed | Renewed) and one.before.count >= trigger.threshold:
            self._mark(trigger.path, "posture Proactive", yes=True)

    def _of_metric(self, trigger: MetricTrigger, one: TriggerTransition) -> None:
        path = trigger.path
        if one.kind in {"breached", "recovered"}:
            self._mark(path, _operator(trigger), yes=one.kind == "breached")
        if one.kind == "recovered" and self._held.pop(path, None) is None:
            self._mark(path, "firing_for", yes=False)
        if one.kind == "fired":
            self._held[path] = set()
            self._mark(path, "firing_for", yes=True)

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
                self._mark(path, f"child {child.path}", yes=child.path in present)
            for name in (f"require {trigger.require}", "within", "order"):
                self._mark(path, name, yes=True)
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
                # If they are in order, the next record is `fired`.
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
        self._patterns = [
            (clauses[trigger.path, name], compile_pattern(pattern.removeprefix(NEGATION), dialect))
            for name, pattern in _patterns(trigger)
        ]
        self._filters = {
            one.name: one
            for one in clauses.values()
            if one.trigger == trigger.path and one.words is _FILTER
        }
        self._wants = compile_names(trigger, dialect) if isinstance(trigger, EventTrigger) else None

    def event(self, event: Event) -> None:
        """Record an event."""
        if event.name not in self._names and len(self._names) < _MANY_NAMES:
            self._names.add(event.name)
            for clause, fits in self._patterns:
                clause.mark(yes=fits(event.name))
        if all(one.seen == 2 for one in self._filters.values()):
            return
        if self._wants is not None and self._wants(event.name) is None:
            return
        checks = why_not(self._trigger, event, self._dialect)
        if not checks[0].passed:
            return
        for check in checks[1:]:
            if check.clause in self._filters:
                self._filters[check.clause].mark(yes=check.passed)


def _patterns(trigger: EventTrigger | MetricTrigger) -> Iterator[tuple[str, str]]:
    """The name of the clause of each event name, and its pattern."""
    if isinstance(trigger, EventTrigger):
        yield from ((f"expect {pattern}", pattern) for pattern in trigger.expect)
        yield from ((f"after {pattern}", pattern) for pattern in trigger.after)
