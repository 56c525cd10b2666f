"""The replay: one clock, one loop, one stream of records (``semantics.md`` T, O, P, K, C).

`Replay` is the only place where state changes. It takes events one by one and yields `Transition`
records. It reads no clock, prints nothing and iterates over nothing whose order could vary, so the
same input gives the same records (T2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from heapq import heappop, heappush
from itertools import accumulate
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias, final

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.engine.bucket import (
    Change,
    evaluate,
    is_swept,
    take_event,
    take_quietly,
)
from trigger_cli.engine.composite import StoredFirings
from trigger_cli.engine.delivery import DEEPEST_FOLLOWER, Delivery, Waiting
from trigger_cli.engine.endless import (
    SHORT_GAP,
    endless_error,
    longest_step,
    shortest_window,
    too_many,
)
from trigger_cli.engine.held import HeldEvents, HeldState
from trigger_cli.engine.metric import MetricChange, MetricEvaluator
from trigger_cli.engine.proactive import Deadlines
from trigger_cli.engine.runs import FiringRun, fires_alone, next_run
from trigger_cli.match.plan import (
    Parent,
    Plan,
    PlannedComposite,
    PlannedEventTrigger,
    PlannedMetricTrigger,
)
from trigger_cli.model import (
    RECORDS,
    ROLES,
    Automation,
    Bucket,
    DeliveryKind,
    DeliveryTransition,
    Event,
    FiredTransition,
    Firing,
    Heading,
    HeldKind,
    HeldTransition,
    Key,
    Match,
    MetricKind,
    MetricTransition,
    NameRoles,
    Pending,
    Transition,
    Trigger,
    Unmatched,
    event_in,
    key_labels,
)
from trigger_cli.times import MINUTE
from trigger_cli.vocabulary import UNDELIVERED_NAMES

EXPIRED_BUCKET_BUFFER: Final = MINUTE
"""How long the server keeps a bucket past its end, µs (S2)."""

# The order of timers at one instant (T4).
_RELEASE, _PROACTIVE, _METRIC = range(3)

_METRIC_KINDS: Final[dict[str, MetricKind]] = {
    "value": "measured",
    "breached": "breached",
    "unbreached": "recovered",
    "resolved": "resolved",
}

_METRIC_STATES: Final = frozenset({"fired", "resolved"})

_NOTHING: Final[Iterator[Transition]] = iter(())


class Timer(NamedTuple):
    due: int
    phase: int
    order: int
    """The trigger's place in definition order; for a release, when the event occurred."""
    seq: int
    subject: Waiting | _ProactiveState | MetricTriggerState


class ReplayState(Struct, frozen=True):
    """Where a replay stands between two events that it is told to `process`.

    Replays of one plan that stand alike fire alike on the same events. Transitions have no numbers
    in it, since these depend on what came before.
    """

    clock: int
    """µs."""
    buckets: tuple[dict[Key, Bucket], ...]
    """The open buckets of each event trigger, in definition order."""
    held: tuple[HeldState, ...]
    """What each trigger holds that holds expected events (H1)."""
    timers: tuple[tuple[int, int, int], ...]
    """The `due`, `phase` and `order` of each timer, ascending."""
    stored: tuple[tuple[tuple[int, Firing], ...], ...]
    """The firings that each composite stores, with the child's number, oldest first (C3)."""

    @property
    def size(self) -> int:
        """How many things it keeps."""
        parts: tuple[Sized, ...] = (*self.buckets, *self.held, self.timers, *self.stored)
        return sum(map(len, parts))


class EventTriggerState:
    """The state of one event trigger."""

    def __init__(self, planned: PlannedEventTrigger) -> None:
        self.planned = planned
        # Each key's bucket, and the number of the transition that last changed it.
        self.buckets: dict[Key, tuple[Bucket, int]] = {}

    def hold(self, key: Key, bucket: Bucket, seq: int) -> None:
        """Set the key's bucket, last changed by transition `seq`."""
        self.buckets[key] = (bucket, seq)

    def let_go(self, key: Key) -> None:
        """Remove the key's bucket."""
        self.buckets.pop(key, None)


class _ProactiveState(EventTriggerState):
    """The state of a proactive trigger, with its deadlines."""

    def __init__(self, planned: PlannedEventTrigger, order: int, plan: Plan) -> None:
        super().__init__(planned)
        self.order = order
        self.deadlines = Deadlines(self.buckets)
        self.fires_alone = fires_alone(planned, plan.composites)
        self.held: HeldEvents | None = None
        """The expected events that it holds, if it holds any (H1)."""
        if plan.dialect.holds and planned.definition.after:
            definition = planned.definition
            self.held = HeldEvents(definition.within, definition.threshold, self._end_of_bucket)
        # Keys whose bucket has reached the threshold: P5 drops them.
        self.satisfied: dict[Key, None] = {}

    def hold(self, key: Key, bucket: Bucket, seq: int) -> None:
        super().hold(key, bucket, seq)
        if bucket.count >= self.planned.definition.threshold:
            self.satisfied[key] = None
        else:
            self.satisfied.pop(key, None)

    def let_go(self, key: Key) -> None:
        super().let_go(key)
        self.satisfied.pop(key, None)

    def _end_of_bucket(self, key: Key) -> int | None:
        held = self.buckets.get(key)
        return None if held is None else held[0].end


