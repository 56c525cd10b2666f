"""The data that a replay collects for explanations: its records, and how far each event passed."""

from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import merge
from itertools import chain
from typing import Any, Literal, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.dialects import (
    DIFFERENCE_BY_ID,
    DOCS,
    SERVER,
    Dialect,
    counterpart,
    with_difference,
)
from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.runs import FiringRun
from trigger_cli.events.scan import Interests
from trigger_cli.explain.kept_events import KeptEvents, Plain
from trigger_cli.explain.replayed import end_of, lost_to
from trigger_cli.explain.scope import Share
from trigger_cli.explain.tally import JointTally, LeafTally
from trigger_cli.firings import FiringStore
from trigger_cli.match.filters import Filters
from trigger_cli.match.lists import listed
from trigger_cli.match.matcher import Side, Sides, sides_of
from trigger_cli.match.plan import leaves_of, walk
from trigger_cli.model import (
    RECORDS,
    Automation,
    Closed,
    CompositeTrigger,
    DeliveryTransition,
    Event,
    EventTrigger,
    FiredTransition,
    Firing,
    Ignored,
    Pending,
    TransitionKind,
    TriggerTransition,
)
from trigger_cli.pipeline import ReplayOptions, SidesRun
from trigger_cli.read.reading import labels_of
from trigger_cli.report import ReplayReport
from trigger_cli.times import TimePoint
from trigger_cli.vocabulary import (
    ALL_STATES,
    FLOW_RUN,
    RUN_PREFIXES,
    is_near,
    state_of,
)

MOST_SORTED = 150_000
"""The most events to sort into another order of delivery, which takes as long as reading them."""
MOST_WORK = 150_000
"""The most events that all changes together may process; about as many as a replay takes in 2 s."""
KEPT_RECORDS = 20_000
"""How many transitions of one trigger are kept from the beginning, and from the end."""
_MOST_NEAR = 200
"""The most patterns with which a name is compared letter by letter."""


_BATCH = 512
"""How many transitions are put into columns together, which takes less time."""
_CLASSES: Mapping[Any, Any] = RECORDS
_REST = 8
"""The place of the first field of a record that not all records of a trigger have."""
_MADE = {kind: (made, made.__struct_fields__[_REST:]) for kind, made in _CLASSES.items()}


class _Rows:
    """Transitions of one trigger in columns, a third of the size; each is made anew when read."""

    def __init__(self) -> None:
        self._latest: list[TriggerTransition] = []
        self._seqs, self._ats, self._causes = array("q"), array("q"), array("q")
        """The columns `seq`, `at`, and the first of `because`, -1 for none."""
        self._because: dict[int, tuple[int, ...]] = {}
        """By `seq`, where there are several."""
        self._rules: list[str] = []
        self._events: list[Event | None] = []
        self._kinds: list[TransitionKind] = []
        self._of: tuple[Any, ...] = ()
        """The automation and the trigger."""
        self._rest: list[Any] = []
        """The fields that follow the trigger; how many they are is told by the kind."""

    def __len__(self) -> int:
        return len(self._seqs) + len(self._latest)

    def add(self, one: TriggerTransition) -> None:
        """Add the next transition."""
        self._latest.append(one)
        if len(self._latest) == _BATCH:
            self._store_batch()

    def _store_batch(self) -> None:
        latest = self._latest
        self._seqs.extend([one.seq for one in latest])
        self._ats.extend([one.at for one in latest])
        self._causes.extend([one.because[0] if one.because else -1 for one in latest])
        self._because |= {one.seq: one.because for one in latest if len(one.because) > 1}
        self._kinds += [one.kind for one in latest]
        self._rules += [one.rule for one in latest]
        self._events += [one.event for one in latest]
        self._rest += [getattr(one, name) for one in latest for name in _MADE[one.kind][1]]
        self._of = (latest[0].automation, latest[0].trigger)
        latest.clear()

    def __iter__(self) -> Iterator[TriggerTransition]:
        rest, begin, several = self._rest, 0, self._because
        columns = (self._seqs, self._ats, self._kinds, self._rules, self._causes, self._events)
        for seq, at, kind, rule, cause, event in zip(*columns, strict=True):
            made, names = _MADE[kind]
            because = () if cause < 0 else several.get(seq) or (cause,)
            end = begin + len(names)
            yield made(seq, at, kind, rule, because, event, *self._of, *rest[begin:end])
            begin = end
        yield from self._latest


