"""One automation as rules see it: typed triggers, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, islice
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from trigger_cli.definitions.keys import ACTION_KEYS
from trigger_cli.definitions.nodes import (
    Node,
    ObjectMember,
    Pointer,
    format_pointer,
    locate,
    parse_pointer,
)
from trigger_cli.dialects import ALL_DIALECTS, dialects_in
from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, parts_from_docs
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    EventTrigger,
    Fix,
    LabelPatterns,
    MetricTrigger,
    Span,
    Trigger,
)
from trigger_cli.vocabulary import RESOURCE_ID

_DEPLOYMENT_KEYS = {
    "name",
    "description",
    "enabled",
    "parameters",
    "job_variables",
    "schedule_after",
}

MOST_COMPARED = 100
"""The most children of a composite that are compared in pairs: pairs grow with the square."""

Form = Literal["automation", "deployment-trigger", "bare-trigger"]


class ValueAt(Struct, frozen=True):
    """A value of the document with its place; makes problems that point there."""

    subject: Subject
    node: Node
    key_span: Span
    pointer: Pointer
    path: str | None = None
    """The trigger's path, if this is a trigger or a part of one."""

    def has(self, key: str) -> bool:
        """Whether this object has `key`."""
        return key in self.node.members

    def at(self, *place: str | int) -> ValueAt:
        """A value below this one, or the deepest existing one on the way to it."""
        here = ObjectMember(self.key_span, self.node)
        pointer = self.pointer
        for step in place:
            found = locate(here.node, (step,))
            if found is None:
                # A single pattern may be given without a list (M1), a single object too (M2).
                if step == 0 and not here.node.is_list:
                    continue
                break
            here, pointer = found, (*pointer, step)
        return ValueAt(self.subject, here.node, here.key_span, pointer, self.path)

    def problem(self, message: str, help: str | None = None, fix: Fix | None = None) -> Problem:  # noqa: A002
        """A problem with this value."""
        return self._problem(message, _head(self.node), help, fix)

    def key_problem(self, message: str, help: str | None = None, fix: Fix | None = None) -> Problem:  # noqa: A002
        """A problem with this value's key."""
        return self._problem(message, self.key_span, help, fix)

    def _problem(self, message: str, span: Span, help_: str | None, fix: Fix | None) -> Problem:
        return Problem(message, span, format_pointer(self.pointer), help_, fix, self.path)

    def strings(self) -> Iterator[tuple[ValueAt, str]]:
        """The value itself if it is a string, or the strings in it if it is a list."""
        if isinstance(self.node.value, str):
            yield self, self.node.value
        for index, item in enumerate(self.node.items):
            if isinstance(item.value, str):
                yield self.at(index), item.value


class LabelAt(Struct, frozen=True):
    """One label of a ``match`` or ``match_related`` object."""

    label: str
    patterns: tuple[str, ...]
    at: ValueAt
    """Its patterns: a string or a list."""
    siblings: LabelPatterns
    """The whole object."""


class ActionAt(ValueAt, frozen=True):
    """An action of an automation and its place."""

    def get(self, key: str) -> Any:
        """The value of one of its keys; ``None`` if the key is missing."""
        return self.node.value.get(key)

    @property
    def kind(self) -> str:
        """Its type; empty if that is missing or not a text."""
        kind = self.get("type")
        return kind if isinstance(kind, str) else ""


class EventAt(ValueAt, frozen=True, kw_only=True):
    """An event trigger and its place."""

    trigger: EventTrigger

    def each(self, key: Literal["expect", "after", "for_each"]) -> Iterator[tuple[ValueAt, str]]:
        """The texts of a list and their places."""
        return self.at(key).strings() if self.has(key) else iter(())


class MetricAt(ValueAt, frozen=True, kw_only=True):
    """A metric trigger and its place."""

    trigger: MetricTrigger


