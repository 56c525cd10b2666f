"""Filters: whether a trigger takes an event, in which role and under which key (N, M, B2).

Triggers with equal filters share a `Filter`, so an event is matched once for all of them.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.match.index import NecessaryLabel, find_necessary_label
from trigger_cli.match.patterns import (
    EventPredicate,
    compile_names,
    compile_resources,
    only_names,
)
from trigger_cli.model import ROLES, EventTrigger, Key, Labels, MetricTrigger
from trigger_cli.vocabulary import RESOURCE_ROLE, state_name

KeyReader: TypeAlias = Callable[[Labels, Sequence[Labels]], Key]
"""Returns the bucketing key of an event with these primary and related resources (B2)."""


class Filter(Struct, frozen=True):
    """The filter of event triggers, or of metric triggers, in one dialect."""

    number: int
    """Its place in `Filters.all`."""
    role_of: Callable[[str], int | None]
    """The role of events with a name, an index into `ROLES`; ``None``: not taken (N1, K1)."""
    names: frozenset[str] | None
    """The only names for which `role_of` may have a role; ``None``: others may have one, too."""
    matches: EventPredicate | None
    """Whether the resources match; ``None``: any resources match (M1, M2)."""
    necessary: NecessaryLabel | None
    """A condition that `matches` implies and that can be looked up."""
    key_of: KeyReader


class Filters:
    """The filters of several plans, numbered in the order in which triggers first need them.

    Plans of the same automations and dialects, compiled in the same order, get the same numbers
    in every process.
    """

    def __init__(self) -> None:
        self.all: list[Filter] = []
        self._known: dict[object, Filter] = {}

    def of(self, trigger: EventTrigger | MetricTrigger, dialect: Dialect) -> Filter:
        """Return the trigger's filter; add it if it is new."""
        names: object = None
        for_each: tuple[str, ...] = ()
        if isinstance(trigger, EventTrigger):
            names = trigger.expect, trigger.after, trigger.for_each
            for_each = trigger.for_each
        identity = dialect, trigger.match, trigger.match_related, names
        found = self._known.get(identity)
        if found is None:
            found = self._known[identity] = Filter(
                len(self.all),
                _role_reader(trigger, dialect),
                only_names(trigger) if isinstance(trigger, EventTrigger) else None,
                compile_resources(trigger, dialect),
                find_necessary_label(trigger, dialect),
                compile_key(for_each),
            )
            self.all.append(found)
        return found


def _role_reader(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> Callable[[str], int | None]:
    if isinstance(trigger, MetricTrigger):
        return _state_role
    roles_of = compile_names(trigger, dialect)

    def role_of(name: str) -> int | None:
        roles = roles_of(name)
        return None if roles is None else ROLES.index(roles)

    return role_of


def _state_role(name: str) -> int | None:
    return None if state_name(name) is None else 1


def compile_key(for_each: Sequence[str]) -> KeyReader:
    """Return a reader of the bucketing key for these labels, which are already sorted (B2)."""
    if not for_each:
        return lambda _resource, _related: ()
    readers = [_label_reader(label) for label in for_each]
    if len(readers) == 1:
        only = readers[0]
        return lambda resource, related: (only(resource, related),)
    return lambda resource, related: tuple(read(resource, related) for read in readers)


def _label_reader(label: str) -> Callable[[Labels, Sequence[Labels]], str]:
    role, related_label = _related_label(label)
    if role is None:
        return lambda resource, _related: resource.get(label) or ""

    def read(_resource: Labels, related: Sequence[Labels]) -> str:
        for one in related:
            if one.get(RESOURCE_ROLE) == role:
                return one.get(related_label) or ""
        return ""

    return read


def _related_label(label: str) -> tuple[str | None, str]:
    """The role and the label of ``related:<role>:<label>``; role ``None``: primary resource."""
    # Like the server, take what follows the last colon as the label.
    directive, _, related_label = label.rpartition(":")
    directive, _, role = directive.partition(":")
    return (role, related_label) if directive == "related" else (None, label)