class _OfTrigger:
    """The transitions of one trigger: all, or the first and last, and the first firings between."""

    def __init__(self) -> None:
        self.fired = 0
        self._first, self._fired = _Rows(), _Rows()
        self._last: deque[TriggerTransition] = deque()
        self.missing = 0

    def add(self, transition: TriggerTransition) -> None:
        self.fired += transition.kind == "fired"
        if len(self._first) < KEPT_RECORDS:
            self._first.add(transition)
            return
        self._last.append(transition)
        if len(self._last) <= KEPT_RECORDS:
            return
        let_go = self._last.popleft()
        if let_go.kind == "fired" and len(self._fired) < KEPT_RECORDS:
            self._fired.add(let_go)
        else:
            self.missing += 1

    def __iter__(self) -> Iterator[TriggerTransition]:
        return chain(self._first, self._fired, self._last)


class Records:
    """The transitions of one automation; of each trigger all, or the first and the last."""

    def __init__(self) -> None:
        self._by_path: dict[str, _OfTrigger] = {}

    def add(self, transition: TriggerTransition) -> None:
        """Add the next transition."""
        path = transition.trigger.path
        own = self._by_path.get(path)
        if own is None:
            own = self._by_path[path] = _OfTrigger()
        own.add(transition)

    def fired(self, path: str) -> int:
        """The number of firings of one trigger, including those that are not kept."""
        return self._by_path[path].fired if path in self._by_path else 0

    def of(self, path: str) -> list[TriggerTransition]:
        """The transitions of one trigger, in order."""
        return list(self._by_path.get(path, ()))

    def __iter__(self) -> Iterator[TriggerTransition]:
        return merge(*self._by_path.values(), key=lambda one: one.seq)

    @property
    def missing(self) -> int:
        """The number of transitions not kept."""
        return sum(one.missing for one in self._by_path.values())


Variant: TypeAlias = tuple[Automation, Dialect]
"""An automation, possibly changed, and the dialect of its replay."""
Told: TypeAlias = Literal["firings", "firings of all triggers", "records"]
"""The result of a replay: the automations' own firings, those of all triggers, or all records."""


class Outcome(Struct, frozen=True):
    """The outcome of a changed replay for one automation."""

    firings: Sequence[Firing]
    """The automation's own firings, in order."""
    pending: tuple[Pending, ...]
    fired: Sequence[Firing] = ()
    """The firings of all of its triggers, in order, unless only its own are told."""
    records: tuple[TriggerTransition, ...] = ()


class Occasion(Struct, frozen=True):
    """What identifies a firing in a replay with changes: its event or, without one, its time."""

    line: int | None
    """`Event.line`."""
    at: int
    """The time, µs; 0 if there is an event."""


def occasion_of(firing: Firing) -> Occasion:
    """The occasion of a firing."""
    event = firing.event
    return Occasion(None, firing.at) if event is None else Occasion(event.line, 0)


class Trial(Struct, frozen=True):
    """What a changed replay decides about one automation, however often it fires."""

    firings: int
    """The number of its own firings."""
    has_wanted: bool
    """Whether one of them is on the occasion that was asked about."""
    pending: tuple[Pending, ...]


