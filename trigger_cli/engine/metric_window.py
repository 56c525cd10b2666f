"""What a metric trigger measures at one instant (``semantics.md`` K1–K6), kept step by step.

A window holds the runs, or the spans of runs, that count at the instant T: those whose deciding
event occurred in ``(T - range, T]`` (K1). Two things change it: `take` lets an event in, and
`expire` lets go of what left. Both cost O(log n) amortised in the number of runs in the window,
and neither ever looks at the whole window. (An event that comes out of order also moves those of
its own run that follow it; a run has few.)

T is the simulated clock (T3), so an event that comes late (its ``occurred`` lies behind the clock)
counts from its arrival on, if it is still in the window then; what was measured before its arrival
stands. If it is no longer in the window it is never counted itself. It is remembered all the same,
because the rules put no window on what a counted event *refers to*: a run has been ``Pending``,
or was last ``Running``, whenever that was.

The events of one run are ordered by ``occurred``, and where that ties by processing order: the
one processed later is the later one. "Latest", "next" and "since" mean that order throughout.

What is forgotten, so that memory stays bounded:

- of a run's events that are out of the window, all but what can still matter: the fact that it
  has been ``Pending`` (K2), or the latest relevant event (K3, K4). Nothing is lost by this.
- a run that is over (it waits for nothing that would be measured), when nothing has been seen of
  it for the range and `REMEMBER_OVER`. Should it then go on after all, it counts as a new run.
  That makes a difference to K2 if it does not become ``Pending`` again, and to K3 and K4 if an
  event older than its end arrives so late.

A run that is not over is kept without limit: the log still owes its end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import OrderedDict
from heapq import heappop, heappush, heapreplace
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from trigger_cli.model import MetricName, RunMeasure
from trigger_cli.times import DAY, SECOND
from trigger_cli.vocabulary import TERMINAL_STATES

FAILURES = frozenset({"Failed", "Crashed"})
"""The states that K2 does not count as a success. To the letter: ``TimedOut`` is none of them."""

TERMINAL = frozenset(TERMINAL_STATES)

REMEMBER_OVER = DAY
"""How long after leaving the window a run that is over is still known, µs."""


class StateEvent(NamedTuple):
    """What is kept of an event that reports a state of a flow run (K1)."""

    occurred: int
    """µs."""
    order: int
    """Its place in processing order; it breaks ties of `occurred`."""
    state: str
    """The state's name, e.g. ``Completed``."""
    run: str
    """The run: the primary resource's id."""
    line: int
    """``Event.line``."""
    id: str
    """``Event.id``."""


class MetricWindow(ABC):
    """What is measured at the simulated clock: at first, nothing."""

    def __init__(self, length: int) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        self._length = length
        self._forget_at: OrderedDict[str, int] = OrderedDict()
        """The runs that are over: when to forget each, µs, in that order. (Ordered, because a
        plain dict takes ever longer to find its first key as keys before it are removed.)"""

    @abstractmethod
    def value(self) -> float | None:
        """The metric's value, a fraction (K2) or seconds (K3, K4); ``None``: undefined (K5).

        It is one division of two exact integers, correctly rounded, so nothing drifts however
        long the replay is.
        """

    @abstractmethod
    def measures(self) -> list[RunMeasure]:
        """What the value is made of, in the order in which it occurred; O(n log n)."""

    @abstractmethod
    def next_exit(self) -> int | None:
        """When the next thing counted leaves the window (K6), µs; ``None``: the window is empty."""

    def take(self, seen: StateEvent, now: int) -> None:
        """Let an event in at the instant `now`, µs, when `expire` has run for `now`."""
        while self._forget_at and next(iter(self._forget_at.values())) <= now:
            self._forget(self._forget_at.popitem(last=False)[0])
        self._insert(seen, now)

    def expire(self, now: int) -> None:
        """Let go of all that has left the window at the instant `now`, µs.

        An event that occurred at ``now - range`` is out (K1).
        """
        while (leaves := self.next_exit()) is not None and leaves <= now:
            self._leave()

    @abstractmethod
    def _insert(self, seen: StateEvent, now: int) -> None:
        """Take `seen` into account from `now` on."""

    @abstractmethod
    def _leave(self) -> None:
        """Remove what leaves at `next_exit`."""

    @abstractmethod
    def _forget(self, run: str) -> None:
        """Forget all about `run`, which is over and has left the window."""

    def _in_window(self, seen: StateEvent, now: int) -> bool:
        return seen.occurred > now - self._length

    def _remember(self, run: str, now: int, *, over: bool) -> None:
        """Something was seen of `run`: if it is over, plan anew when to forget it."""
        self._forget_at.pop(run, None)
        if over:
            # The clock never goes back (T3), so the order is right by itself.
            self._forget_at[run] = now + self._length + REMEMBER_OVER


class _SuccessRun:
    """A run as K2 sees it."""

    __slots__ = ("counted", "latest", "pending")

    def __init__(self, latest: StateEvent) -> None:
        self.latest = latest
        self.pending = False
        """Whether it has been ``Pending``, as far as the log shows."""
        self.counted = False
        """Whether it is in the window: has been ``Pending``, and `latest` lies in it."""

    @property
    def failed(self) -> bool:
        return self.latest.state in FAILURES


