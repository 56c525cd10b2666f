"""Cuts a test out of a log: the smallest slice that still gives the same firings.

The search starts with the events of the firings' causal chains, adds other events that are needed,
and then removes every event that can be removed. Each step is checked by a replay.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.dialects import DIALECTS
from trigger_cli.engine.replay import Replay
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    DeliveryOrder,
    DeliveryTransition,
    Event,
    EventTrigger,
    Firing,
    HeldTransition,
    Key,
    Transition,
    key_labels,
)
from trigger_cli.testing.events import in_order
from trigger_cli.testing.shrinking import Budget, Shrunk, shrink
from trigger_cli.views.firing_identity import Identity, identity_of
from trigger_cli.views.lost_leaders import LostLeaders
from trigger_cli.views.trigger_state import Stored, store, valid_firings

BUDGET = 1_000_000
"""The budget of the search: how many events and transitions may be replayed in total."""
MOST_EVENTS = 2_000
"""The most events of a test: people read it, and each run replays it."""
_SHORT_CHAIN = 64
"""How many of the last events of a firing's chain are tried first."""
_ONCE_MORE = 200_000
"""The budget for events of one firing that another firing makes superfluous."""
_BEFORE = 64
"""How many events of earlier firings are put before such a chain."""
KEPT_EVENTS = 500_000
"""The most events of a log that are kept if all of them may be needed."""
_Predicate: TypeAlias = Callable[[Sequence[Event]], bool]
_StoredByPath: TypeAlias = dict[str, Stored]
"""By a composite's path, the firings that it stores."""


class Setting(Struct, frozen=True):
    """The settings of a replay."""

    automation: Automation
    dialect: str
    order: DeliveryOrder
    start: int
    until: int

    def transitions(self, events: Iterable[Event]) -> Iterator[Transition]:
        """Replay the events, which are in log order, in the order of delivery."""
        matcher, plan = plan_of([self.automation], DIALECTS[self.dialect])
        replay = Replay(plan)
        replay.start(self.start)
        for event in in_order(events, self.order):
            if event.occurred > self.until:
                break
            yield from replay.take(matcher.match(event))
        yield from replay.finish(self.until)


class Reached(Struct, frozen=True):
    """The furthest state of a trigger that never fired."""

    trigger: str
    labels: tuple[tuple[str, str], ...]
    at: int
    count: int


class _Count(Struct, frozen=True):
    """How many events a bucket has counted, or firings a composite stores."""

    trigger: EventTrigger | CompositeTrigger
    key: Key
    count: int
    needed: int


class Target(Struct, frozen=True):
    """The required result of a replay of the slice."""

    wanted: tuple[Identity, ...]
    """The firings that must occur."""
    allowed: AbstractSet[Identity]
    """The firings that may occur."""
    reached: Reached | None = None
    """The count that must be reached if there are no firings."""


class Slice(Struct, frozen=True):
    """The result of a search."""

    setting: Setting
    events: tuple[Event, ...]
    """In log order."""
    firings: tuple[Firing, ...]
    """The firings of the events."""
    target: Target
    tries: int
    minimal: bool
    """Whether no single event can be removed."""


class CapturedReplay(Struct, frozen=True):
    """The parts of a log's replay that are needed to cut a slice out of it."""

    setting: Setting
    touched: tuple[Event, ...]
    """The events that had an effect, and the leaders that they waited for, in log order."""
    everything: tuple[Event, ...] | None
    """All events; ``None`` if there were too many to keep."""
    firings: tuple[Firing, ...]
    reached: Reached | None
    chains: dict[Identity, frozenset[int]]
    """By firing, the `Event.line` of each event in its causal chain."""
    waited: frozenset[int]
    """The `Event.line` of each event that waited for the event that it follows (O4)."""
    leaderless: int
    """How many of these waited in vain."""


class SliceTooLargeError(Exception):
    """The firings need more events than a test may have; the message states a lower bound."""

    def __init__(self, events: int) -> None:
        super().__init__(f"the firings need {events:,} events or more")


class _Aim(Struct, frozen=True):
    """The goal of a search: all firings of a recording, or one of them."""

    setting: Setting
    target: Target
    causes: frozenset[int]
    """The `Event.line` of the events to start with: those of the causal chains."""
    pinned: frozenset[int]
    """The `Event.line` of the events that identify the firings; they must be kept."""