class CompositeAt(ValueAt, frozen=True, kw_only=True):
    """A composite trigger and its place."""

    trigger: CompositeTrigger
    children: tuple[TriggerAt, ...]

    @property
    def needs_several(self) -> bool:
        """Whether more than one child must have fired (C2, C4)."""
        return self.trigger.require > 1

    def pairs(self) -> Iterator[tuple[EventAt, EventAt]]:
        """All pairs of the first children that are event triggers, in their order."""
        events = (one for one in self.children if isinstance(one, EventAt))
        return combinations(islice(events, MOST_COMPARED), 2)


LeafAt: TypeAlias = EventAt | MetricAt
TriggerAt: TypeAlias = EventAt | MetricAt | CompositeAt


class Subject:
    """One automation of one document.

    Args:
        automation: The automation.
        file: The file that it was read from.
        root: The document that holds it.
        pointer: The pointer to the automation, or to the bare trigger.
        trigger_pointer: The pointer to its trigger.
        dialects: As `dialects_in` parses them; with ``both``, any server may be meant.
    """

    def __init__(
        self,
        automation: Automation,
        file: File,
        root: Node,
        pointer: str,
        trigger_pointer: str,
        dialects: str = "both",
    ) -> None:
        self._dialects = ALL_DIALECTS if dialects == "both" else dialects_in(dialects)
        self.automation = automation
        self.file = file
        place = parse_pointer(root, pointer)
        found = locate(root, place)
        trigger_place = parse_pointer(root, trigger_pointer)
        trigger = locate(root, trigger_place)
        assert found is not None
        assert trigger is not None
        self.at = ValueAt(self, found.node, found.key_span, place)
        holder = locate(root, place[:-2]) if place[-2:-1] == ("triggers",) else None
        name = None if holder is None else holder.node.get("name")
        self.deployment = name.value if name is not None and isinstance(name.value, str) else None
        """The name of the deployment that has this trigger, if the document says it."""
        self.form: Form = _form(found.node, place, bare=pointer == trigger_pointer)
        self._triggers: list[TriggerAt] = []
        self.root = self._place(automation.trigger, trigger, trigger_place)

    @cached_property
    def triggers(self) -> tuple[TriggerAt, ...]:
        """Every trigger, each composite before its children."""
        return tuple(sorted(self._triggers, key=lambda one: one.pointer))

    @cached_property
    def events(self) -> tuple[EventAt, ...]:
        """The event triggers."""
        return tuple(one for one in self._triggers if isinstance(one, EventAt))

    @cached_property
    def reactive(self) -> tuple[EventAt, ...]:
        """The event triggers that fire when events arrive."""
        return tuple(one for one in self.events if one.trigger.posture == "Reactive")

    @cached_property
    def proactive(self) -> tuple[EventAt, ...]:
        """The event triggers that fire when events do not arrive."""
        return tuple(one for one in self.events if one.trigger.posture == "Proactive")

    @cached_property
    def metrics(self) -> tuple[MetricAt, ...]:
        """The metric triggers."""
        return tuple(one for one in self._triggers if isinstance(one, MetricAt))

    @cached_property
    def composites(self) -> tuple[CompositeAt, ...]:
        """The compound and sequence triggers."""
        return tuple(one for one in self._triggers if isinstance(one, CompositeAt))

    @cached_property
    def leaves(self) -> tuple[LeafAt, ...]:
        """The event and metric triggers."""
        return tuple(one for one in self._triggers if isinstance(one, (EventAt, MetricAt)))

    @cached_property
    def listed_actions(self) -> tuple[ActionAt, ...]:
        """What the automation lists as actions, also what is no object."""
        return tuple(
            ActionAt(self, item, item.span, (*self.at.pointer, key, index))
            for key in ACTION_KEYS
            if self.form == "automation" and (listed := self.at.node.get(key))
            for index, item in enumerate(listed.items)
        )

    @property
    def actions(self) -> Iterator[ActionAt]:
        """The actions of the automation, from all its lists."""
        return (one for one in self.listed_actions if one.node.is_object)

    @cached_property
    def names(self) -> tuple[tuple[ValueAt, str], ...]:
        """Every event name in ``after`` and ``expect``, and its place."""
        return tuple(
            named
            for event in self.events
            for named in (*event.each("after"), *event.each("expect"))
        )

    @cached_property
    def match_labels(self) -> tuple[tuple[LeafAt, LabelAt], ...]:
        """Every label of every ``match``, with its trigger."""
        return tuple(
            (one, LabelAt(label, patterns, one.at("match", label), one.trigger.match))
            for one in self.leaves
            for label, patterns in one.trigger.match
        )

    @cached_property
    def related_labels(self) -> tuple[tuple[LeafAt, LabelAt], ...]:
        """Every label of every ``match_related`` object, with its trigger."""
        return tuple(
            (one, LabelAt(label, patterns, one.at("match_related", index, label), labels))
            for one in self.leaves
            for index, labels in enumerate(one.trigger.match_related)
            for label, patterns in labels
        )

    @cached_property
    def labels(self) -> tuple[tuple[LeafAt, LabelAt], ...]:
        """Every label of ``match`` and ``match_related``."""
        return self.match_labels + self.related_labels

    def ids(self) -> Iterator[tuple[ValueAt, str, LabelAt]]:
        """Every pattern for a resource's id, its place, and its label."""
        for _, label in self.labels:
            if label.label == RESOURCE_ID:
                for at, pattern in label.at.strings():
                    yield at, pattern, label

    def related_objects(self) -> Iterator[tuple[LeafAt, ValueAt, dict[str, Any]]]:
        """Every non-empty ``match_related`` object: its trigger, its place, its patterns."""
        for one in self.leaves:
            for index, labels in enumerate(one.trigger.match_related):
                if labels:
                    yield one, one.at("match_related", index), dict(labels)

    def said_of(self, row: str, docs: str, servers: str) -> str:
        """What is true of the chosen dialects, where a row of section D divides them.

        Args:
            row: The row, such as ``D9``.
            docs: What the dialects do that agree there with ``docs``.
            servers: What the others do.
        """
        parts = {parts_from_docs(row, one) for one in self._dialects}
        told = [text for side, text in ((False, docs), (True, servers)) if side in parts and text]
        return ", ".join(told)

    def _place(self, trigger: Trigger, member: ObjectMember, pointer: Pointer) -> TriggerAt:
        place = (self, member.node, member.key_span, pointer, trigger.path)
        found: TriggerAt
        match trigger:
            case EventTrigger():
                found = EventAt(*place, trigger=trigger)
            case MetricTrigger():
                found = MetricAt(*place, trigger=trigger)
            case CompositeTrigger():
                nodes = member.node.members["triggers"].node.items
                children = tuple(
                    self._place(child, ObjectMember(node.span, node), (*pointer, "triggers", index))
                    for index, (child, node) in enumerate(
                        zip(trigger.triggers, nodes, strict=False)
                    )
                )
                found = CompositeAt(*place, trigger=trigger, children=children)
        self._triggers.append(found)
        return found


def _form(node: Node, place: Pointer, *, bare: bool) -> Form:
    if not bare:
        return "automation"
    # `prefect deploy` adds the posture; a trigger sent unchanged has a type.
    if "deployments" in place or "triggers" in place or _DEPLOYMENT_KEYS & set(node.members):
        return "deployment-trigger"
    if "type" not in node.members and "posture" not in node.members:
        return "deployment-trigger"
    return "bare-trigger"


def _head(node: Node) -> Span:
    """The span of a one-line value, else of its first character."""
    span = node.span
    if span.line == span.end_line or not (node.is_object or node.is_list):
        return span
    return Span(span.line, span.column, span.line, span.column + 1)