class SuccessWindow(MetricWindow):
    """K2: of the runs in the window, the fraction whose latest state is no failure.

    A run counts once, however many of its events lie in the window, so a retry that succeeds
    wipes out the failure before it. A run whose latest state is still ``Running`` has not failed
    and counts as a success so far. A run that the log never shows ``Pending`` does not count.
    """

    def __init__(self, length: int) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        super().__init__(length)
        self._runs: dict[str, _SuccessRun] = {}
        # One entry for each counted run, in the order in which they leave. When a run's latest
        # event is superseded its entry is left as it is, too early by then, and corrected only
        # when it comes to the top.
        self._exits: list[tuple[int, int, _SuccessRun]] = []
        self._failed = 0

    def value(self) -> float | None:
        counted = len(self._exits)
        return (counted - self._failed) / counted if counted else None

    def measures(self) -> list[RunMeasure]:
        counted = sorted(run.latest for _, _, run in self._exits)
        return [
            RunMeasure(
                run=latest.run,
                state=latest.state,
                occurred=latest.occurred,
                leaves=latest.occurred + self._length,
                failed=latest.state in FAILURES,
                began=None,
                event_line=latest.line,
                event_id=latest.id,
            )
            for latest in counted
        ]

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
        # A run never Pending may be forgotten too: should it become Pending later, that event
        # (or the one after it) is all K2 asks about.
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


class SpanStates(NamedTuple):
    """What opens a span of time and what closes it."""

    opens: str
    closes: frozenset[str]


DURATION = SpanStates("Running", TERMINAL)
LATENESS = SpanStates("Late", frozenset({"Running", "Crashed"}))

_Span: TypeAlias = tuple[StateEvent, int]
"""The event that closed it, and when it began, µs."""

_occurred = attrgetter("occurred")


class SpanWindow(MetricWindow):
    """K3 and K4: the mean length of the spans that a closing event in the window ends.

    A closing event ends a span if the run's last opening or closing event before it is an opening
    one. So, with R for ``Running`` and T for a terminal state:

    - ``R R T`` is one span, from the *latest* R;
    - ``R T T`` is one span: the second T is not R's *next* terminal event, and measures nothing;
    - ``R T R T`` (a retry) is two spans;
    - ``T`` alone is none;
    - any other state between R and T (``Paused``, ``Cancelling``) changes nothing.

    Each span counts in itself, so a run can count more than once. Only the closing event need lie
    in the window. An event that arrives late can change what it and the one after it measure, and
    no more, so only these two are looked at.
    """

    def __init__(self, length: int, states: SpanStates) -> None:
        """Start with an empty window of `length` µs (the trigger's ``range``)."""
        super().__init__(length)
        self._states = states
        self._runs: dict[str, list[StateEvent]] = {}
        """Each run's opening and closing events in order: those in the window, and at least the
        latest one before it."""
        self._spans: dict[int, _Span] = {}
        """The spans in the window, by the closing event's `order`."""
        self._total = 0
        """The sum of their lengths, µs."""
        # At least one entry for each span, in the order in which they leave. Entries of spans
        # that a late event undid stay until they come to the top.
        self._exits: list[tuple[int, int]] = []

    def value(self) -> float | None:
        return self._total / (len(self._spans) * SECOND) if self._spans else None

    def measures(self) -> list[RunMeasure]:
        return [
            RunMeasure(
                run=closing.run,
                state=closing.state,
                occurred=closing.occurred,
                leaves=closing.occurred + self._length,
                failed=None,
                began=began,
                event_line=closing.line,
                event_id=closing.id,
            )
            for closing, began in sorted(self._spans.values())
        ]

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
        # To the right of its equals: it was processed later.
        place = bisect_right(events, seen.occurred, key=_occurred)
        events.insert(place, seen)
        following = events[place + 1] if place + 1 < len(events) else None
        if following is not None and following.state in self._states.closes:
            # Whatever `following` measured, it is `seen` that stands before it now.
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
        """Count the span between the two, if its end lies in the window."""
        if self._in_window(closing, now):
            self._spans[closing.order] = (closing, opening.occurred)
            self._total += closing.occurred - opening.occurred
            heappush(self._exits, (closing.occurred + self._length, closing.order))

    def _undo(self, closing: StateEvent) -> None:
        """No longer count the span that `closing` ended, if there is one."""
        span = self._spans.pop(closing.order, None)
        if span is not None:
            self._total -= closing.occurred - span[1]

    def _trim(self, events: list[StateEvent], now: int) -> None:
        """Drop a run's events out of the window, except the latest of them.

        The latest one can still be what the first event in the window, or one to come, refers
        to. Those before it cannot: whatever arrives, it or something later stands between. They
        are dropped when they are the greater part, so that each event is moved once on average.
        """
        outside = bisect_right(events, now - self._length, key=_occurred)
        if outside > 1 and 2 * outside > len(events):
            del events[: outside - 1]


def window_for(metric: MetricName, length: int) -> MetricWindow:
    """An empty window of `length` µs (the trigger's ``range``) for `metric`."""
    if metric == "successes":
        return SuccessWindow(length)
    return SpanWindow(length, DURATION if metric == "duration" else LATENESS)