def cut(
    recording: CapturedReplay, *, number: int | None = None, budget: int = BUDGET
) -> Slice | None:
    """Find the smallest slice that gives the recording's firings.

    Args:
        recording: The recorded replay of the log.
        number: Keep only the firing of this number, counted from 1. Others may be lost; none may be
            added.
        budget: How many events may be replayed in total.

    Returns:
        The slice; ``None`` if the recorded events do not give the firings again.

    Raises:
        SliceTooLargeError: The slice has more than `MOST_EVENTS` events.
    """
    aim = _aim(recording, number)
    if len(aim.pinned) > MOST_EVENTS:
        raise SliceTooLargeError(len(aim.pinned))
    purse = Budget(budget)
    does_it = _hits(recording, aim, purse)
    for candidates in (recording.touched, recording.everything):
        if candidates is None or not does_it(candidates):
            continue
        seed = _seed(recording, number, candidates, aim.causes, does_it, purse)
        done = _shrunk(seed, does_it, aim.pinned, purse)
        if len(done.kept) > MOST_EVENTS:
            raise SliceTooLargeError(len(done.kept))
        events = delivered_alike(done.kept, recording.waited)
        firings = tuple(firings_of(aim.setting, events))
        return Slice(aim.setting, tuple(events), firings, aim.target, purse.tries, done.minimal)
    return None


def _aim(recording: CapturedReplay, number: int | None) -> _Aim:
    setting, firings = recording.setting, recording.firings
    if number is not None:
        firings = (firings[number - 1],)
        setting = replace(setting, until=max(firings[0].at, setting.start))
    wanted = tuple(map(identity_of, firings))
    return _Aim(
        setting,
        Target(wanted, recording.chains.keys(), recording.reached),
        frozenset().union(*(recording.chains[one] for one in wanted)),
        frozenset(line for one in firings for line in _lines(one)),
    )


def _lines(firing: Firing) -> Iterator[int]:
    if firing.event is not None:
        yield firing.event.line
    for child in firing.children:
        yield from _lines(child)


def _hits(recording: CapturedReplay, aim: _Aim, purse: Budget) -> _Predicate:
    """A predicate: whether events give the target of `aim`."""
    return lambda events: gives(
        aim.setting, aim.target, delivered_alike(events, recording.waited), purse
    )


def _shrunk(
    events: Sequence[Event], does_it: _Predicate, pinned: frozenset[int], purse: Budget
) -> Shrunk[Event]:
    return shrink(events, does_it, pinned=lambda one: one.line in pinned, budget=purse)


def _seed(
    recording: CapturedReplay,
    number: int | None,
    candidates: Sequence[Event],
    causes: frozenset[int],
    does_it: _Predicate,
    purse: Budget,
) -> list[Event]:
    """Events that give the target, with few superfluous ones."""
    if number is None and len(recording.firings) > 1:
        lines = _one_by_one(recording, candidates, purse)
        if lines is not None:
            seed = [event for event in candidates if event.line in lines]
            if does_it(seed):
                # Each part is minimal already; another search over all of them removes little.
                purse.spend(max(purse.left - _ONCE_MORE, 0))
                return seed
    seed = [event for event in candidates if event.line in causes]
    if does_it(seed):
        return seed
    # The chains are not enough: find the other events needed.
    reserve = purse.left // 2
    purse.spend(reserve)
    grown = _shrunk(candidates, does_it, causes, purse)
    purse.spend(-reserve)
    return grown.kept


def _one_by_one(
    recording: CapturedReplay, candidates: Sequence[Event], purse: Budget
) -> set[int] | None:
    """The lines of the events that each firing needs, if the end of each chain is enough.

    With many firings this is much faster than a search over all of them: most firings need only the
    last few events of their chain. Of a proactive trigger's firings in a row without an event, only
    the first is tried.
    """
    by_line = {event.line: event for event in candidates}
    found: dict[int, None] = {}
    before_it: dict[tuple[tuple[str, str], ...], frozenset[int]] = {}
    for number, firing in enumerate(recording.firings, 1):
        causes = recording.chains[identity_of(firing)]
        if firing.event is None and causes == before_it.get(firing.labels):
            continue
        before_it[firing.labels] = causes
        aim = _aim(recording, number)
        does_it = _hits(recording, aim, purse)
        chain = [line for line in sorted(aim.causes) if line in by_line][-_SHORT_CHAIN:]
        # An earlier firing may delay this one (E1), so its events may be needed before it.
        for before in ([], [line for line in found if line not in chain][-_BEFORE:]):
            part = _end_of_chain(chain, before, by_line, does_it)
            if part is not None:
                break
        if part is None or purse.left <= 0:
            return None
        pinned = aim.pinned.union(before)
        found |= {one.line: None for one in _shrunk(part, does_it, pinned, purse).kept}
    return set(found)


