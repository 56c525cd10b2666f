"""The scope of a question: the events of one bucket or of one resource, and their buckets."""

from __future__ import annotations

from collections.abc import Iterable

from trigger_cli.match.filters import compile_key
from trigger_cli.model import CompositeTrigger, Event, EventTrigger, Firing, Key, Trigger
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

KEPT_EVENTS = 20_000
_SHORTEST_SUFFIX = 4


class Scope:
    """The events asked about, and their buckets.

    Args:
        labels: ``for_each`` labels, each with the value of the events (B2).
        resource: Instead, the name of their resource, its id, or the end of its id.
    """

    def __init__(self, labels: tuple[tuple[str, str], ...] = (), resource: str = "") -> None:
        self.labels = labels
        self.resource = resource
        self.events: list[Event] = []
        """The events in scope that triggers were offered, in order; at most `KEPT_EVENTS`."""
        self._key_of = compile_key(tuple(label for label, _ in labels))
        self._wanted = tuple(value for _, value in labels)
        self._keys: dict[tuple[str, ...], frozenset[Key]] = {}

    def take(self, event: Event) -> None:
        """Add the event if it is in scope."""
        if self._fits(event) and len(self.events) < KEPT_EVENTS:
            self.events.append(event)

    def _fits(self, event: Event) -> bool:
        if self.resource:
            return is_called(self.resource, event)
        return self._key_of(event.resource, event.related) == self._wanted

    def has(self, trigger: Trigger, key: Key) -> bool:
        """Whether a trigger's bucket is one of the events' buckets."""
        if not isinstance(trigger, EventTrigger):
            return True
        keys = self._keys.get(trigger.for_each)
        if keys is None:
            key_of = compile_key(trigger.for_each)
            keys = frozenset(key_of(one.resource, one.related) for one in self.events)
            self._keys[trigger.for_each] = keys
        return key in keys

    def has_firing(self, firing: Firing) -> bool:
        """Whether a firing is of such a bucket or, for a composite, one of its children's is."""
        if isinstance(firing.trigger, CompositeTrigger):
            return any(map(self.has_firing, firing.children))
        return self.has(firing.trigger, tuple(value for _, value in firing.labels))


def scope_over(labels: tuple[tuple[str, str], ...], events: Iterable[Event]) -> Scope:
    """The scope of one bucket among given events."""
    scope = Scope(labels)
    for event in events:
        scope.take(event)
    return scope


def is_called(text: str, event: Event) -> bool:
    """Whether the event's resource has this name or id, or an id with this end."""
    ident = event.resource.get(RESOURCE_ID, "")
    if text in {ident, event.resource.get(RESOURCE_NAME)}:
        return True
    return len(text) >= _SHORTEST_SUFFIX and ident.endswith(text)
