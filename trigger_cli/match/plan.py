"""Definitions compiled for a replay: the filter of each trigger and the parent of each child.

A plan is immutable. The state that changes during a replay is in the state objects of
``engine/replay.py``.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.match.filters import Filters
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    EventTrigger,
    MetricTrigger,
    Trigger,
)


class Parent(Struct, frozen=True):
    """The composite that a trigger passes its firings to, and the trigger's number as its child."""

    composite: int
    """The composite's index in `Plan.composites`."""
    child: int


class PlannedEventTrigger(Struct, frozen=True):
    """An event trigger and the number of its filter."""

    automation: Automation
    definition: EventTrigger
    parent: Parent | None
    filter: int


class PlannedMetricTrigger(Struct, frozen=True):
    """A metric trigger and the number of its filter."""

    automation: Automation
    definition: MetricTrigger
    parent: Parent | None
    filter: int


class PlannedComposite(Struct, frozen=True):
    """A composite trigger and its parent."""

    automation: Automation
    definition: CompositeTrigger
    parent: Parent | None


class Plan(Struct, frozen=True):
    """All triggers of a replay, in definition order."""

    dialect: Dialect
    leaves: tuple[PlannedEventTrigger | PlannedMetricTrigger, ...]
    """The event and metric triggers, which take events."""
    composites: tuple[PlannedComposite, ...]


def compile_plan(automations: Sequence[Automation], dialect: Dialect, filters: Filters) -> Plan:
    """Plan a replay of the enabled automations (O5) in one dialect.

    An automation with a metric trigger is omitted if the dialect has no metric triggers (D11): such
    a server refuses the whole automation.

    Args:
        automations: In definition order.
        dialect: The dialect of the replay.
        filters: The filters known so far; the plan's filters are added. A `Matcher` of them finds
            the events that the plan takes.
    """
    leaves: list[PlannedEventTrigger | PlannedMetricTrigger] = []
    composites: list[PlannedComposite] = []

    def add(automation: Automation, trigger: Trigger, parent: Parent | None) -> None:
        match trigger:
            case EventTrigger():
                number = filters.of(trigger, dialect).number
                leaves.append(PlannedEventTrigger(automation, trigger, parent, number))
            case MetricTrigger():
                number = filters.of(trigger, dialect).number
                leaves.append(PlannedMetricTrigger(automation, trigger, parent, number))
            case CompositeTrigger():
                place = len(composites)
                composites.append(PlannedComposite(automation, trigger, parent))
                for child, child_trigger in enumerate(trigger.triggers):
                    add(automation, child_trigger, Parent(place, child))

    for automation in automations:
        if is_evaluated(automation, dialect):
            add(automation, automation.trigger, None)
    return Plan(dialect, tuple(leaves), tuple(composites))


def is_evaluated(automation: Automation, dialect: Dialect) -> bool:
    """Whether a replay in `dialect` evaluates the automation (O5, D11)."""
    return automation.enabled and (
        dialect.evaluates_metrics
        or not any(isinstance(trigger, MetricTrigger) for trigger in walk(automation.trigger))
    )


def walk(trigger: Trigger) -> Iterator[Trigger]:
    """`trigger` and everything below it, in definition order."""
    yield trigger
    if isinstance(trigger, CompositeTrigger):
        for child in trigger.triggers:
            yield from walk(child)


def leaves_of(trigger: Trigger) -> Iterator[EventTrigger | MetricTrigger]:
    """The event and metric triggers of `trigger`, in definition order."""
    for one in walk(trigger):
        if not isinstance(one, CompositeTrigger):
            yield one
