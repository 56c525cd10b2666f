"""Replays many variants of one trigger together, for their firings only.

Common work is done once. An event is matched, and its key is found, once for all variants with the
same filters. Event and metric triggers that several variants share, or that differ only in fields
that cohorts can share, are stepped as cohorts. A composite that several variants share is evaluated
once. The result is when and with which key each variant fired, as in a `Replay` of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from heapq import heappop, heappush
from operator import itemgetter

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.dialects import Dialect
from trigger_cli.engine.composite import StoredFirings
from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.endless import endless_error
from trigger_cli.history.metric_cohorts import MetricCohorts
from trigger_cli.history.proactive_cohorts import Fires, ProactiveCohorts
from trigger_cli.history.reactive_cohorts import ReactiveCohorts
from trigger_cli.match.plan import Plan, PlannedEventTrigger, PlannedMetricTrigger
from trigger_cli.model import (
    ROLES,
    Automation,
    EventTrigger,
    Firing,
    Key,
    MetricTrigger,
    Trigger,
)

# At one instant, proactive triggers are evaluated before metrics (T4).
_PROACTIVE, _METRIC = range(2)
_CHILD = re.compile(r"\[(\d+)\]")


class _Node(Struct):
    """A trigger, once for all variants that have it at the same place."""

    trigger: Trigger
    automation: Automation
    """The automation of one of the variants."""
    variants: list[int] = field(default_factory=list)
    """The variants of which it is the whole trigger."""
    parents: list[tuple[_Composite, int]] = field(default_factory=list)
    """The composites that contain it, each with the child's number."""


class _Composite(_Node):
    stored: StoredFirings | None = None
    """``None`` if one firing is enough (C2)."""


class _Timer(Struct):
    """The next evaluation of cohorts with deadlines."""

    phase: int
    place: tuple[int, ...]
    """The sort key for definition order."""
    number: int
    cohorts: ProactiveCohorts | MetricCohorts
    scheduled: int | None = None


