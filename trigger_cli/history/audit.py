"""Compares a server's own firings with simulated ones, with a verified reason per difference.

For each automation, the firings of a replay are first paired with the recorded ones. To explain the
unpaired firings of either side, known differences in the server's behaviour (`accounts`) are added
one by one: the automation began with its creation, deadlines were polled every few seconds, these
events were processed twice. The reason of a firing is the first step after which it is paired. If
no known step helps, small steps near the first difference are tried; a step is kept if the replay
then agrees better.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.engine.bucket import Change as BucketChange
from trigger_cli.engine.bucket import take_event
from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER
from trigger_cli.explain.sentence import At
from trigger_cli.history.accounts import (
    TYPICAL_GAP,
    Account,
    AccountChange,
    Twice,
    all_doubled,
    begun_before,
    doubled,
    late_arrivals,
    moved,
    polled,
    since_creation,
    stood_still,
)
from trigger_cli.history.pairing import SLACK, Pair, Pairing, pair
from trigger_cli.history.polling import LATEST, PollTimes
from trigger_cli.history.reasons import Reason
from trigger_cli.history.server_log import ServerFiring
from trigger_cli.history.simulated import Simulated, Simulation, World, simulate
from trigger_cli.match.plan import Plan, walk
from trigger_cli.model import (
    ROLES,
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    MetricTrigger,
    Transition,
    Trigger,
)
from trigger_cli.times import SECOND

MOST_TRIALS = 400
"""The most replays of one automation in search of reasons."""
_PROMPT = SECOND
"""A firing that comes within this time of its cause is not late, µs."""
_NEARBY = 12
_SAME_TIME = 2 * SECOND
_GRACE = (SECOND, 5 * SECOND, 15 * SECOND)
_MANY_DOUBLES = 60
_MOST_STEPS = 150_000
_FEWEST_TRIALS = 20
_MOST_HOPELESS = 6


class RecordedFiring(Struct, frozen=True):
    """A recorded firing and, if something about it is unusual, the reason."""

    firing: ServerFiring
    event: Event | None
    """Its triggering event, if the log has it and it concerns the automation."""
    pair: Pair | None
    """The pair with its simulated firing; ``None``: it was not simulated."""
    reason: Reason | None
    steps: tuple[Transition, ...]
    """If it was not simulated, for no known reason: what the simulation did with the event."""


class Unrecorded(Struct, frozen=True):
    """A simulated firing that the server did not record, and the reason."""

    simulated: Simulated
    reason: Reason | None


class AutomationAudit(Struct, frozen=True):
    """The recorded and the simulated firings of one automation."""

    automation: Automation
    recorded: tuple[RecordedFiring, ...]
    unrecorded: tuple[Unrecorded, ...]
    inferred: tuple[Twice, ...]
    """Events that must have been processed twice, although no firing alone proves it."""

    @property
    def simulated(self) -> int:
        """The number of simulated firings."""
        return len(self.matched) + len(self.unrecorded)

    @property
    def matched(self) -> list[RecordedFiring]:
        """The recorded firings that were also simulated."""
        return [one for one in self.recorded if one.pair is not None]

    @property
    def missed(self) -> list[RecordedFiring]:
        """The recorded firings that were not simulated."""
        return [one for one in self.recorded if one.pair is None]

    @property
    def unexplained(self) -> int:
        """The number of unpaired firings without a reason."""
        lost = sum(1 for one in self.missed if one.reason is None)
        return lost + sum(1 for one in self.unrecorded if one.reason is None)


def twice_processed(
    automation: Automation, recorded: Sequence[ServerFiring], events: dict[str, Event]
) -> list[Twice]:
    """The events that fired a reactive automation more than once, once per processing.

    Only an automation that is a reactive event trigger shows this: an event that is processed once
    fires it at most once, whatever the state of its bucket.
    """
    trigger = automation.trigger
    if not (isinstance(trigger, EventTrigger) and trigger.posture == "Reactive"):
        return []
    times: dict[str, list[int]] = {}
    for firing in recorded:
        if firing.event_id is not None and firing.event_id in events:
            times.setdefault(firing.event_id, []).append(firing.at)
    return [
        Twice(events[id_], tuple(at - min(ats) for at in sorted(ats)[1:]), automation.name)
        for id_, ats in times.items()
        if len(ats) > 1
    ]


@dataclass
class Auditor:
    """Compares the recorded firings of one automation with the simulated ones."""

    automation: Automation
    recorded: tuple[ServerFiring, ...]
    events: tuple[Delivered, ...]
    """The events that concern the automation, in processing order."""
    world: World
    plan: Plan
    """The automation's plan."""
    polls: PollTimes
    twice: tuple[Twice, ...]
    """Events that were verifiably processed more than once, in order."""
    log_end: int
    """When the log's last event was received, µs."""
    absent: frozenset[str]
    """The ids of triggering events that the log does not have."""
    before_replay: Callable[[int], object]
    """Called before each replay with its number, from 1."""
    trials: int = 0
    told: list[tuple[AccountChange, _LeftOver]] = field(default_factory=list)
    """The steps so far, each with the unpaired firings after it."""
    prompt: dict[int, AccountChange] = field(default_factory=dict)
    """The first step after which a recorded firing came soon after its partner, by its line."""

    def __post_init__(self) -> None:
        self.by_id = {one.event.id: one.event for one in self.events}
        self.matches = {one.event.line: one.match for one in self.events}
        """The events by line."""
        # A long log allows fewer replays, so that an audit takes limited time.
        lasted = max(self.world.until - self.world.started, 0)
        deadlines = sum(
            lasted // one.within
            for one in _event_triggers(self.automation.trigger)
            if one.posture == "Proactive"
        )
        affordable = _MOST_STEPS // max(len(self.events) + deadlines, 1)
        self.most_trials = min(max(affordable, _FEWEST_TRIALS), MOST_TRIALS)
        self.account = Account(self.events)
        self.known = self._simulation(self.account, None)
        self.firings = self.known.firings
        self.base = self.current = self._pairing(self.known)

    def audit(self) -> AutomationAudit:
        """Add the known steps one by one, and give each firing its reason."""
        for change in self._known_changes():
            # If nothing is left to explain, further steps would only cost replays.
            if self._is_settled():
                break
            self._tell(change)
        inferred = self._search() if self.base.left_over else []
        pairs = {one.recorded: one for one in self.base.pairs}
        recorded = [
            RecordedFiring(
                firing,
                firing.event_in(self.by_id),
                pairs.get(firing),
                self._why_late(pairs[firing]) if firing in pairs else self._why_missed(firing),
                (),
            )
            for firing in self.recorded
        ]
        unrecorded = [Unrecorded(one, self._why_unexpected(one)) for one in self.base.unexpected]
        return AutomationAudit(
            self.automation,
            *self._with_steps(recorded, unrecorded),
            inferred=tuple(inferred),
        )

    def _with_steps(
        self, recorded: list[RecordedFiring], unrecorded: list[Unrecorded]
    ) -> tuple[tuple[RecordedFiring, ...], tuple[Unrecorded, ...]]:
        """The same, with the records of those that have no reason; they take longer to make."""
        lost = [one.pair is None and one.reason is None for one in recorded]
        if any(lost) or any(one.reason is None for one in unrecorded):
            lines = {one.event.line for one in compress(recorded, lost) if one.event is not None}
            found = simulate(
                self.automation, self.plan, Account(self.events), self.world, lines=lines
            )
            firings = dict(zip(map(id, self.firings), found.firings, strict=True))
            recorded = [
                replace(one, steps=found.steps.get(one.event.line, ()))
                if is_lost and one.event is not None
                else one
                for one, is_lost in zip(recorded, lost, strict=True)
            ]
            unrecorded = [
                replace(one, simulated=firings[id(one.simulated)]) if one.reason is None else one
                for one in unrecorded
            ]
        return tuple(recorded), tuple(unrecorded)

    # --- Steps -------------------------------------------------------------------------

    def _known_changes(self) -> Iterator[AccountChange]:
        if self.world.options.order == "occurred":
            yield late_arrivals()
        created = self.automation.created
        if created is not None and created > self.world.started:
            yield since_creation(created)
        if any(one.posture == "Proactive" for one in _event_triggers(self.automation.trigger)):
            polls = self._best_poll_times()
            yield polled(replace(polls, standstills=()))
            if polls.standstills:
                yield stood_still(polls)
        own = {one.event.line for one in self.events}
        doubles = [one for one in self.twice if one.event.line in own]
        one_by_one = min(_MANY_DOUBLES, self.most_trials // 2)
        for twice in doubles[:one_by_one]:
            yield doubled(twice)
        if len(doubles) > one_by_one:
            yield all_doubled(doubles[one_by_one:])

    def _tell(self, change: AccountChange) -> None:
        self.account = change.apply(self.account)
        self.known = self._simulation(self.account, self.known)
        self.current = self._pairing(self.known)
        self.told.append((change, _LeftOver(self.current)))
        for one in self.current.pairs:
            if one.delay <= _PROMPT:
                self.prompt.setdefault(one.recorded.line, change)

    def _is_settled(self) -> bool:
        """Whether the account leaves nothing unpaired and explains all late firings."""
        return not self.current.left_over and all(
            one.recorded.line in self.prompt for one in self.base.pairs if _is_late(one)
        )

    def _simulation(self, account: Account, known: Simulation | None) -> Simulation:
        self.trials += 1
        self.before_replay(self.trials)
        return simulate(self.automation, self.plan, account, self.world, known=known)

    def _pairing(self, simulation: Simulation) -> Pairing:
        return pair(self.recorded, simulation.firings, self.by_id, self._meets)

    def _best_poll_times(self) -> PollTimes:
        """The variant of the polling times with which the replay agrees best."""

        def disagreement(polls: PollTimes) -> tuple[int, int]:
            # Variants differ only in their beginning.
            self.known = self._simulation(polled(polls).apply(self.account), self.known)
            pairing = self._pairing(self.known)
            return pairing.left_over, sum(abs(one.delay) for one in pairing.pairs)

        return min(self.polls.variants(), key=disagreement)

    # --- Search --------------------------------------------------------------------------

    def _search(self) -> list[Twice]:
        """Try small steps near each remaining difference; return the doubled events found."""
        inferred: list[Twice] = []
        hopeless: set[object] = set()
        while len(hopeless) < _MOST_HOPELESS and (target := self._first_left(hopeless)) is not None:
            for change, twice in self._candidates(target):
                if self.trials >= self.most_trials:
                    return inferred
                trial = self._simulation(change.apply(self.account), self.known)
                pairing = self._pairing(trial)
                if pairing.left_over < self.current.left_over and not _LeftOver(pairing).has(
                    target
                ):
                    self._tell(change)
                    if twice is not None:
                        inferred.append(twice)
                    break
            else:
                hopeless.add(_identity(target))
        return inferred

    def _first_left(self, hopeless: set[object]) -> ServerFiring | Simulated | None:
        """The first unexplained difference."""
        left: list[ServerFiring | Simulated] = [
            one for one in self.base.missed if self._why_missed(one) is None
        ]
        left += [one for one in self.base.unexpected if self._why_unexpected(one) is None]
        left = [one for one in left if _identity(one) not in hopeless]
        return min(left, key=lambda one: one.at, default=None)

    def _candidates(
        self, target: ServerFiring | Simulated
    ) -> Iterator[tuple[AccountChange, Twice | None]]:
        account = self.account
        at = target.at
        if isinstance(target, ServerFiring):
            yield from ((change, None) for change in self._begun_before(target))
        nearby = [one for one in account.events if one.clock <= at + SLACK][-_NEARBY:]
        for one in reversed(nearby):
            if all(one.event.line != known.event.line for known in self.twice):
                twice = Twice(one.event, (TYPICAL_GAP,), "")
                yield doubled(twice), twice
        for earlier, later in _neighbours(nearby):
            yield moved(later.event, earlier.event), None
        if account.polls is not None:
            for by in range(-4, 5):
                yield polled(account.polls.moved(by * account.polls.interval // 9)), None
        created = account.started
        if created is not None and at - created <= 2 * max(_GRACE):
            for grace in _GRACE:
                yield since_creation(created, grace), None

    def _begun_before(self, target: ServerFiring) -> Iterator[AccountChange]:
        created = self.automation.created
        if created is not None and created > self.world.started:
            return
        if target.at - self.world.started > _reach(self.automation.trigger):
            return
        event = target.event_in(self.by_id)
        templates = [self.matches[event.line]] if event is not None else []
        templates += [one.match for one in self.events[:_NEARBY]]
        most = max((one.threshold for one in _event_triggers(self.automation.trigger)), default=1)
        for count in range(1, min(max(most, 2), 6)):
            for template in templates:
                yield begun_before(template, count, self.world.started)

    # --- Reasons -------------------------------------------------------------------------

    def _why_missed(self, firing: ServerFiring) -> Reason | None:
        line = firing.line_in(self.by_id)
        if firing.event_id is not None and firing.event_id in self.absent:
            words = "does not have it" if line is None else f"has it only on line {line}, later"
            return Reason("event-not-in-log", (f"the log {words}",), "seen")
        if (twin := self._same_window(firing)) is not None:
            due = ("the window was due at ", At(twin.simulated.at))
            return Reason("fired-twice-for-one-window", due, "replayed", line)
        decisive = self._decisive(firing)
        return self._changed_later(firing.at) if decisive is None else decisive.reason(line)

    def _why_unexpected(self, one: Simulated) -> Reason | None:
        decisive = self._decisive(one)
        if decisive is not None:
            return decisive.reason(one.line)
        if one.at > self.log_end - (LATEST if one.by_deadline else _SAME_TIME):
            return Reason("log-ends-first", ("the log ends at ", At(self.log_end)), "seen")
        return self._changed_later(one.at)

    def _decisive(self, target: ServerFiring | Simulated) -> AccountChange | None:
        """The step after which the difference is gone; ``None`` if it remains at the end."""
        found = None
        for change, left_over in reversed(self.told):
            if left_over.has(target):
                break
            found = change
        return found

    def _changed_later(self, at: int) -> Reason | None:
        created, updated = self.automation.created, self.automation.updated
        if updated is None or at >= updated or updated - (created or 0) < SECOND:
            return None
        said = ("last changed at ", At(updated), "; it may have been another before")
        return Reason("changed-later", said, "possible")

    def _why_late(self, one: Pair) -> Reason | None:
        if one.delay <= _PROMPT and not one.other_event:
            return None
        if one.other_event:
            said = ("due at ", At(one.simulated.at), "; the event came before the poll")
            return Reason("polling", said, "replayed", one.recorded.line_in(self.by_id))
        if not one.simulated.by_deadline:
            event = one.simulated.event
            if event is None or event.received is None:
                return None
            on_its_way = event.received - event.occurred
            if on_its_way * 2 < one.delay:
                return None
            return Reason(
                "arrived-late", ("the event came to the server late",), "seen", event.line
            )
        change = self.prompt.get(one.recorded.line)
        if change is not None:
            return change.reason(one.simulated.line)
        if one.delay <= LATEST:
            polls = polled(self.polls)
            return Reason("polling", polls.said, "seen")
        return None

    # --- Windows -----------------------------------------------------------------------------

    def _same_window(self, firing: ServerFiring) -> Pair | None:
        """The pair of a deadline's firing, at about that time, whose window the event fires too."""
        event = firing.event_in(self.by_id)
        if event is None:
            return None
        pairs = self.base.pairs
        recorded_at = attrgetter("recorded.at")
        first = bisect_left(pairs, firing.at - _SAME_TIME, key=recorded_at)
        last = bisect_right(pairs, firing.at + _SAME_TIME, key=recorded_at)
        alike = (
            one
            for one in pairs[first:last]
            if one.simulated.by_deadline
            and one.recorded.event_id != firing.event_id
            and self._meets(one.simulated, event)
        )
        return next(alike, None)

    def _meets(self, one: Simulated, event: Event) -> bool:
        """Whether the event, if the window of the deadline took it, fires it as well (E3)."""
        window, dialect = one.window, self.world.options.dialect
        if window is None:
            return False
        takings = {number: (role, key) for number, role, key in self.matches[event.line].takings}
        for leaf in self.plan.leaves:
            role, key = takings.get(leaf.filter, (None, ()))
            trigger = leaf.definition
            if role is None or key != one.key or trigger.path != one.leaf.path:
                continue
            if isinstance(trigger, EventTrigger):
                changes: list[BucketChange] = []
                take_event(trigger, dialect, window, event, ROLES[role], changes)
                return any(change.kind == "fired" for change in changes)
        return False


class _LeftOver:
    """The unpaired firings of a pairing, for quick lookup."""

    def __init__(self, pairing: Pairing) -> None:
        self._missed = {one.line for one in pairing.missed}
        self._lines = {one.line for one in pairing.unexpected if one.line is not None}
        self._times: dict[tuple[tuple[str, str], ...], list[int]] = {}
        """When those without an event fired, by their labels."""
        for one in pairing.unexpected:
            if one.line is None:
                self._times.setdefault(one.labels, []).append(one.at)

    def has(self, target: ServerFiring | Simulated) -> bool:
        """Whether a difference of another account is also one here."""
        if isinstance(target, ServerFiring):
            return target.line in self._missed
        if target.line is not None:
            return target.line in self._lines
        # Without an event: a firing at about the same time.
        within = target.leaf.within if isinstance(target.leaf, EventTrigger) else SECOND
        times = self._times.get(target.labels, [])
        place = bisect_right(times, target.at - within)
        return place < len(times) and times[place] < target.at + within


def _is_late(one: Pair) -> bool:
    """Whether a deadline fired and the server's poll was late."""
    return one.simulated.by_deadline and not one.other_event and one.delay > _PROMPT


def _identity(target: ServerFiring | Simulated) -> object:
    if isinstance(target, ServerFiring):
        return ("recorded", target.line)
    return ("simulated", target.at, target.line, target.labels)


def _neighbours(nearby: Sequence[Delivered]) -> Iterator[tuple[Delivered, Delivered]]:
    """Pairs of events that came so close together that a server may have swapped them."""
    for place, later in enumerate(nearby):
        for earlier in nearby[:place]:
            if later.arrived - earlier.arrived <= SECOND:
                yield earlier, later


def _reach(trigger: Trigger) -> int:
    """How long after the log's start a firing may depend on what came before the log, µs."""
    own = 0 if isinstance(trigger, MetricTrigger) else trigger.within or 0
    if isinstance(trigger, CompositeTrigger):
        return max(own, *(_reach(child) for child in trigger.triggers), EXPIRED_BUCKET_BUFFER)
    return max(own, EXPIRED_BUCKET_BUFFER)


def _event_triggers(trigger: Trigger) -> list[EventTrigger]:
    return [one for one in walk(trigger) if isinstance(one, EventTrigger)]