class MetricTriggerState:
    """The state of one metric trigger."""

    def __init__(self, planned: PlannedMetricTrigger, order: int) -> None:
        self.planned = planned
        self.order = order
        # Before the first event there is no value and no breach, wherever the clock starts.
        self.evaluator = MetricEvaluator(planned.definition, 0)
        self.scheduled: int | None = None
        """The instant of its earliest timer, µs."""
        self.last_seq: int | None = None
        """The number of its latest transition."""


class _CompositeState:
    """The state of one composite trigger."""

    __slots__ = ("planned", "stored")

    def __init__(self, planned: PlannedComposite) -> None:
        self.planned = planned
        self.stored = StoredFirings(planned.definition)


@final
class Replay:
    """A replay in progress.

    Pass events in order to `take`, then call `finish`; both yield transitions.

    Args:
        plan: What is evaluated; the takings of each `Match` refer to filters by number.
        expired_bucket_buffer: How long the server dialect keeps a bucket past its end, µs (S2).
        evaluated_at: Maps the instant at which a proactive evaluation is due to the instant at
            which it happens, both µs: a real server polls, and is late. ``None``: when due (P2).
        endless: Allow any number of windows between two events. Otherwise a call that would
            exceed the limit raises `EndlessError` before the first of them.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        expired_bucket_buffer: int = EXPIRED_BUCKET_BUFFER,
        evaluated_at: Callable[[int], int] | None = None,
        endless: bool = False,
    ) -> None:
        self._dialect = plan.dialect
        self._endless = endless
        self._buffer = expired_bucket_buffer
        self._evaluated_at = evaluated_at
        self._states = [_state_of(leaf, order, plan) for order, leaf in enumerate(plan.leaves)]
        self._proactive = [s for s in self._states if isinstance(s, _ProactiveState)]
        self._short_gap = SHORT_GAP * shortest_window(plan)
        self._metrics = [s for s in self._states if isinstance(s, MetricTriggerState)]
        self._composites = [_CompositeState(one) for one in plan.composites]
        self._delivery = Delivery(plan.dialect)
        self._timers: list[Timer] = []
        self._seq = 0
        self._timer_seq = 0
        self._out: list[Transition] = []
        # The triggers that have a filter, by the filter's number, in definition order.
        self._takers: dict[int, list[tuple[int, _State]]] = {}
        for order, (leaf, state) in enumerate(zip(plan.leaves, self._states, strict=True)):
            self._takers.setdefault(leaf.filter, []).append((order, state))
        self._quiet = False
        self.clock = 0
        """The simulated clock, µs; meaningless before it has `started`."""
        self.matched = 0
        """The number of events that at least one trigger has taken."""
        self.firings_only = False
        """Whether buckets and metrics report only firings and resolutions, which nearly halves the
        time if every event counts. The records keep their numbers."""
        self.take_run: Callable[[FiringRun], None] | None = None
        """If set, it is called with firings in a row without an event, which are not yielded. It
        needs `firings_only`; the records after them have other numbers."""
        self._has_seen = False
        self.started: int | None = None
        """Where the clock started, µs; ``None`` before the first event."""

    # --- Time (T) --------------------------------------------------------------------

    def start(self, instant: int) -> None:
        """Start the clock before the first event; by default the first event starts it (T3)."""
        self.clock = self.started = instant
        for state in self._proactive:
            self._schedule_evaluation(instant, state)

    def take(self, record: Match | Heading) -> Iterator[Transition]:
        """Take the next event: run the timers due by then, move the clock, deliver the event.

        A `Heading` is delivered like any event and offered to no trigger.
        """
        event = event_in(record)
        if self.started is None:
            self.start(event.occurred)
        # The event may be before the clock: it is late, or before a start that was given.
        now = max(self.clock, event.occurred)
        if self._timers and self._timers[0].due <= now:
            return self._take_after_timers(record, now)
        # The fast path for most events: no timer is due, so no generator is needed (0.5 µs an
        # event; ``benchmarks/run.py``, lane "everything matches").
        self.clock = now
        self._deliver(record)
        out = self._out
        if not out:
            return _NOTHING
        self._out = []
        return iter(out)

    def _take_after_timers(self, record: Match | Heading, now: int) -> Iterator[Transition]:
        yield from self._run_timers(now, event_in(record))
        self.clock = now
        self._deliver(record)
        yield from self._flush()

    def takes_at_once(self, event: Event) -> bool:
        """Deliver an event if that needs no decision, runs no timer and yields no record.

        The event is offered to no trigger: this is for a replay without triggers.

        Returns:
            Whether it was delivered; if not, nothing has changed.
        """
        if self.started is None or self._timers or event.name in UNDELIVERED_NAMES:
            return False
        now = max(self.clock, event.occurred)
        if not self._delivery.needs_no_decision(event, now):
            return False
        self.clock = now
        self._delivery.mark_processed(event, now)
        return True

    def delivers_batch(self, run: Unmatched) -> list[int] | None:
        """Deliver a run if that needs no decision, runs no timer and yields no record.

        As `takes_at_once`, for many events.

        Returns:
            The clock at each event, µs; ``None`` if nothing was delivered and nothing has changed.
        """
        if self.started is None or self._timers:
            return None
        clocks = list(accumulate(run.occurred, max, initial=self.clock))[1:]
        if not self._deliver_batch(run, clocks):
            return None
        self.clock = clocks[-1]
        return clocks

    def see(self, heading: Heading) -> Iterator[Transition]:
        """Pass an event to delivery only: its id counts (O2), and it can be a leader (O4, T7).

        It does not start the clock.
        """
        if self.started is None and not self._has_seen:
            self.clock = heading.occurred
        self._has_seen = True
        now = max(self.clock, heading.occurred)
        yield from self._run_timers(now, heading)
        self.clock = now
        self._deliver(heading, is_offered=False)
        yield from self._flush()

    def process(self, match: Match, clock: int) -> Iterator[Transition]:
        """Let the triggers take an event that has been through delivery (O), at `clock`, µs.

        No timer runs: call `finish` first to run those due before the event (T4).
        """
        self._move_clock(clock)
        self._process(match, depth=0)
        yield from self._flush()

    def state(self) -> ReplayState | None:
        """Where it stands, for `resume` and to compare; ``None`` if it evaluates a metric.

        What only `take` needs is left out: the ids of processed events, and the waiting ones (O).
        """
        if self._metrics:
            return None
        buckets = tuple(
            {
                key: bucket
                for key, (bucket, _seq) in state.buckets.items()
                if isinstance(state, _ProactiveState) or not self._forgotten(bucket, self.clock)
            }
            for state in self._event_states()
        )
        return ReplayState(
            self.clock,
            buckets,
            tuple(
                state.held.state(self.clock, own)
                for state, own in zip(self._event_states(), buckets, strict=True)
                if isinstance(state, _ProactiveState) and state.held is not None
            ),
            tuple(sorted(timer[:3] for timer in self._timers)),
            tuple(
                tuple((child, _unnumbered(one)) for child, one in state.stored.state(self.clock))
                for state in self._composites
            ),
        )

    def resume(self, at: ReplayState) -> None:
        """Stand where another replay of the same plan stood, instead of a `start`."""
        self.clock = self.started = at.clock
        for state, buckets in zip(self._event_states(), at.buckets, strict=True):
            for key, bucket in buckets.items():
                state.hold(key, bucket, 0)
                if isinstance(state, _ProactiveState):
                    state.deadlines.add(key, bucket)
        holding = [one.held for one in self._proactive if one.held is not None]
        for held, known in zip(holding, at.held, strict=True):
            held.resume(known)
        by_order = {state.order: state for state in self._proactive}
        for due, phase, order in at.timers:
            self._schedule(due, phase, order, by_order[order])
        for composite, stored in zip(self._composites, at.stored, strict=True):
            for child, firing in stored:
                composite.stored.store(child, firing)

    def _event_states(self) -> list[EventTriggerState]:
        return [one for one in self._states if isinstance(one, EventTriggerState)]

    def pass_by(self, run: Unmatched) -> Iterator[Transition]:
        """Take events that no trigger takes: they move the clock and can be leaders."""
        return self.take_batch(run, ())

    def take_batch(
        self, run: Unmatched, matches: Sequence[tuple[int, Match]]
    ) -> Iterator[Transition]:
        """Take the next events.

        Yields the same records as `take` for each of them. If no delivery needs a decision, as
        usual, all are delivered at once, in 0.3 µs an event instead of 2 (``benchmarks/run.py``,
        lane "one selective trigger").

        Args:
            run: All of the events.
            matches: Those that triggers may take, each with its row in `run`, ascending.
        """
        if self.started is None:
            self.start(run.occurred[0])
        clocks = list(accumulate(run.occurred, max, initial=self.clock))
        if self._may_be_endless(clocks, len(matches)) or not self._deliver_batch(run, clocks[1:]):
            yield from self._take_apart(run, matches)
            return
        # Delivery and timers do not depend on each other.
        yield from self.offer_all(
            (clocks[row + 1], clocks[row + 1], match)
            for row, match in matches
            if match.event.name not in UNDELIVERED_NAMES
        )
        yield from self._run_due(clocks[-1])
        self.clock = clocks[-1]

    def offer_all(self, delivered: Iterable[tuple[int, int, Match]]) -> Iterator[Transition]:
        """Offer delivered events to the triggers, and run the timers due before each.

        There is no check for too many windows.

        Args:
            delivered: Each event, after the instant up to which timers run before it and the clock
                at which it is processed, µs.
        """
        for timers_until, clock, match in delivered:
            if self._timers and self._timers[0].due <= timers_until:
                yield from self._run_due(timers_until)
            self._move_clock(clock)
            self._offer(match)
            if self._out:
                yield from self._flush()

    def _may_be_endless(self, clocks: Sequence[int], matches: int) -> bool:
        """Whether `require_end` might raise between these clocks, if so many events are taken."""
        is_short = clocks[-1] - clocks[0] <= self._short_gap
        if self._endless or is_short or not self._proactive:
            return False
        step = longest_step(clocks)
        return step > self._short_gap and any(
            too_many(
                step // state.planned.definition.within,
                max(len(state.buckets), 1) + matches + self._delivery.waiting,
            )
            for state in self._proactive
        )

    def _deliver_batch(self, run: Unmatched, clocks: Sequence[int]) -> bool:
        """Deliver all events of a run, if none needs a decision; otherwise, nothing changes.

        Args:
            run: The events.
            clocks: The clock at each of them, µs.
        """
        if UNDELIVERED_NAMES.isdisjoint(run.names):
            return self._delivery.take_batch(run.ids, run.follows, clocks)
        # O3: the others only move the clock.
        unread = [name in UNDELIVERED_NAMES for name in run.names]
        rows = [row for row, code in enumerate(run.name_codes) if not unread[code]]
        return self._delivery.take_batch(
            [run.ids[row] for row in rows],
            [run.follows[row] for row in rows],
            [clocks[row] for row in rows],
        )

    def _take_apart(
        self, run: Unmatched, matches: Sequence[tuple[int, Match]]
    ) -> Iterator[Transition]:
        begin = 0
        for row, match in matches:
            yield from self._pass_apart(run, begin, row)
            yield from self.take(match)
            begin = row + 1
        yield from self._pass_apart(run, begin, len(run.ids))

    def _pass_apart(self, run: Unmatched, start: int, stop: int) -> Iterator[Transition]:
        if start == 0 and stop == len(run.ids):
            for row in range(stop):
                yield from self.take(run.heading(row))
        elif start < stop:
            yield from self.pass_by(run.part(start, stop))

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition]:
        """Run the timers due at or before `until` (default: the current clock), and end (T5).

        With `until_quiet`, continue until no deadline is pending. A window that a deadline opens
        does not count as pending, so a trigger that repeats without end has one more round.
        """
        if until is not None:
            if self.started is None:
                self.start(until)
            yield from self._run_timers(until)
            self._move_clock(until)
        elif self.started is not None:
            yield from self._run_timers(self.clock)
        if until_quiet:
            self.quieten()
            while self._timers:
                yield from self._run_next_timer()

    def quieten(self) -> None:
        """From now on, open a window only for an event (T5)."""
        self._quiet = True

    def require_end(self, until: int, line: int | None) -> None:
        """Check that not too many windows end up to `until`, µs, if no event comes before.

        Args:
            until: When the next event comes, µs.
            line: The next event's line, if there is one.

        Raises:
            EndlessError: Too many windows would end.
        """
        found = self._endless_until(until)
        if found is not None:
            state, windows = found
            planned = state.planned
            raise endless_error(
                planned.automation, planned.definition, windows, self.clock, until, line
            )

    def pending(self) -> list[Pending]:
        """The open deadlines, by due time, then definition order (T5).

        A window that was opened late, by an old event, waits for the evaluation that was already
        planned, even if it has ended before (P2).
        """
        pending = []
        planned: dict[int, int] = {}
        for timer in self._timers:
            subject = id(timer.subject)
            planned[subject] = min(timer.due, planned.get(subject, timer.due))
        for state in self._proactive:
            definition = state.planned.definition
            for key, (bucket, _seq) in state.buckets.items():
                at = max(bucket.end, planned.get(id(state), bucket.end))
                if not self._forgotten(bucket, at):
                    pending.append(
                        Pending(
                            state.planned.automation,
                            definition,
                            key,
                            at,
                            bucket.count,
                            definition.threshold,
                        )
                    )
        for metric in self._metrics:
            due = metric.evaluator.fires_at
            if due is not None:
                trigger = metric.planned.definition
                value = metric.evaluator.value
                pending.append(
                    Pending(
                        metric.planned.automation, trigger, (), due, 0, trigger.threshold, value
                    )
                )
        return sorted(pending, key=lambda one: (one.due, one.automation.index))

    def waiting(self) -> list[Waiting]:
        """The events that still wait for their leader (O4)."""
        return [one for one in self._delivery.still_waiting() if one.is_offered]

    def _schedule(
        self,
        due: int,
        phase: int,
        order: int,
        subject: Waiting | _ProactiveState | MetricTriggerState,
    ) -> None:
        heappush(self._timers, Timer(due, phase, order, self._timer_seq, subject))
        self._timer_seq += 1

    def _schedule_evaluation(self, due: int, state: _ProactiveState) -> None:
        at = due if self._evaluated_at is None else self._evaluated_at(due)
        self._schedule(at, _PROACTIVE, state.order, state)

    def _run_timers(
        self, until: int, before: Event | Heading | None = None
    ) -> Iterator[Transition]:
        """Run the timers due at or before `until`, the instant of the event `before`."""
        if not self._endless:
            self.require_end(until, None if before is None else before.line)
        yield from self._run_due(until)

    def _run_due(self, until: int) -> Iterator[Transition]:
        """As `_run_timers`, without the check for endless windows."""
        while self._timers and self._timers[0].due <= until:
            yield from self._run_next_timer(until)

    def _endless_until(self, until: int) -> tuple[_ProactiveState, int] | None:
        """A trigger with too many windows from the clock to `until`, µs, and their number."""
        if self.started is None or until - self.clock <= self._short_gap:
            return None
        for state in self._proactive:
            windows = (until - self.clock) // state.planned.definition.within
            buckets = self._repeating(state) if windows else 0
            if too_many(windows, buckets):
                return state, windows * buckets
        return None

    def _repeating(self, state: _ProactiveState) -> int:
        """How many of the trigger's buckets reopen without an event."""
        if self._evaluated_at is not None or self._arms_itself(state):
            return max(len(state.buckets), 1)
        if state.planned.definition.after:
            return 0
        if self._dialect.satisfied_windows_tile:
            return len(state.buckets)
        return len(state.buckets) - len(state.satisfied)

    def _arms_itself(self, state: _ProactiveState) -> bool:
        """Whether the trigger's watch starts without an event (P3, P6)."""
        trigger = state.planned.definition
        return not trigger.for_each and (not trigger.after or self._dialect.after_arms_at_start)

    def _run_next_timer(self, until: int | None = None) -> Iterator[Transition]:
        timer = heappop(self._timers)
        subject = timer.subject
        if isinstance(subject, Waiting):
            self._release_all(timer)
        elif isinstance(subject, MetricTriggerState):
            subject.scheduled = None
            if subject.evaluator.due() == timer.due:
                self._move_clock(timer.due)
                self._apply_metric(subject, subject.evaluator.advance(timer.due))
            self._schedule_metric(subject)
        elif not self._quiet or subject.deadlines.next_end() is not None:
            self._move_clock(timer.due)
            self._evaluate_proactively(subject, timer.due, until)
        yield from self._flush()

    def _move_clock(self, instant: int) -> None:
        self.clock = max(self.clock, instant)

    def _flush(self) -> Iterator[Transition]:
        out = self._out
        if out:
            self._out = []
            yield from out

    # --- Delivery (O) ----------------------------------------------------------------

    def _deliver(self, record: Match | Heading, *, is_offered: bool = True) -> None:
        event = event_in(record)
        if event.name in UNDELIVERED_NAMES:  # O3
            return
        delivery = self._delivery
        if delivery.needs_no_decision(event, self.clock):
            if isinstance(record, Match):
                self._offer(record)
            delivery.mark_processed(event, self.clock)
        elif delivery.is_duplicate(event, self.clock):
            if is_offered:
                self._emit_delivery("duplicate", "O2", event, ())
        elif delivery.must_wait(event, self.clock):
            waiting = delivery.wait(record, self.clock, self._seq, is_offered=is_offered)
            if is_offered:
                self._emit_delivery("waiting", "O4", event, (), waiting.due)
            self._schedule(waiting.due, _RELEASE, event.occurred, waiting)
        else:
            self._process(record, depth=0)

    def _release(self, waiting: Waiting, depth: int) -> None:
        self._delivery.forget(waiting.event)
        if waiting.is_offered:
            self._emit_delivery("released", "O4", waiting.event, (waiting.seq,))
        self._process(waiting.record, depth)

    def _release_all(self, timer: Timer) -> None:
        """Release all that is due at one instant, in the order in which it occurred (O4).

        The server first removes all of them from its list. So an event that waits for another of
        them keeps its place, instead of coming right after its leader.
        """
        subjects = [timer.subject]
        while self._timers and self._timers[0][:2] == timer[:2]:
            subjects.append(heappop(self._timers).subject)
        lost = [
            one for one in subjects if isinstance(one, Waiting) and self._delivery.is_waiting(one)
        ]
        lost.sort(key=lambda waiting: waiting.rank)
        for waiting in lost:
            self._move_clock(timer.due)
            self._delivery.forget(waiting.event)
        for waiting in lost:
            self._release(waiting, depth=0)

    def _offer(self, match: Match) -> None:
        """Let the triggers take the event, in definition order (C6)."""
        takers = self._takers
        found = [
            (order, state, role, key)
            for number, role, key in match.takings
            for order, state in takers.get(number, ())
        ]
        if len(found) > 1:
            found.sort(key=itemgetter(0))
        event = match.event
        for _, state, role, key in found:
            if isinstance(state, MetricTriggerState):
                self._take_measured(state, event)
            else:
                self._take_event(state, key, event, ROLES[role])
        self.matched += bool(found)

    def _process(self, record: Match | Heading, depth: int) -> None:
        if isinstance(record, Match):
            self._offer(record)
        event = event_in(record)
        self._delivery.mark_processed(event, self.clock)
        for waiting in self._delivery.followers_of(event):
            if depth == DEEPEST_FOLLOWER:
                break
            self._release(waiting, depth + 1)
        if self._delivery.follows_another(event):
            # Another copy may still wait, and must not be processed again.
            self._delivery.forget(event)

    # --- Buckets (B, E, P) -------------------------------------------------------------

    def _take_event(
        self, state: EventTriggerState, key: Key, event: Event, roles: NameRoles
    ) -> None:
        known = state.buckets.get(key)
        bucket = None if known is None else known[0]
        if bucket is not None and self._dialect.expired_buckets_are_swept:
            bucket = self._live_bucket(state, key, event)
        if isinstance(state, _ProactiveState) and state.held is not None:
            self._take_holding(state, state.held, key, bucket, event, roles)
            return
        if self.firings_only:
            after = take_quietly(state.planned.definition, self._dialect, bucket, event, roles)
            if after is not None:
                self._seq += 2 if bucket is None else 1
                state.buckets[key] = (after, self._seq - 1)
                return
        changes: list[Change] = []
        after = take_event(state.planned.definition, self._dialect, bucket, event, roles, changes)
        self._apply(state, key, event, bucket, after, changes)

    def _take_holding(
        self,
        state: _ProactiveState,
        held_events: HeldEvents,
        key: Key,
        bucket: Bucket | None,
        event: Event,
        roles: NameRoles,
    ) -> None:
        """Take an event for a trigger that holds expected events (H2, H3)."""
        held = held_events.of(key, self.clock)
        expected_only = roles.expected and not roles.starts
        if expected_only:
            if held.holds(event) and self._dialect.held_copies_are_ignored:
                copy = Change("ignored", "H3", bucket, bucket)
                self._apply(state, key, event, bucket, bucket, [copy])
                return
            held.hold(event, self.clock, self._seq)
        changes: list[Change] = []
        after = take_event(
            state.planned.definition, self._dialect, bucket, event, roles, changes, held
        )
        if expected_only and after is not None and after.last_event is event:
            held.note_counted(event)
        self._apply(state, key, event, bucket, after, changes)

    def _live_bucket(
        self, state: EventTriggerState, key: Key, event: Event | None
    ) -> Bucket | None:
        """The key's bucket, unless the server has dropped it (S2)."""
        held = state.buckets.get(key)
        if held is None:
            return None
        bucket, _seq = held
        if not self._forgotten(bucket, self.clock):
            return bucket
        self._apply(state, key, event, bucket, None, [Change("dropped", "S2", bucket, None)])
        return None

    def _forgotten(self, bucket: Bucket, at: int) -> bool:
        return self._dialect.expired_buckets_are_swept and is_swept(bucket, at, self._buffer)

    def _evaluate_proactively(self, state: _ProactiveState, now: int, until: int | None) -> None:
        """Run one proactive evaluation (P2–P6), and schedule the next.

        No event comes before `until`, µs; ``None``: no further event comes.
        """
        trigger = state.planned.definition
        arms_itself = self._arms_itself(state)
        if arms_itself and not self._quiet and self._live_bucket(state, (), None) is None:
            if state.held is not None:
                # H7 comes first, because an open bucket protects held events.
                state.held.of((), now)
            opened = Bucket(now, now + trigger.within, 0, None)
            rule = "P6" if trigger.after else "P3"
            change = Change("opened", rule, None, opened)
            self._apply(state, (), None, None, opened, [change])
        if not self._dialect.satisfied_windows_tile:
            self._drop_satisfied(state)
        passed = False
        for key in state.deadlines.pop_ended(now):
            bucket = self._live_bucket(state, key, None)
            if bucket is None:
                continue
            changes: list[Change] = []
            after = evaluate(
                trigger, self._dialect, bucket, now, None, event_starts=False, changes=changes
            )
            self._apply(state, key, None, bucket, after, changes)
            if self.take_run is not None and until is not None and after is not None:
                passed |= self._pass_run(state, key, after, until, self.take_run)
        next_end = state.deadlines.next_end()
        if self._quiet:
            if next_end is not None:
                self._schedule_evaluation(next_end, state)
            return
        latest = now + trigger.within
        if until is not None and self._stays_empty(state) and not arms_itself:
            # Evaluations in a row that find nothing are skipped.
            latest += max(until - now, 0) // trigger.within * trigger.within
        if passed and next_end is not None:
            # An evaluation one `within` from now would find nothing, as those before it.
            latest = next_end
        due = latest if next_end is None else min(next_end, latest)
        self._schedule_evaluation(due, state)

    def _pass_run(
        self,
        state: _ProactiveState,
        key: Key,
        bucket: Bucket,
        until: int,
        take_run: Callable[[FiringRun], None],
    ) -> bool:
        """Pass the firings of the bucket and of those that follow it up to `until`, µs, at once.

        Returns:
            Whether there are any.
        """
        # A waiting event may be released without another event (O4), and each delay differs.
        if not state.fires_alone or self._delivery.waiting or self._evaluated_at:
            return False
        found = next_run(state.planned, key, bucket, until)
        if found is None:
            return False
        run, following = found
        take_run(run)
        state.hold(key, following, self._seq)
        state.deadlines.add(key, following)
        return True

    def _stays_empty(self, state: _ProactiveState) -> bool:
        """Whether the trigger has no bucket, and gets none before the next event.

        False if an event waits, since it may be released without another event (O4), and if
        evaluations are late, since each delay differs.
        """
        return not (state.buckets or self._delivery.waiting or self._evaluated_at)

    def _drop_satisfied(self, state: _ProactiveState) -> None:
        """P5: drop the buckets that reached their threshold, by start; they do not reopen here."""
        satisfied = sorted(state.satisfied, key=lambda key: state.buckets[key][0].start)
        for key in satisfied:
            bucket = state.buckets[key][0]
            self._apply(state, key, None, bucket, None, [Change("dropped", "P5", bucket, None)])

    def _apply(
        self,
        state: EventTriggerState,
        key: Key,
        event: Event | None,
        before: Bucket | None,
        after: Bucket | None,
        changes: list[Change],
    ) -> None:
        """Replace `before` with `after`, and report the changes that led to it."""
        planned = state.planned
        held = state.buckets.get(key)
        because: tuple[int, ...] = () if held is None else (held[1],)
        for change in changes:
            seq = self._seq
            if change.kind == "fired":
                self._fire(planned, key, event, change, because)
            elif self.firings_only:
                self._seq += 1
            else:
                made = RECORDS[change.kind]
                self._out.append(
                    made(
                        seq, self.clock, change.kind, change.rule, because + change.held, event,
                        planned.automation, planned.definition, key, change.before, change.after,
                    )
                )  # fmt: skip
                self._seq += 1
            because = (seq,)
        if after is None:
            state.let_go(key)
            return
        state.hold(key, after, because[0])
        if isinstance(state, _ProactiveState) and _is_new_window(before, after):
            self._watch(state, key, after, opened_by_deadline=event is None)

    def _fire(
        self,
        planned: PlannedEventTrigger,
        key: Key,
        event: Event | None,
        change: Change,
        because: tuple[int, ...],
    ) -> None:
        """Report a bucket's firing, and pass the firing to the parent."""
        automation, trigger, before = planned.automation, planned.definition, change.before
        # At a deadline the firing names the bucket's last event (E3).
        last = before.last_event if event is None and before is not None else event
        firing = self._firing(automation, trigger, key, last, ())
        self._out.append(
            FiredTransition(
                self._seq, self.clock, "fired", change.rule, because, event,
                automation, trigger, key, firing, before,
            )
        )  # fmt: skip
        self._seq += 1
        self._pass_up(planned.parent, firing)

    def _watch(
        self, state: _ProactiveState, key: Key, bucket: Bucket, *, opened_by_deadline: bool
    ) -> None:
        """Schedule the evaluation at the bucket's end."""
        if not self._quiet:
            state.deadlines.add(key, bucket)
        elif not opened_by_deadline:
            # No further evaluation is scheduled, so this bucket needs its own.
            state.deadlines.add(key, bucket)
            self._schedule_evaluation(bucket.end, state)

    # --- Metrics (K) -------------------------------------------------------------------

    def _take_measured(self, state: MetricTriggerState, event: Event) -> None:
        self._apply_metric(state, state.evaluator.take(event, self.clock))
        self._schedule_metric(state)

    def _schedule_metric(self, state: MetricTriggerState) -> None:
        due = state.evaluator.due()
        if due is not None and (state.scheduled is None or due < state.scheduled):
            state.scheduled = due
            self._schedule(due, _METRIC, state.order, state)

    def _apply_metric(self, state: MetricTriggerState, changes: list[MetricChange]) -> None:
        """Report a metric's changes, and pass its firing to the parent (K7)."""
        automation, trigger = state.planned.automation, state.planned.definition
        for change in changes:
            seq = self._seq
            if self.firings_only and change.kind not in _METRIC_STATES:
                self._seq += 1
                state.last_seq = seq
                continue
            because = () if state.last_seq is None else (state.last_seq,)
            kind, at, rule, event = change.kind, change.at, change.rule, change.event
            state.last_seq = seq
            if kind != "fired":
                self._out.append(
                    MetricTransition(
                        seq, at, _METRIC_KINDS[kind], rule, because, event,
                        automation, trigger, change.value,
                    )
                )  # fmt: skip
                self._seq += 1
                continue
            firing = self._firing(automation, trigger, (), event, ())
            runs = tuple(state.evaluator.runs())
            self._out.append(
                FiredTransition(
                    seq, at, kind, rule, because, event,
                    automation, trigger, (), firing, None, change.value, runs,
                )
            )  # fmt: skip
            self._seq += 1
            self._pass_up(state.planned.parent, firing)

    # --- Composites (C) ----------------------------------------------------------------

    def _pass_up(self, parent: Parent | None, firing: Firing) -> None:
        """Pass a child's firing to its composite, if it has one."""
        if parent is None:
            return
        state = self._composites[parent.composite]
        definition = state.planned.definition
        # C2: one firing is enough, and nothing is stored.
        if definition.require == 1:
            self._fire_composite(state, (firing,), firing, "C2")
            return
        for expired in state.stored.expire(firing.at):
            self._emit_held("expired", "C3", state, (firing.seq,), expired)
        superseded = state.stored.store(parent.child, firing)
        if superseded is not None:
            self._emit_held("superseded", "C3", state, (firing.seq,), superseded)
        self._emit_held("stored", "C3", state, (firing.seq,), firing)
        if state.stored.satisfied:
            held = state.stored.clear()
            self._fire_composite(state, held, firing, "C4")

    def _fire_composite(
        self, state: _CompositeState, children: tuple[Firing, ...], last: Firing, rule: str
    ) -> None:
        planned = state.planned
        automation, trigger, event = planned.automation, planned.definition, last.event
        firing = self._firing(automation, trigger, (), event, children)
        because = tuple(child.seq for child in children)
        self._out.append(
            FiredTransition(
                self._seq, self.clock, "fired", rule, because, event,
                automation, trigger, (), firing,
            )
        )  # fmt: skip
        self._seq += 1
        if rule != "C2":
            for child in children:
                self._emit_held("cleared", "C5", state, (firing.seq,), child)
        self._pass_up(planned.parent, firing)

    def _firing(
        self,
        automation: Automation,
        trigger: Trigger,
        key: Key,
        event: Event | None,
        children: tuple[Firing, ...],
    ) -> Firing:
        labels = key_labels(trigger, key)
        return Firing(self._seq, automation, trigger, self.clock, labels, event, children)

    # --- Records -----------------------------------------------------------------------

    def _emit_held(
        self,
        kind: HeldKind,
        rule: str,
        state: _CompositeState,
        because: tuple[int, ...],
        firing: Firing,
    ) -> None:
        automation, trigger = state.planned.automation, state.planned.definition
        self._out.append(
            HeldTransition(
                self._seq, self.clock, kind, rule, because, firing.event,
                automation, trigger, firing,
            )
        )  # fmt: skip
        self._seq += 1

    def _emit_delivery(
        self,
        kind: DeliveryKind,
        rule: str,
        event: Event | Heading,
        because: tuple[int, ...],
        due: int | None = None,
    ) -> None:
        self._out.append(DeliveryTransition(self._seq, self.clock, kind, rule, because, event, due))
        self._seq += 1


_State: TypeAlias = EventTriggerState | MetricTriggerState


def _state_of(leaf: PlannedEventTrigger | PlannedMetricTrigger, order: int, plan: Plan) -> _State:
    if isinstance(leaf, PlannedMetricTrigger):
        return MetricTriggerState(leaf, order)
    if leaf.definition.posture == "Proactive":
        return _ProactiveState(leaf, order, plan)
    return EventTriggerState(leaf)


def _unnumbered(firing: Firing) -> Firing:
    """The firing without the numbers of the transitions."""
    return replace(firing, seq=-1, children=tuple(map(_unnumbered, firing.children)))


def _is_new_window(before: Bucket | None, after: Bucket) -> bool:
    return before is None or (before.start, before.end) != (after.start, after.end)
