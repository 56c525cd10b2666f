"""Replays metric triggers with the same measurements together (rules K).

The measurements depend on the metric, its range and the events (K1-K6), but not on the threshold or
``firing_for``. So such triggers share one window. Triggers with the same comparison also share the
breach, and each has only its own state (K7).
"""

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from trigger_cli.engine.metric import COMPARE
from trigger_cli.engine.metric_window import StateEvent, window_for
from trigger_cli.history.proactive_cohorts import Fires
from trigger_cli.model import Event, MetricTrigger
from trigger_cli.vocabulary import state_name


class _Watch(Struct):
    """One trigger: its ``firing_for``, and whether it has fired."""

    firing_for: int
    number: int
    triggered: bool = False


class _Limit(Struct):
    """One threshold and its operator, and since when the value has been on one side of it."""

    compare: Callable[[float, float], bool]
    threshold: float
    breached: bool = False
    since: int = 0
    watches: list[_Watch] = field(default_factory=list)
    deadline: int | None = None
    """When the first of the watches changes its state if nothing changes before, µs."""

    def plan(self) -> None:
        """Compute the deadline."""
        waits = (one.firing_for for one in self.watches if one.triggered != self.breached)
        shortest = min(waits, default=None)
        self.deadline = None if shortest is None else self.since + shortest


class MetricCohorts:
    """Metric triggers with the same metric, range and filters.

    Args:
        triggers: The triggers, each with its number.
        fires: Called for each firing.
    """

    def __init__(self, triggers: Sequence[tuple[int, MetricTrigger]], fires: Fires) -> None:
        alike = triggers[0][1]
        self._window = window_for(alike.metric, alike.range)
        self._fires = fires
        self._value: float | None = None
        self._taken = 0
        limits: dict[object, _Limit] = {}
        for number, trigger in triggers:
            new = _Limit(COMPARE[trigger.operator], trigger.threshold)
            limit = limits.setdefault((trigger.operator, trigger.threshold), new)
            limit.watches.append(_Watch(trigger.firing_for, number))
        self._limits = list(limits.values())
        self._deadline: int | None = None

    def due(self) -> int | None:
        """The earliest instant at which `advance` must run, µs; ``None`` if there is none."""
        instants = (self._window.next_exit(), self._deadline)
        return min((one for one in instants if one is not None), default=None)

    def take(self, event: Event, now: int) -> None:
        """Take an event that they match, at the clock `now`, µs; call `advance` first if due."""
        state = state_name(event.name)
        run = event.resource.get("prefect.resource.id")
        if state is None or not run:
            return
        self._window.expire(now)
        self._taken += 1
        seen = StateEvent(event.occurred, self._taken, state, run, event.line, event.id)
        self._window.take(seen, now)
        self._observe(now, by_event=True)

    def advance(self, now: int, _until: int) -> None:
        """Let time pass to the instant `now`, µs, at which something is due (K6, K7)."""
        self._window.expire(now)
        self._observe(now, by_event=False)

    def _observe(self, at: int, *, by_event: bool) -> None:
        value = self._window.value()
        if value != self._value:
            self._value = value
            for limit in self._limits:
                breached = value is not None and limit.compare(value, limit.threshold)  # K5
                if breached != limit.breached:
                    limit.breached = breached
                    limit.since = at
                    limit.plan()
            self._plan()
        if self._deadline is None or self._deadline > at:
            return
        for limit in self._limits:
            if limit.deadline is not None and limit.deadline <= at:
                self._change_states(limit, at, by_event=by_event)
        self._plan()

    def _change_states(self, limit: _Limit, at: int, *, by_event: bool) -> None:
        for watch in limit.watches:
            if watch.triggered == limit.breached or limit.since + watch.firing_for > at:
                continue
            # A deadline set earlier runs as a timer, after a released event (T4).
            if by_event and watch.firing_for > 0:
                continue
            watch.triggered = limit.breached
            if limit.breached:
                self._fires(watch.number, at, ())
        limit.plan()

    def _plan(self) -> None:
        deadlines = (one.deadline for one in self._limits if one.deadline is not None)
        self._deadline = min(deadlines, default=None)
