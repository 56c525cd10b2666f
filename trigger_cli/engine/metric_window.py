"""What a metric trigger measures at one instant (``semantics.md`` K1–K6), updated incrementally.

A window holds the runs, or the spans of runs, that count at the instant T: those whose deciding
event occurred in ``(T - range, T]`` (K1). `take` adds an event, and `expire` removes what left.
Both cost O(log n) amortised in the number of runs in the window, and neither reads the whole
window. (An event out of order also moves the later events of its own run; a run has few.)

T is the simulated clock (T3). A late event (its ``occurred`` is before the clock) counts from its
arrival on, if it is still in the window then; earlier measurements do not change. If it is no
longer in the window, it is never counted. It is still remembered, because the rules set no window
for what a counted event *refers to*: a run has been ``Pending``, or was last ``Running``, at any
time before.

The events of one run are ordered by ``occurred``, then by processing order: the one processed later
is the later one. "Latest", "next" and "since" mean that order throughout.

To bound memory, the window forgets:

- of a run's events that are out of the window, all but those that can still matter: the fact that
  it has been ``Pending`` (K2), or the latest relevant event (K3, K4). This loses nothing.
- a run that is over (no further measurement depends on it), once no event of it has been seen for
  the range plus `REMEMBER_OVER`. If it continues later, it counts as a new run. That matters for
  K2 if the run does not become ``Pending`` again, and for K3 and K4 if an event older than the
  run's end arrives that late.

A run that is not over is kept without limit, because its end is still to come.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import OrderedDict
from heapq import heappop, heappush, heapreplace
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from trigger_cli.model import MetricName, RunMeasure
from trigger_cli.times import DAY, SECOND
from trigger_cli.vocabulary import TERMINAL_STATES

FAILURES = frozenset({"Failed", "Crashed"})
"""The states that K2 does not count as a success. The rule does not name ``TimedOut``."""

TERMINAL = frozenset(TERMINAL_STATES)

REMEMBER_OVER = DAY
"""How long a run that is over is remembered after it leaves the window, µs."""


class StateEvent(NamedTuple):
    """What is kept of an event that reports a state of a flow run (K1)."""

    occurred: int
    """µs."""
    order: int
    """Its place in processing order; breaks ties of `occurred`."""
    state: str
    """The state's name, such as ``Completed``."""
    run: str
    """The run: the primary resource's id."""
    line: int
    """``Event.line``."""
    id: str
    """``Event.id``."""


class MetricWindow(ABC):
    """The measurements at the simulated clock; initially none."""

    def __init__(self, length: int) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        self._length = length
        self._forget_at: OrderedDict[str, int] = OrderedDict()
        """The runs that are over, and when to forget each, µs, in that order. (An `OrderedDict`,
        because a plain dict finds its first key ever more slowly as earlier keys are removed.)"""

    @abstractmethod
    def value(self) -> float | None:
        """The metric's value, a fraction (K2) or seconds (K3, K4); ``None``: undefined (K5).

        It is one correctly rounded division of two exact integers, so no error accumulates.
        """

    @abstractmethod
    def measures(self) -> list[RunMeasure]:
        """The measurements that make up the value, in the order they occurred; O(n log n)."""

    @abstractmethod
    def next_exit(self) -> int | None:
        """When the next counted thing leaves the window (K6), µs; ``None``: the window is empty."""

    def take(self, seen: StateEvent, now: int) -> None:
        """Add an event at the instant `now`, µs, for which `expire` has already run."""
        while self._forget_at and next(iter(self._forget_at.values())) <= now:
            self._forget(self._forget_at.popitem(last=False)[0])
        self._insert(seen, now)

    def expire(self, now: int) -> None:
        """Remove all that has left the window at the instant `now`, µs.

        An event that occurred at ``now - range`` is out (K1).
        """
        while (leaves := self.next_exit()) is not None and leaves <= now:
            self._leave()

    @abstractmethod
    def _insert(self, seen: StateEvent, now: int) -> None:
        """Count `seen` from `now` on."""

    @abstractmethod
    def _leave(self) -> None:
        """Remove what leaves at `next_exit`."""

    @abstractmethod
    def _forget(self, run: str) -> None:
        """Forget `run`, which is over and has left the window."""

    def _measure_of(
        self, seen: StateEvent, *, failed: bool | None = None, began: int | None = None
    ) -> RunMeasure:
        run, occurred = seen.run, seen.occurred
        leaves = occurred + self._length
        return RunMeasure(run, seen.state, occurred, leaves, failed, began, seen.line, seen.id)

    def _in_window(self, seen: StateEvent, now: int) -> bool:
        return seen.occurred > now - self._length

    def _remember(self, run: str, now: int, *, over: bool) -> None:
        """Note that `run` was seen: if it is over, reschedule when to forget it."""
        self._forget_at.pop(run, None)
        if over:
            # The clock never goes back (T3), so the order is already correct.
            self._forget_at[run] = now + self._length + REMEMBER_OVER


