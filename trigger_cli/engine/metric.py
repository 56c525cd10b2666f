"""The state of one metric trigger (``semantics.md`` K7): pure, without a clock of its own.

`MetricEvaluator` takes events and instants and returns what changed. ``metric_window.py`` computes
the metric's value (K1–K6); this module decides what follows from the value.

Where the rules leave room, they are read as literally as possible:

**When the value is observed.** At every change point (K6) and after every event taken, also if
several fall on one instant. So a breach that ends and begins again at one instant is interrupted,
and its ``firing_for`` starts over. (To ignore breaks of zero length would need lookahead, and with
``firing_for`` 0 the trigger would already have been resolved between the two.)

**Exits at one instant happen together**, before the value is observed, because the window depends
on T alone (K1).

**Time before events** (T4). At a change point T, the exits at T have happened and the events at T
have not come yet. So an exit at T can end a breach although an event at T begins it again. A breach
that begins at ``b`` fires at ``b + firing_for`` although an event at that instant would end it.

**Exits before the deadline.** If an exit at ``b + firing_for`` ends the breach, the trigger does
not fire: a condition "has held" at an instant only if it still holds at that instant, and the
window at T excludes what leaves at T. The same applies to the deadline of the resolution.

**Released events before both** (T4). A waiting event (O4) that is released at T is a timer that
runs before the change points of T, so `take` may be called for it before ``advance(T)``. `take`
then removes what leaves at T (the window at T excludes it), but leaves a deadline at T to
`advance`.

**Comparison.** The value is one correctly rounded division of exact integers, and the threshold is
the ``float`` nearest to the number in the definition. So they compare as their decimal notations
do: 9 of 10 runs are *not* below 0.9, although the ``float`` nearest to 0.9 is slightly above it.
"""

import operator
from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from trigger_cli.engine.metric_window import StateEvent, window_for
from trigger_cli.model import Event, MetricName, MetricOperator, MetricTrigger, RunMeasure
from trigger_cli.vocabulary import RESOURCE_ID, state_name

MetricState: TypeAlias = Literal["Triggered", "Resolved"]
MetricChangeKind: TypeAlias = Literal["value", "breached", "unbreached", "fired", "resolved"]