class _OpenTrial:
    """A `Trial` while it is replayed.

    Args:
        index: `Automation.index` of its variant.
        most: How many firings without an event it may have, those in a row as one.
        wanted: The occasion to look for.
        share: Limits it to a scope.
    """

    def __init__(self, index: int, most: int, wanted: Occasion | None, share: Share | None) -> None:
        self._index = index
        self._left = most
        self._wanted = wanted
        self._share = share
        self._firings = 0
        self._has_wanted = False

    def take(self, fired: FiredTransition) -> None:
        """Count a firing of the automation, or one of a child towards the limit."""
        firing = fired.firing
        if firing.event is None:
            self._note_silence()
        if not fired.is_own:
            return
        is_counted = self._share is None or self._share.has_firing(firing)
        self._firings += is_counted
        # Of a composite, the same event may fire it with the firings of other children.
        if is_counted or firing.event is not None:
            self._has_wanted |= occasion_of(firing) == self._wanted

    def take_run(self, run: FiringRun) -> None:
        """Count firings in a row without an event."""
        self._note_silence()
        if self._share is None or self._share.has_run(run):
            self._firings += run.number
            if self._wanted is not None and self._wanted.line is None:
                self._has_wanted |= run.has(self._wanted.at)

    def _note_silence(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooOftenError(self._index)

    def trial(self, pending: Iterable[Pending]) -> Trial:
        """The trial, with the open deadlines of its replay."""
        due = pending if self._share is None else filter(self._share.has_pending, pending)
        return Trial(self._firings, self._has_wanted, tuple(due))


class _TooOftenError(Exception):
    """A changed automation fires too often without an event."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


@dataclass
class Evidence:
    """A replay and the events it took; filled by `gather`."""

    automations: tuple[Automation, ...]
    options: ReplayOptions
    kept: KeptEvents
    report: ReplayReport = field(init=False)
    """Set at the end of the replay."""
    names: Counter[str] = field(default_factory=Counter)
    """The number of events taken, by name."""
    delivered: int = 0
    """The number of events that reached the triggers, without duplicates and waiting events."""
    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The state types that events reported, by name; for names of flow run states."""
    deliveries: deque[DeliveryTransition] = field(
        default_factory=lambda: deque(maxlen=KEPT_RECORDS)
    )
    """What delivery did with events (O2, O4)."""
    found: list[Event] = field(default_factory=list)
    """The requested events, with all labels."""
    taken: set[int] = field(default_factory=set)
    """The lines of requested events that were taken; options may exclude others."""
    read: int = 0
    """The number of events read, including those not taken."""
    log_start: int = 0
    """When the log's first event occurred, µs."""
    has_received: bool = True
    """Whether every event has `received`."""
    without_offset: int = 0
    """The number of events read whose time has no offset, which the reader tells."""

    def __post_init__(self) -> None:
        self.records = {one.index: Records() for one in self.automations}
        """The records of each automation, by index."""
        filters, by_filter = Filters(), dict[int, LeafTally]()
        self.tallies = {
            (automation.index, trigger.path): by_filter.setdefault(
                filters.of(trigger, self.dialect).number, LeafTally(trigger, self.dialect)
            )
            for automation in self.automations
            for trigger in leaves_of(automation.trigger)
        }
        """The tally of each event or metric trigger; those with the same filter share one."""
        self.joint_tallies = {
            (automation.index, trigger.path): JointTally(
                self.tallies[automation.index, one.path] for one in leaves_of(trigger)
            )
            for automation in self.automations
            for trigger in walk(automation.trigger)
            if isinstance(trigger, CompositeTrigger)
        }
        """The tally of each composite trigger, over its event and metric triggers."""

    def tallies_of(self, automation: Automation) -> Sequence[LeafTally]:
        """The tallies of the automation's event and metric triggers."""
        return self._tallies_by_index[automation.index]

    @cached_property
    def _tallies_by_index(self) -> dict[int, list[LeafTally]]:
        found: dict[int, list[LeafTally]] = defaultdict(list)
        for (index, _), tally in self.tallies.items():
            found[index].append(tally)
        return found

    @cached_property
    def pending(self) -> dict[int, list[Pending]]:
        """The open deadlines at the end of the replay, by `Automation.index`."""
        return self.report.pending_by_automation()

    def deliveries_of(self, event: Event) -> list[DeliveryTransition]:
        """As in `Replayed`."""
        return self._by_line.get(event.line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[DeliveryTransition]]:
        return by_line(self.deliveries)

    def tally_over(self, trigger: EventTrigger, events: Iterable[Event]) -> LeafTally:
        """How far some events pass a trigger, which may be changed."""
        tally = LeafTally(trigger, self.dialect)
        for event in events:
            if lost_to(self, event) is None:
                tally.add(event)
        return tally

    def joint_tally_over(self, composite: CompositeTrigger, events: Iterable[Event]) -> JointTally:
        """How far some events pass a composite's event and metric triggers."""
        tallies = [LeafTally(one, self.dialect) for one in leaves_of(composite)]
        joint = JointTally(tallies)
        for event in events:
            if lost_to(self, event) is None:
                joint.add({one: one.add(event) for one in tallies})
        return joint

    def left_out(self, event: Event) -> str | None:
        """As in `Replayed`, for a requested event."""
        if event.line in self.taken:
            return None
        first, last = self.options.taken_from, self.options.taken_to
        if first is not None and event.occurred < first.resolve(self.log_start):
            return "before --from"
        if last is not None and event.occurred > last.resolve(self.log_start):
            return "after --to"
        until = self.options.until
        is_late = until is not None and event.occurred > until.resolve(self.log_start)
        return "after --until" if is_late else "but was processed after --until"

    def records_from(self, automation: Automation, event: Event) -> Records:  # noqa: ARG002
        """As in `Replayed`: all records of the automation."""
        return self.records[automation.index]

    def window_ended(self, ignored: Ignored) -> int | None:
        """As in `Replayed`."""
        records = self.records[ignored.automation.index]
        if records.missing:
            return None
        own = records.of(ignored.trigger.path)
        ended = (
            end_of(one)
            for one in reversed(own)
            if isinstance(one, FiredTransition | Closed)
            and one.seq < ignored.seq
            and one.key == ignored.key
        )
        return next(ended, None)

    def has_id(self, ident: str) -> bool | None:
        """As in `Replayed`."""
        if any(one.id == ident for one in self.kept.events()):
            return True
        return False if self.kept.count == self.read else None

    @property
    def dialect(self) -> Dialect:
        """The dialect of the replay."""
        return self.options.dialect

    def with_row(self, row: str) -> Dialect:
        """The replay's dialect with the other dialect's choice for one row of section D."""
        return with_difference(self.dialect, DIFFERENCE_BY_ID[row], self.other_dialect)

    @property
    def other_dialect(self) -> Dialect:
        """The dialect that the replay's is compared with."""
        return counterpart(self.dialect)

    @property
    def is_long(self) -> bool:
        """Whether there are too many events to sort them into another order."""
        return self.kept.count > MOST_SORTED

    @property
    def may_have_late_events(self) -> bool:
        """Whether an event may have been processed later than it occurred."""
        options = self.options
        return options.order != "occurred" or options.start is not None or bool(self.deliveries)

    @property
    def can_repeat(self) -> bool:
        """Whether `each_again` is reliable: unchanged, it reproduces the firings of the replay."""
        return not self.kept.failed

    def each_again(
        self,
        variants: Sequence[Variant],
        order: str | None = None,
        *,
        until: int | None = None,
        told: Told = "firings",
    ) -> list[Outcome]:
        """Replay automations on the same events, both possibly changed.

        Replaying several at once is faster: the events are read once, and delivered and matched
        once per dialect.

        Args:
            variants: The automations to replay, each with its dialect.
            order: The order of delivery; ``None``: the replay's own.
            until: When the replays end, µs; ``None``: when the replay did.
            told: What the outcomes contain; "records" takes twice as long as the others.
        """
        if not variants:
            return []
        run = self._run_of(variants, order, until=until, firings_only=told != "records")
        automations = [replace(one, index=place) for place, (one, _) in enumerate(variants)]
        own, fired = ([FiringStore([one]) for one in automations] for _ in range(2))
        records: list[list[TriggerTransition]] = [[] for _ in variants]
        for _, one in run:
            if isinstance(one, DeliveryTransition):
                continue
            place = one.automation.index
            if one.kind == "fired" and (told != "firings" or one.is_own):
                if one.is_own:
                    own[place].add(one.firing)
                if told != "firings":
                    fired[place].add(one.firing)
            if told == "records":
                records[place].append(one)
        pending = _pending_by_variant(run, variants)
        return [
            Outcome(own[place], tuple(pending[place]), fired[place], tuple(records[place]))
            for place in range(len(variants))
        ]

    def each_trial(
        self, variants: Sequence[Variant], wanted: Occasion | None, share: Share | None = None
    ) -> list[Trial | None]:
        """As `each_again`, in memory and time that do not grow with firings without an event.

        Args:
            variants: As in `each_again`.
            wanted: The occasion to look for.
            share: Limits the trials to a scope that shares no bucket, but for a firing by the event
                that is looked for; ``None``: no limit.

        Returns:
            The trial of each variant; ``None`` for one with too many firings to replay: endless
            ones, or more often without an event than the log has events.
        """
        if not variants:
            return []
        most = max(MOST_WORK, self.kept.count)
        trials = [_OpenTrial(index, most, wanted, share) for index in range(len(variants))]
        run = self._run_of(
            variants, take_run=lambda several: trials[several.automation.index].take_run(several)
        )
        try:
            for _, one in run:
                if one.kind == "fired":
                    trials[one.automation.index].take(one)
        except (EndlessError, _TooOftenError) as error:
            others = [*variants[: error.index], *variants[error.index + 1 :]]
            found = self.each_trial(others, wanted, share)
            return [*found[: error.index], None, *found[error.index :]]
        pending = _pending_by_variant(run, variants)
        return [one.trial(open_) for one, open_ in zip(trials, pending, strict=True)]

    def _run_of(
        self,
        variants: Sequence[Variant],
        order: str | None = None,
        *,
        until: int | None = None,
        firings_only: bool = True,
        take_run: Callable[[FiringRun], None] | None = None,
    ) -> SidesRun:
        """The replay of `each_again`; each variant's `Automation.index` is its place."""
        by_dialect: dict[Dialect, list[Automation]] = defaultdict(list)
        for index, (automation, dialect) in enumerate(variants):
            by_dialect[dialect].append(replace(automation, index=index))
        sides = Sides(tuple(Side(tuple(of), dialect) for dialect, of in by_dialect.items()))
        matcher, plans = sides.plans()
        kept = self.kept.matched(matcher, None if order is None else _ORDERS[order])
        options = replace(self.options, may_be_empty=True)
        if until is not None:
            options = replace(options, until=TimePoint(until), until_quiet=False)
        return SidesRun(plans, kept, options, firings_only=firings_only, take_run=take_run)


def _pending_by_variant(run: SidesRun, variants: Sequence[Variant]) -> list[list[Pending]]:
    """The open deadlines of each variant after a run of them."""
    pending: list[list[Pending]] = [[] for _ in variants]
    for due in chain.from_iterable(run.pending()):
        pending[due.automation.index].append(due)
    return pending


_Record = TypeVar("_Record", TriggerTransition, DeliveryTransition)


def by_line(records: Iterable[_Record]) -> dict[int, list[_Record]]:
    """The records by event line, in order."""
    found: dict[int, list[_Record]] = defaultdict(list)
    for one in records:
        if one.event is not None:
            found[one.event.line].append(one)
    return found


_ORDERS: dict[str, Callable[[Plain], tuple[int, int]]] = {
    "occurred": lambda event: (event[3], event[0]),
    "received": lambda event: (event[4] or 0, event[0]),
    "log": lambda event: (event[0], event[0]),
}
"""The fields of a `Heading` that each order of delivery sorts by (O1)."""


def _patterns(triggers: Iterable[EventTrigger]) -> list[str]:
    return [pattern for one in triggers for pattern in one.expect + one.after]


def _is_custom_state(name: str) -> bool:
    state = state_of(name)
    return state is not None and state not in ALL_STATES


class NearNames(Struct, frozen=True):
    """Selects the events whose labels an explanation needs, also for slightly changed triggers."""

    automations: Sequence[Automation]

    def needs(self) -> Callable[[str], bool]:
        """Whether labels of events with a name are needed."""
        matcher, _ = sides_of(self.automations, DOCS, SERVER).plans()
        triggers = [
            trigger
            for automation in self.automations
            for trigger in walk(automation.trigger)
            if isinstance(trigger, EventTrigger)
        ]
        patterns = _patterns(triggers)
        nearly = list(dict.fromkeys(patterns))[:_MOST_NEAR]
        meant = {name for one in patterns for name in listed(one)}
        # The other states of a watched run show what it did instead.
        watched = _patterns(one for one in triggers if one.posture == "Proactive")
        # Only the labels of a state with a name of its own tell of which type it is.
        wants_states = any(one.startswith(FLOW_RUN) for one in patterns)
        runs = tuple(one for one in RUN_PREFIXES if any(name.startswith(one) for name in watched))

        def needs(name: str) -> bool:
            return (
                matcher.of_name(name) is not None
                or (name.startswith(runs) and state_of(name) is not None)
                or name in meant
                or (wants_states and name.startswith(FLOW_RUN) and _is_custom_state(name))
                or is_near(nearly, name)
            )

        return needs

    def interests(self) -> Interests:
        """All labels of these events."""
        return labels_of(self.needs())