class _SuccessRun:
    """A run as K2 sees it."""

    __slots__ = ("counted", "latest", "pending")

    def __init__(self, latest: StateEvent) -> None:
        self.latest = latest
        self.pending = False
        """Whether it has been ``Pending``, as far as the log shows."""
        self.counted = False
        """Whether it is in the window: it has been ``Pending``, and `latest` is in the window."""

    @property
    def failed(self) -> bool:
        return self.latest.state in FAILURES


class SuccessWindow(MetricWindow):
    """K2: among the runs in the window, the fraction whose latest state is no failure.

    A run counts once, whatever the number of its events in the window, so a successful retry
    replaces the failure before it. A run whose latest state is still ``Running`` has not failed
    and counts as a success. A run that the log never shows ``Pending`` does not count.
    """

    def __init__(self, length: int) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        super().__init__(length)
        self._runs: dict[str, _SuccessRun] = {}
        # One entry for each counted run, in the order in which the runs leave. When a later event
        # replaces a run's latest, its entry becomes too early and is corrected when it comes to
        # the top.
        self._exits: list[tuple[int, int, _SuccessRun]] = []
        self._failed = 0

    def value(self) -> float | None:
        counted = len(self._exits)
        return (counted - self._failed) / counted if counted else None

    def measures(self) -> list[RunMeasure]:
        counted = sorted(run.latest for _, _, run in self._exits)
        return [self._measure_of(one, failed=one.state in FAILURES) for one in counted]

    def next_exit(self) -> int | None:
        while self._exits:
            leaves, order, run = self._exits[0]
            if order == run.latest.order:
                return leaves
            heapreplace(self._exits, self._exit(run))
        return None

    def _insert(self, seen: StateEvent, now: int) -> None:
        run = self._runs.get(seen.run)
        if run is None:
            run = self._runs[seen.run] = _SuccessRun(seen)
        if seen.state == "Pending":
            run.pending = True
        if run.counted:
            self._failed -= run.failed
        # An equal `occurred` counts as later: it was processed later.
        if seen.occurred >= run.latest.occurred:
            run.latest = seen
        if not run.counted and run.pending and self._in_window(run.latest, now):
            run.counted = True
            heappush(self._exits, self._exit(run))
        if run.counted:
            self._failed += run.failed
        # A run never Pending may be forgotten too: if it becomes Pending later, that event (or the
        # one after it) is all that K2 needs.
        over = run.latest.state in TERMINAL or not run.pending
        self._remember(seen.run, now, over=over)

    def _leave(self) -> None:
        run = heappop(self._exits)[2]
        run.counted = False
        self._failed -= run.failed

    def _forget(self, run: str) -> None:
        del self._runs[run]

    def _exit(self, run: _SuccessRun) -> tuple[int, int, _SuccessRun]:
        return (run.latest.occurred + self._length, run.latest.order, run)


class SpanStates(Struct, frozen=True):
    """The states that open and close a span."""

    opens: str
    closes: frozenset[str]


DURATION = SpanStates("Running", TERMINAL)
LATENESS = SpanStates("Late", frozenset({"Running", "Crashed"}))

_Span: TypeAlias = tuple[StateEvent, int]
"""The event that closed it, and when it began (µs)."""