_VALUE_RULES: dict[MetricName, str] = {"successes": "K2", "duration": "K3", "lateness": "K4"}
COMPARE: dict[MetricOperator, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class MetricChange(Struct, frozen=True):
    """One change.

    At one instant and for one event, changes come in the order of `MetricChangeKind`: at most one
    ``value``, then one ``breached`` or ``unbreached``, then one ``fired`` or ``resolved``.
    """

    kind: MetricChangeKind
    """``value``: the value changed. ``breached``: the value meets the threshold from now on;
    ``unbreached``: it no longer does. ``fired``, ``resolved``: the trigger's state changed (K7)."""
    at: int
    """The simulated clock, µs (T6)."""
    rule: str
    """For ``value``: K5 if it became undefined, else K6 if no event changed it, else the metric's
    own rule (K2, K3, K4). For the other kinds: K7."""
    value: float | None
    """The value at `at`: a fraction (K2) or seconds (K3, K4), ``None`` if undefined (K5)."""
    event: Event | None
    """The event taken at that instant; ``None`` if the change came without an event (K7)."""


class MetricEvaluator:
    """The state of one metric trigger in one replay (K).

    The replay calls ``advance(due())`` while that is at or before the instant the clock moves to,
    and then `take`. Instants never decrease from one call to the next (T3).

    Cost: O(log n) amortised per event, where n is the number of runs in the window.
    """

    state: MetricState
    """``Triggered`` from a firing to its resolution, otherwise (and at the start) ``Resolved``."""
    value: float | None
    """The value as last observed: a fraction (K2) or seconds (K3, K4); ``None``: undefined (K5)."""

    def __init__(self, trigger: MetricTrigger, start: int) -> None:
        """Start at the instant `start`, µs, without runs: no value, no breach."""
        self.trigger = trigger
        self.state = "Resolved"
        self.value = None
        self._window = window_for(trigger.metric, trigger.range)
        self._compare = COMPARE[trigger.operator]
        self._breached = False
        self._since = start
        """Since when `_breached` has had its value without a break, µs."""
        self._taken = 0

    @property
    def fires_at(self) -> int | None:
        """When the trigger fires if nothing changes before, µs; ``None`` if it would not (K7)."""
        waits = self._breached and self.state == "Resolved"
        return self._since + self.trigger.firing_for if waits else None

    def due(self) -> int | None:
        """The earliest instant at which `advance` must run, µs; ``None`` if there is none.

        That is the next exit of a run or span from the window (K6) or the deadline at which
        it fires or is resolved (K7), whichever is first. It is exact: without an event, nothing changes before it.
        """
        leaves = self._window.next_exit()
        deadline = self._deadline()
        if leaves is None or deadline is None:
            return deadline if leaves is None else leaves
        return min(leaves, deadline)

    def advance(self, now: int) -> list[MetricChange]:
        """Let time pass up to the instant `now`, µs, without an event (K6, K7).

        Every change point at or before `now` runs, each at its own instant and in order.

        Returns:
            What changed, in order; empty if nothing was due.
        """
        changes: list[MetricChange] = []
        while (due := self.due()) is not None and due <= now:
            self._window.expire(due)
            self._observe(due, None, changes)
        return changes

    def take(self, event: Event, now: int) -> list[MetricChange]:
        """Take an event that has passed ``match`` and ``match_related`` (K1), at the instant `now`.

        `now` is the simulated clock, µs: ``event.occurred``, or later if the event comes late.
        Change points before `now` that have not run yet run first. The caller has run those at
        `now`, unless the event is a released one (see the module docstring).

        An event that reports no state (`state_name`) or names no run changes nothing.

        Returns:
            What changed, in order; empty if nothing did.
        """
        state = state_name(event.name)
        run = event.resource.get(RESOURCE_ID)
        if state is None or not run:
            return []
        changes = self.advance(now - 1)
        self._window.expire(now)
        self._taken += 1
        self._window.take(
            StateEvent(event.occurred, self._taken, state, run, event.line, event.id), now
        )
        self._observe(now, event, changes)
        return changes

    def runs(self) -> list[RunMeasure]:
        """The measurements that make up the value, in the order in which they occurred.

        Computed on each call, O(n log n) for n measurements. It is the window as of the last call
        of `take` or `advance`, which is correct until `due`.
        """
        return self._window.measures()

    def _deadline(self) -> int | None:
        if self._breached == (self.state == "Triggered"):
            return None
        return self._since + self.trigger.firing_for

    def _observe(self, at: int, event: Event | None, changes: list[MetricChange]) -> None:
        """Observe the value at the instant `at`, and append the resulting changes to `changes`."""
        value = self._window.value()
        if value != self.value:
            self.value = value
            changes.append(MetricChange("value", at, self._value_rule(event), value, event))
        # An undefined value never breaches (K5).
        breached = value is not None and self._compare(value, self.trigger.threshold)
        if breached != self._breached:
            self._breached = breached
            self._since = at
            kind: MetricChangeKind = "breached" if breached else "unbreached"
            changes.append(MetricChange(kind, at, "K7", value, event))
        deadline = self._deadline()
        if deadline is None or deadline > at:
            return
        # An event causes only what is due immediately. A deadline set earlier is a timer; if it is
        # still open, it runs after this (released) event (T4).
        if event is not None and self.trigger.firing_for > 0:
            return
        self.state = "Triggered" if breached else "Resolved"
        changed: MetricChangeKind = "fired" if breached else "resolved"
        changes.append(MetricChange(changed, at, "K7", value, event))

    def _value_rule(self, event: Event | None) -> str:
        if self.value is None:
            return "K5"
        return "K6" if event is None else _VALUE_RULES[self.trigger.metric]