class Variants:
    """A replay of variants in progress.

    Args:
        automations: One per variant.
        plan: Their plan; the takings of each `Match` refer to filters by number.
        buffer: How long the server dialect keeps a bucket past its end, µs (S2).
        fires: Called for each firing of a variant: its index in `automations`, the clock in µs, and
            the bucketing key.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        plan: Plan,
        buffer: int,
        fires: Fires,
    ) -> None:
        self._fires = fires
        self._fired: list[tuple[int, int, Key]] = []
        variants = {one.index: number for number, one in enumerate(automations)}
        nodes: dict[Trigger, _Node] = {}
        composites: list[_Composite] = []

        for compiled in plan.composites:
            trigger = compiled.definition
            stored = None if trigger.require == 1 else StoredFirings(trigger)
            new = _Composite(trigger, compiled.automation, stored=stored)
            node = nodes.setdefault(trigger, new)
            assert isinstance(node, _Composite)
            composites.append(node)
        leaves = sorted(plan.leaves, key=lambda one: _place(one.definition))
        for compiled_leaf in leaves:
            definition = compiled_leaf.definition
            nodes.setdefault(definition, _Node(definition, compiled_leaf.automation))
        edges: set[tuple[int, int, int]] = set()
        for one in (*plan.composites, *leaves):
            node = nodes[one.definition]
            if one.parent is None:
                node.variants.append(variants[one.automation.index])
                continue
            parent, child = composites[one.parent.composite], one.parent.child
            if (edge := (id(node), id(parent), child)) not in edges:
                edges.add(edge)
                node.parents.append((parent, child))

        distinct = list({one.definition: one for one in leaves}.values())
        self._nodes = [nodes[one.definition] for one in distinct]
        self._is_flat = not composites
        self._ran_until = 0
        self._timers: list[_Timer] = []
        self._proactive: list[tuple[int, ProactiveCohorts]] = []
        """Cohorts, each with the number of one of its triggers."""
        self._queue: list[tuple[int, int, tuple[int, ...], int, _Timer]] = []
        self._families = self._event_triggers(distinct, plan.dialect, buffer)
        self._metrics = self._metric_triggers(distinct)

    def _event_triggers(
        self,
        leaves: Sequence[PlannedEventTrigger | PlannedMetricTrigger],
        dialect: Dialect,
        buffer: int,
    ) -> dict[int, list[ReactiveCohorts | ProactiveCohorts]]:
        """The event triggers that share a filter (N, M, B2), by its number."""
        alike: dict[tuple[int, EventTrigger], list[tuple[int, EventTrigger]]] = {}
        for number, leaf in enumerate(leaves):
            if isinstance(leaf, PlannedEventTrigger):
                same = (leaf.filter, replace(leaf.definition, threshold=1))
                alike.setdefault(same, []).append((number, leaf.definition))
        found: dict[int, list[ReactiveCohorts | ProactiveCohorts]] = {}
        for (filter_number, one), members in alike.items():
            cohorts: ReactiveCohorts | ProactiveCohorts
            if one.posture == "Reactive":
                cohorts = ReactiveCohorts(members, dialect, buffer, self._note)
            else:
                cohorts = ProactiveCohorts(members, dialect, buffer, self._note)
                self._proactive.append((members[0][0], cohorts))
                self._new_timer(_PROACTIVE, one, cohorts)
            found.setdefault(filter_number, []).append(cohorts)
        return found

    def _metric_triggers(
        self, leaves: Sequence[PlannedEventTrigger | PlannedMetricTrigger]
    ) -> dict[int, list[tuple[MetricCohorts, _Timer]]]:
        """The metric triggers that share a window, by the number of their filter."""
        alike: dict[tuple[int, str, str, int], list[tuple[int, MetricTrigger]]] = {}
        for number, leaf in enumerate(leaves):
            if isinstance(leaf, PlannedMetricTrigger):
                own = leaf.definition
                same = (leaf.filter, own.path, own.metric, own.range)
                alike.setdefault(same, []).append((number, own))
        found: dict[int, list[tuple[MetricCohorts, _Timer]]] = {}
        for (filter_number, *_), members in alike.items():
            cohorts = MetricCohorts(members, self._note)
            timer = self._new_timer(_METRIC, members[0][1], cohorts)
            found.setdefault(filter_number, []).append((cohorts, timer))
        return found

    def _new_timer(
        self, phase: int, trigger: Trigger, cohorts: ProactiveCohorts | MetricCohorts
    ) -> _Timer:
        timer = _Timer(phase, _place(trigger), len(self._timers), cohorts)
        self._timers.append(timer)
        return timer

    # --- Time and events -----------------------------------------------------------------

    def start(self, instant: int) -> None:
        """Start the clock, µs (T3)."""
        self._ran_until = instant
        for timer in self._timers:
            if isinstance(timer.cohorts, ProactiveCohorts):
                timer.cohorts.start(instant)
                self._schedule(timer)

    def take(self, one: Delivered) -> None:
        """Run the timers due before an event, and let the variants take it (T4)."""
        self.run_timers(one.timers_until)
        for number, role, key in one.match.takings:
            for cohorts in self._families.get(number, ()):
                cohorts.take(one.event, one.clock, key, ROLES[role])
        for number, _, _ in one.match.takings:
            for metrics, timer in self._metrics.get(number, ()):
                metrics.take(one.event, one.clock)
                self._schedule(timer)
        if self._fired:
            self._pass_on()

    def run_timers(self, until: int) -> None:
        """Run all deadlines up to `until`, µs, in order (T4).

        Raises:
            EndlessError: A variant has too many of them.
        """
        since, self._ran_until = self._ran_until, max(until, self._ran_until)
        for number, cohorts in self._proactive:
            windows = cohorts.endless(until - since)
            if windows:
                automation, trigger = self._nodes[number].automation, cohorts.trigger
                raise endless_error(automation, trigger, windows, since, until, None)
        queue = self._queue
        while queue and queue[0][0] <= until:
            due, _, _, _, timer = heappop(queue)
            timer.scheduled = None
            if timer.cohorts.due() == due:
                timer.cohorts.advance(due, until)
                if self._fired:
                    self._pass_on()
            self._schedule(timer)

    def _schedule(self, timer: _Timer) -> None:
        due = timer.cohorts.due()
        if due is not None and (timer.scheduled is None or due < timer.scheduled):
            timer.scheduled = due
            heappush(self._queue, (due, timer.phase, timer.place, timer.number, timer))

    # --- Firings -------------------------------------------------------------------------

    def _note(self, leaf: int, at: int, key: Key) -> None:
        self._fired.append((leaf, at, key))

    def _pass_on(self) -> None:
        """Pass the firings of one instant to the variants and the composites (C3, C6)."""
        fired = self._fired
        if not self._is_flat:
            # Leaves are numbered in definition order; the firings of one leaf keep their order.
            fired.sort(key=itemgetter(0))
        for leaf, at, key in fired:
            node = self._nodes[leaf]
            for variant in node.variants:
                self._fires(variant, at, key)
            if node.parents:
                self._give_to_parents(node, _firing(node, at))
        fired.clear()

    def _give_to_parents(self, node: _Node, firing: Firing) -> None:
        for parent, child in node.parents:
            stored = parent.stored
            if stored is not None:
                stored.expire(firing.at)
                stored.store(child, firing)
                if not stored.satisfied:
                    continue
                stored.clear()
            for variant in parent.variants:
                self._fires(variant, firing.at, ())
            if parent.parents:
                self._give_to_parents(parent, _firing(parent, firing.at))


def _firing(node: _Node, at: int) -> Firing:
    """A firing with the fields that composites use."""
    return Firing(0, node.automation, node.trigger, at, (), None, ())


def _place(trigger: Trigger) -> tuple[int, ...]:
    """The place of a trigger in its automation; places sort in definition order."""
    return tuple(map(int, _CHILD.findall(trigger.path)))
