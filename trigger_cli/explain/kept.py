"""The events of a replay, kept so that it can be run again with something changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from trigger_cli.model import Event, Heading, Labels, heading_of

KEPT_WEIGHT = 3_000_000
"""How much is kept: an event weighs 4, and 1 for each label of its own, about 100 bytes each."""
_EVENT_WEIGHT = 4
_SHARED_RESOURCES = 200_000


class KeptEvents:
    """The events offered, in order; those that no trigger may want as headings.

    Beyond the limit only events that some trigger may want stay, and no longer wait for the
    event they follow, which may be gone. Whoever replays them must see first whether that still
    gives the same firings. If even these are too many, nothing is kept.

    Args:
        may_want: Whether some trigger, perhaps changed a little, may want events of a name.
        limit: How much to keep.
    """

    def __init__(self, may_want: Callable[[str], bool], limit: int = KEPT_WEIGHT) -> None:
        self._may_want = may_want
        self._limit = limit
        self._wanted: dict[str, bool] = {}
        self._events: list[Event | Heading] = []
        self._weight = 0
        self._last: Event | Heading | None = None
        self.whole = True
        """Whether nothing is missing."""
        self.gave_up = False
        """Whether there were too many events to keep any."""

    def add(self, event: Event | Heading) -> None:
        """Take the next event."""
        if self.gave_up:
            return
        wanted = self._is_wanted(event.name)
        self._last = event
        if self.whole:
            self._keep(event if wanted else heading_of(event))
            if self._weight > self._limit:
                self._thin_out()
        elif wanted:
            self._keep(event._replace(follows=None))
        if self._weight > self._limit:
            self.gave_up = True
            self._events.clear()

    def events(self) -> list[Event | Heading]:
        """What is kept; the last event is always among it, so that the clock gets as far."""
        if self.whole or self._last is None or self.gave_up:
            return self._events
        return [*self._events, heading_of(self._last)._replace(follows=None)]

    def matchable(self) -> Iterator[Event]:
        """What is kept with its resources."""
        return (one for one in self.events() if isinstance(one, Event))

    def _keep(self, event: Event | Heading) -> None:
        self._events.append(event)
        self._weight += _EVENT_WEIGHT
        if isinstance(event, Event):
            self._weight += len(event.resource)

    def _thin_out(self) -> None:
        self.whole = False
        first, *rest = self._events
        kept: Iterable[Event | Heading] = (one for one in rest if self._is_wanted(one.name))
        self._events = []
        self._weight = 0
        # The first one starts the clock.
        for one in (first, *kept):
            self._keep(one._replace(follows=None))

    def _is_wanted(self, name: str) -> bool:
        wanted = self._wanted.get(name)
        if wanted is None:
            if len(self._wanted) > self._limit:
                self._wanted.clear()
            wanted = self._wanted[name] = self._may_want(name)
        return wanted


class Sharing:
    """Events whose names, labels and related resources are one and the same where they are alike.

    Most events of a log are about the same few flows, deployments and tags, and all of them
    repeat the labels' names: shared, they take a fraction of the memory.
    """

    def __init__(self) -> None:
        self._related: dict[tuple[tuple[str, str], ...], Labels] = {}

    def shared(self, event: Event) -> Event:
        """The event, with what it has in common with earlier ones."""
        if not event.resource:
            return event._replace(name=sys.intern(event.name))
        return event._replace(
            name=sys.intern(event.name),
            resource={sys.intern(label): value for label, value in event.resource.items()},
            related=tuple(map(self._one, event.related)),
        )

    def _one(self, resource: Labels) -> Labels:
        if len(self._related) >= _SHARED_RESOURCES:
            self._related.clear()
        return self._related.setdefault(tuple(resource.items()), resource)
