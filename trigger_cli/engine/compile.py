"""Definitions compiled for a replay: predicates, bucketing keys, and who is whose parent.

A compiled trigger is immutable; what changes while a replay runs stands in the state objects
that ``replay.py`` keeps for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from trigger_cli.dialect import Dialect
from trigger_cli.engine.delivery import UNDELIVERED_NAMES
from trigger_cli.engine.metric import state_name
from trigger_cli.matching import (
    EventPredicate,
    NameRoles,
    NecessaryLabel,
    TriggerIndex,
    compile_names,
    compile_resources,
    find_necessary_label,
)
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    Labels,
    MetricTrigger,
    Trigger,
)
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

Key: TypeAlias = tuple[str, ...]


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
    necessary: NecessaryLabel | None
    """A part of `matches` that can be looked up."""
    key_of: Callable[[Event], Key]


@dataclass(frozen=True, slots=True)
class CompiledMetricTrigger:
    """A metric trigger, ready to be asked about events."""

    automation: Automation
    definition: MetricTrigger
    parent: Parent | None
    matches: EventPredicate | None
    necessary: NecessaryLabel | None
    """A part of `matches` that can be looked up."""


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
                        find_necessary_label(trigger, dialect),
                        compile_key(trigger.for_each),
                    )
                )
            case MetricTrigger():
                matches = compile_resources(trigger, dialect)
                necessary = find_necessary_label(trigger, dialect)
                leaves.append(
                    CompiledMetricTrigger(automation, trigger, parent, matches, necessary)
                )
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


class Interest:
    """What the triggers want of the events of one name (N1, M1, M2).

    Args:
        conditions: Each one's condition on resources (``None`` takes every event), with a part
            of it that can be looked up.
        own: The labels of the primary resource that they read.
        related: The labels of related resources that they read.
    """

    __slots__ = ("_index", "_own", "_related", "_takes_all")

    def __init__(
        self,
        conditions: Sequence[tuple[NecessaryLabel | None, EventPredicate | None]],
        own: set[str],
        related: set[str],
    ) -> None:
        self._takes_all = any(condition is None for _, condition in conditions)
        self._index = TriggerIndex(
            [(necessary, one) for necessary, one in conditions if one is not None]
        )
        self._own = tuple(sorted(own))  # in an order that does not vary (T2)
        self._related = related

    def select(
        self, resource: Labels, related: tuple[Labels, ...]
    ) -> tuple[Labels, tuple[Labels, ...]] | None:
        """The labels that triggers read of an event; ``None`` if it matches none of them.

        They are what a worker sends to the engine's process: fewer of them, less to carry.
        """
        if not self._takes_all:
            for matches in self._index.candidates(resource, related):
                if matches(resource, related):
                    break
            else:
                return None
        resource = {label: resource[label] for label in self._own if label in resource}
        wanted = self._related
        if not wanted:
            return resource, ()
        # A related resource with no label that anyone reads satisfies nothing and forbids nothing.
        others = (
            {label: one[label] for label in one if label in wanted}
            for one in related
            if not wanted.isdisjoint(one)
        )
        return resource, tuple(others)


SHOWN_LABELS = frozenset({RESOURCE_ID, RESOURCE_NAME})
"""The labels of a primary resource that views show, whatever triggers ask for."""


def compile_wanted(
    automations: Sequence[Automation], dialects: Sequence[Dialect]
) -> Callable[[str], Interest | None]:
    """What some enabled trigger wants, in one of the dialects, of the events of a name (N, M, K1).

    Of all other events a replay needs only what their delivery depends on (O2-O4).
    """
    leaves = [leaf for one in dialects for leaf in compile_automations(automations, one).leaves]

    def wanted(name: str) -> Interest | None:
        if name in UNDELIVERED_NAMES:  # O3
            return None
        takers = [
            leaf
            for leaf in leaves
            if (
                state_name(name) is not None
                if isinstance(leaf, CompiledMetricTrigger)
                else leaf.roles(name) is not None
            )
        ]
        if not takers:
            return None
        own, related = set(SHOWN_LABELS), set[str]()
        for leaf in takers:
            own.update(label for label, _ in leaf.definition.match)
            related.update(label for one in leaf.definition.match_related for label, _ in one)
            if isinstance(leaf, CompiledEventTrigger):
                for label in leaf.definition.for_each:
                    role, related_label = _related_label(label)
                    if role is None:
                        own.add(label)
                    else:
                        related |= {related_label, RESOURCE_ROLE}
        return Interest([(leaf.necessary, leaf.matches) for leaf in takers], own, related)

    return wanted


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
    role, related_label = _related_label(label)
    if role is None:
        return lambda event: event.resource.get(label) or ""

    def read(event: Event) -> str:
        for resource in event.related:
            if resource.get(RESOURCE_ROLE) == role:
                return resource.get(related_label) or ""
        return ""

    return read


def _related_label(label: str) -> tuple[str | None, str]:
    """The role and the label of ``related:<role>:<label>``; no role: of the primary resource."""
    # The label is what follows the last colon, as the server reads it.
    directive, _, related_label = label.rpartition(":")
    directive, _, role = directive.partition(":")
    return (role, related_label) if directive == "related" else (None, label)