_occurred = attrgetter("occurred")


class SpanWindow(MetricWindow):
    """K3 and K4: the mean length of the spans that a closing event in the window ends.

    A closing event ends a span if the run's last opening or closing event before it is an opening
    one. With R for ``Running`` and T for a terminal state:

    - ``R R T`` is one span, from the *latest* R;
    - ``R T T`` is one span: the second T is not R's *next* terminal event and measures nothing;
    - ``R T R T`` (a retry) is two spans;
    - ``T`` alone is no span;
    - any other state between R and T (``Paused``, ``Cancelling``) changes nothing.

    Each span counts, so a run can count more than once. Only the closing event must be in the
    window. A late event can change only what it and the event after it measure, so only these two
    are updated.
    """

    def __init__(self, length: int, states: SpanStates) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        super().__init__(length)
        self._states = states
        self._runs: dict[str, list[StateEvent]] = {}
        """Each run's opening and closing events, in order: those in the window, and at least the
        latest one before the window."""
        self._spans: dict[int, _Span] = {}
        """The spans in the window, by the closing event's `order`."""
        self._total = 0
        """The sum of their lengths, µs."""
        # At least one entry for each span, in the order in which the spans leave. Entries of spans
        # that a late event removed stay until they come to the top.
        self._exits: list[tuple[int, int]] = []

    def value(self) -> float | None:
        return self._total / (len(self._spans) * SECOND) if self._spans else None

    def measures(self) -> list[RunMeasure]:
        return [self._measure_of(one, began=began) for one, began in sorted(self._spans.values())]

    def next_exit(self) -> int | None:
        while self._exits:
            leaves, order = self._exits[0]
            if order in self._spans:
                return leaves
            heappop(self._exits)
        return None

    def _insert(self, seen: StateEvent, now: int) -> None:
        opens = seen.state == self._states.opens
        if not opens and seen.state not in self._states.closes:
            return
        events = self._runs.setdefault(seen.run, [])
        self._trim(events, now)
        # After events with an equal `occurred`: it was processed later.
        place = bisect_right(events, seen.occurred, key=_occurred)
        events.insert(place, seen)
        following = events[place + 1] if place + 1 < len(events) else None
        if following is not None and following.state in self._states.closes:
            # `seen` now precedes `following`, whatever `following` measured before.
            self._undo(following)
            if opens:
                self._measure(seen, following, now)
        if not opens and place > 0 and events[place - 1].state == self._states.opens:
            self._measure(events[place - 1], seen, now)
        self._remember(seen.run, now, over=events[-1].state in self._states.closes)

    def _leave(self) -> None:
        order = heappop(self._exits)[1]
        self._undo(self._spans[order][0])

    def _forget(self, run: str) -> None:
        del self._runs[run]

    def _measure(self, opening: StateEvent, closing: StateEvent, now: int) -> None:
        """Count the span between the two, if its end is in the window."""
        if self._in_window(closing, now):
            self._spans[closing.order] = (closing, opening.occurred)
            self._total += closing.occurred - opening.occurred
            heappush(self._exits, (closing.occurred + self._length, closing.order))

    def _undo(self, closing: StateEvent) -> None:
        """Remove the span that `closing` ended, if there is one."""
        span = self._spans.pop(closing.order, None)
        if span is not None:
            self._total -= closing.occurred - span[1]

    def _trim(self, events: list[StateEvent], now: int) -> None:
        """Drop a run's events that are out of the window, except the latest of them.

        The first event in the window, or a future one, can still refer to the latest one. It cannot
        refer to those before: that one, or a later event, always lies between. They are dropped
        when they are the majority, so that each event is moved once on average.
        """
        outside = bisect_right(events, now - self._length, key=_occurred)
        if outside > 1 and 2 * outside > len(events):
            del events[: outside - 1]


def window_for(metric: MetricName, length: int) -> MetricWindow:
    """An empty window of `length` µs (the trigger's ``range``) for `metric`."""
    if metric == "successes":
        return SuccessWindow(length)
    return SpanWindow(length, DURATION if metric == "duration" else LATENESS)