def _end_of_chain(
    chain: Sequence[int], before: Sequence[int], by_line: Mapping[int, Event], does_it: _Predicate
) -> list[Event] | None:
    """A short end of the chain, after events `before`, that is enough; ``None`` if none is."""
    size = 1
    while True:
        part = [by_line[line] for line in sorted({*before, *chain[-size:]})]
        if does_it(part):
            return part
        if size >= len(chain):
            return None
        # One event too many may fire too early, so only a few are added at a time.
        size += 1 + size // 16


def gives(
    setting: Setting, target: Target, events: Sequence[Event], purse: Budget | None = None
) -> bool:
    """Whether a replay of `events` gives the target; stops at the first contradiction."""
    wanted = target.wanted
    place = records = 0
    reached = target.reached is None
    stored: _StoredByPath = {}
    whole = len(wanted) == len(target.allowed)
    try:
        for one in setting.transitions(events):
            if one.kind == "fired" and one.is_own:
                identity = identity_of(one.firing)
                if place < len(wanted) and identity == wanted[place]:
                    place += 1
                elif whole or identity not in target.allowed:
                    return False
            elif not reached and target.reached is not None:
                reached = _reaches(one, target.reached, stored)
            records += 1
        return reached and place == len(wanted)
    finally:
        if purse is not None:
            # The costs of the replay and of sorting its events.
            purse.spend(records + len(events) // 10)


def _reaches(one: Transition, reached: Reached, stored: _StoredByPath) -> bool:
    """Whether the record shows the reached count of that trigger and bucket at that time."""
    now = _count(one, stored)
    return (
        now is not None
        and one.at == reached.at
        and now.count == reached.count
        and now.trigger.path == reached.trigger
        and key_labels(now.trigger, now.key) == reached.labels
    )


def _count(one: Transition, stored: _StoredByPath) -> _Count | None:
    """The count after the record, if it is one more and nothing fires at it.

    `stored` is what each composite stores, and is updated.
    """
    if one.kind == "counted":
        found = _Count(one.trigger, one.key, one.after.count, one.trigger.threshold)
        fires = one.trigger.posture == "Reactive" and found.count >= found.needed
        return None if fires else found
    if isinstance(one, HeldTransition):
        held = stored.setdefault(one.trigger.path, {})
        store(held, one)
        count = len(valid_firings(one.trigger, held.values(), one.at))
        if one.kind == "stored" and count < one.trigger.require:
            return _Count(one.trigger, one.key, count, one.trigger.require)
    return None


def firings_of(setting: Setting, events: Sequence[Event]) -> Iterator[Firing]:
    """The automation's own firings for these events."""
    for one in setting.transitions(events):
        if one.kind == "fired" and one.is_own:
            yield one.firing


def delivered_alike(events: Sequence[Event], waited: frozenset[int]) -> list[Event]:
    """The events, changed so that delivery is the same as in the whole log (O4).

    An event whose leader is not in the slice waits 15 minutes. It keeps `follows` if it also waited
    in the log (on a line of `waited`), and loses it if its leader was processed there.
    """
    present = {event.id for event in events}
    return [
        event
        if event.follows is None or event.follows in present or event.line in waited
        else event._replace(follows=None)
        for event in events
    ]


# --- Recording ---------------------------------------------------------------------------


class CaptureRecorder:
    """Replays a log once and keeps what `cut` needs."""

    def __init__(
        self, automation: Automation, dialect: str, order: DeliveryOrder, start: int | None
    ) -> None:
        self._automation = automation
        self._dialect = dialect
        self._order = order
        self._matcher, plan = plan_of([automation], DIALECTS[dialect])
        self._replay = Replay(plan)
        if start is not None:
            self._replay.start(start)
        self._everything: list[Event] | None = []
        self._touched: dict[int, Event] = {}
        self._waited: set[int] = set()
        self._lost_leaders = LostLeaders()
        self._released: dict[str, Event] = {}
        self._leader_of: dict[int, int] = {}
        self._firings: list[Firing] = []
        self._fired: list[int] = []  # `Transition.seq` of the firings of all triggers
        self._lines: dict[int, int] = {}
        self._because: dict[int, tuple[int, ...]] = {}
        self._reached: tuple[tuple[int, float], Reached] | None = None
        self._stored: _StoredByPath = {}

    def take(self, event: Event) -> None:
        """Replay the next event, in the order of delivery."""
        if self._everything is not None:
            self._everything.append(event)
            if len(self._everything) > KEPT_EVENTS:
                self._everything = None
        for transition in self._replay.take(self._matcher.match(event)):
            self._note(transition)
            if transition.kind == "waiting":
                self._waited.add(event.line)
            elif transition.kind == "released" and transition.offered is not None:
                self._release(transition.offered, event)

    def finish(self, until: int | None) -> CapturedReplay:
        """End the replay."""
        for transition in self._replay.finish(until):
            self._note(transition)
        start = self._replay.started or 0
        setting = Setting(self._automation, self._dialect, self._order, start, self._replay.clock)
        chains: dict[int, frozenset[int]] = {}
        for seq in self._fired:
            chains[seq] = self._chain(seq, chains)
        touched = sorted(self._touched.values(), key=lambda event: event.line)
        everything = self._everything
        return CapturedReplay(
            setting,
            tuple(touched),
            None if everything is None else tuple(sorted(everything, key=lambda one: one.line)),
            tuple(self._firings),
            None if self._firings or self._reached is None else self._reached[1],
            {identity_of(one): chains[one.seq] for one in self._firings},
            frozenset(self._waited),
            self._lost_leaders.count,
        )

    def _release(self, event: Event, taken: Event) -> None:
        """Record that `event` no longer waits: its leader came, or its wait timed out."""
        assert event.follows is not None
        leader = taken if taken.id == event.follows else self._released.get(event.follows)
        if leader is not None:
            self._touched[leader.line] = leader
            self._leader_of[event.line] = leader.line
        self._released[event.id] = event

    def _note(self, one: Transition) -> None:
        event = one.offered if isinstance(one, DeliveryTransition) else one.event
        if event is not None:
            # Also for waiting events and duplicates: the order of delivery depends on them.
            self._touched[event.line] = event
        if isinstance(one, DeliveryTransition):
            self._lost_leaders.note(one)
            return
        self._because[one.seq] = one.because
        if event is not None:
            self._lines[one.seq] = event.line
        if one.kind == "fired":
            self._fired.append(one.seq)
            if one.is_own:
                self._firings.append(one.firing)
        elif not self._firings:
            self._measure(one)

    def _measure(self, one: Transition) -> None:
        now = _count(one, self._stored)
        if now is None or now.count <= 0:
            return
        # What a composite stores says more than the count of one of its children.
        nearness = (-now.trigger.path.count("["), now.count / max(now.needed, 1))
        if self._reached is None or nearness > self._reached[0]:
            labels = key_labels(now.trigger, now.key)
            self._reached = (nearness, Reached(now.trigger.path, labels, one.at, now.count))

    def _chain(self, seq: int, known: Mapping[int, frozenset[int]]) -> frozenset[int]:
        """The lines of the events that caused the record of number `seq`.

        A chain may go back to the start of the replay, so it is followed only to earlier records
        whose lines are `known`. A chain that adds no line to one of them is the same object.
        """
        lines: set[int] = set()
        seen = {seq}
        waiting = [seq]
        longest: frozenset[int] = frozenset()
        while waiting:
            current = waiting.pop()
            if current in known:
                lines |= known[current]
                longest = max(longest, known[current], key=len)
                continue
            line = self._lines.get(current)
            while line is not None and line not in lines:
                lines.add(line)
                line = self._leader_of.get(line)
            causes = set(self._because.get(current, ())) - seen
            seen |= causes
            waiting += causes
        return longest if len(longest) == len(lines) else frozenset(lines)
