"""Definitions compiled for a replay: predicates, bucketing keys, and who is whose parent.

A compiled trigger is immutable; what changes while a replay runs stands in the state objects
that ``replay.py`` keeps for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from trigger_cli.dialect import Dialect
from trigger_cli.engine.metric import state_name
from trigger_cli.matching import (
    EventPredicate,
    NameRoles,
    compile_names,
    compile_resources,
)
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    MetricTrigger,
    Trigger,
)

Key: TypeAlias = tuple[str, ...]
RESOURCE_ROLE = "prefect.resource.role"


@dataclass(frozen=True, slots=True)
class Parent:
    """The composite that a trigger's firings go up to, and which of its children it is."""

    composite: int
    """The composite's place in `Plan.composites`."""
    child: int


@dataclass(frozen=True, slots=True)
class CompiledEventTrigger:
    """An event trigger, ready to be asked about events."""

    automation: Automation
    definition: EventTrigger
    parent: Parent | None
    roles: Callable[[str], NameRoles | None]
    matches: EventPredicate | None
    key_of: Callable[[Event], Key]


@dataclass(frozen=True, slots=True)
class CompiledMetricTrigger:
    """A metric trigger, ready to be asked about events."""

    automation: Automation
    definition: MetricTrigger
    parent: Parent | None
    matches: EventPredicate | None


@dataclass(frozen=True, slots=True)
class CompiledComposite:
    """A composite trigger and where its own firings go."""

    automation: Automation
    definition: CompositeTrigger
    parent: Parent | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All triggers of a replay, in definition order."""

    leaves: tuple[CompiledEventTrigger | CompiledMetricTrigger, ...]
    """The event and metric triggers: what looks at events."""
    composites: tuple[CompiledComposite, ...]


def compile_automations(automations: Sequence[Automation], dialect: Dialect) -> Plan:
    """Compile the enabled automations (O5) for one dialect.

    An automation with a metric trigger is left out where the dialect has none (D11): such a
    server refuses it, and what it would do without that trigger is anybody's guess.
    """
    leaves: list[CompiledEventTrigger | CompiledMetricTrigger] = []
    composites: list[CompiledComposite] = []

    def add(automation: Automation, trigger: Trigger, parent: Parent | None) -> None:
        match trigger:
            case EventTrigger():
                leaves.append(
                    CompiledEventTrigger(
                        automation,
                        trigger,
                        parent,
                        compile_names(trigger, dialect),
                        compile_resources(trigger, dialect),
                        compile_key(trigger.for_each),
                    )
                )
            case MetricTrigger():
                matches = compile_resources(trigger, dialect)
                leaves.append(CompiledMetricTrigger(automation, trigger, parent, matches))
            case CompositeTrigger():
                place = len(composites)
                composites.append(CompiledComposite(automation, trigger, parent))
                for child, child_trigger in enumerate(trigger.triggers):
                    add(automation, child_trigger, Parent(place, child))

    for automation in automations:
        if is_evaluated(automation, dialect):
            add(automation, automation.trigger, None)
    return Plan(tuple(leaves), tuple(composites))


def is_evaluated(automation: Automation, dialect: Dialect) -> bool:
    """Whether a replay in `dialect` evaluates the automation (O5, D11)."""
    return automation.enabled and (
        dialect.evaluates_metrics
        or not any(isinstance(trigger, MetricTrigger) for trigger in walk(automation.trigger))
    )


def compile_interest(
    automations: Sequence[Automation], dialects: Sequence[Dialect]
) -> Callable[[str], bool]:
    """Whether some enabled trigger may want an event of a name, in one of the dialects (N1, K1).

    Of other events a replay needs only when they occurred and what they follow.
    """
    triggers = [t for one in automations if one.enabled for t in walk(one.trigger)]
    roles = [
        compile_names(trigger, dialect)
        for trigger in triggers
        if isinstance(trigger, EventTrigger)
        for dialect in dialects
    ]
    has_metrics = any(isinstance(trigger, MetricTrigger) for trigger in triggers)

    def interests(name: str) -> bool:
        if has_metrics and state_name(name) is not None:
            return True
        return any(role_of(name) is not None for role_of in roles)

    return interests


def walk(trigger: Trigger) -> Iterator[Trigger]:
    """`trigger` and everything below it, in definition order."""
    yield trigger
    if isinstance(trigger, CompositeTrigger):
        for child in trigger.triggers:
            yield from walk(child)


def compile_key(for_each: Sequence[str]) -> Callable[[Event], Key]:
    """The bucketing key of an event for these labels, already sorted (B2)."""
    if not for_each:
        return lambda _event: ()
    readers = [_label_reader(label) for label in for_each]
    if len(readers) == 1:
        only = readers[0]
        return lambda event: (only(event),)
    return lambda event: tuple(read(event) for read in readers)


def _label_reader(label: str) -> Callable[[Event], str]:
    # `related:<role>:<label>`; the label is what follows the last colon, as the server reads it.
    directive, _, related_label = label.rpartition(":")
    directive, _, role = directive.partition(":")
    if directive != "related":
        return lambda event: event.resource.get(label) or ""

    def read(event: Event) -> str:
        for resource in event.related:
            if resource.get(RESOURCE_ROLE) == role:
                return resource.get(related_label) or ""
        return ""

    return read
