"""The events of a replay, kept so that it can be run again with something changed."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from trigger_cli.engine.delivery import LONGEST_WAIT
from trigger_cli.engine.processed import PROCESSED_LOOK_BACK
from trigger_cli.model import Event, Heading, Labels, Unmatched, event_in, heading_of
from trigger_cli.read.log_range import one_by_one

KEPT_WEIGHT = 3_000_000
"""How much is kept: an event weighs 4, and 1 for each label of its own, about 100 bytes each."""
_EVENT_WEIGHT = 4
_ROW_WEIGHT = 2
"""Of an event in a run that no trigger may want."""
_SHARED_RESOURCES = 200_000
_MATTERS_FOR = LONGEST_WAIT + PROCESSED_LOOK_BACK
"""How long after it came an event can matter to delivery, µs: it waits, then is remembered."""


class Fate(NamedTuple):
    """What became of an event in its delivery (O2, O4)."""

    is_copy: bool = False
    """It was dropped: an event of its id had been processed."""
    waited: bool = False
    """It waited for the event it follows."""
    ended_a_wait: bool = False
    """Another event's wait ended with it."""


PROCESSED = Fate()
"""Most events' fate: nothing happened to it."""
SEEN = Fate(waited=True, ended_a_wait=True)
"""Of an event that no trigger was offered nothing is told: it may have waited."""


class KeptEvents:
    """The events of a replay, in order; those that no trigger may want as headings.

    Beyond the limit only those stay that some trigger may want or that the delivery of another
    depends on: they waited, or ended a wait (O4). Of these only those that waited still follow
    another event, as that one may be gone. Whoever replays them must see first whether that still
    gives the same firings. If even these are too many, nothing is kept.

    Args:
        may_want: Whether some trigger, perhaps changed a little, may want events of a name.
        limit: How much to keep.
    """

    def __init__(self, may_want: Callable[[str], bool], limit: int = KEPT_WEIGHT) -> None:
        self._may_want = may_want
        self._limit = limit
        self._wanted: dict[str, bool] = {}
        self._records: list[Event | Heading | Unmatched] = []
        self.count = 0
        """How many events are kept."""
        self._weight = 0
        self._fates: dict[int, Fate] = {}
        self._seen: deque[tuple[int, Heading]] = deque()
        self._clock = 0
        self._first: int | None = None
        self._last: Event | Heading | None = None
        self.whole = True
        """Whether nothing is missing."""
        self.gave_up = False
        """Whether there were too many events to keep any."""

    def see(self, heading: Heading) -> None:
        """Take an event that only delivery knows of, as it lies before ``--from`` (T7)."""
        if self._first is not None:
            self._take(heading, SEEN)
            return
        # Before the first event is offered, only those matter that delivery will remember then.
        self._clock = max(self._clock, heading.occurred)
        self._seen.append((self._clock, heading))
        while self._seen[0][0] < self._clock - _MATTERS_FOR:
            self._seen.popleft()

    def add(self, event: Event | Heading, fate: Fate = PROCESSED) -> None:
        """Take the next event that was offered to the triggers."""
        self._begin(event.line)
        self._last = event
        self._take(event, fate)

    def add_run(self, run: Unmatched, fates: Mapping[int, Fate]) -> None:
        """Take a run of events that were offered to the triggers, as `add` takes each of them.

        Args:
            run: The events.
            fates: By line, what became of those that were not just processed.
        """
        is_first = self._first is None
        self._begin(run.lines[0])
        self._last = run.heading(len(run.ids) - 1)
        if self.gave_up:
            return
        self._fates.update(fates)
        if self.whole:
            self._keep(run)
            self._limit_weight()
        elif (
            fates
            or is_first
            or any(self._is_wanted(run.names[code]) for code in set(run.name_codes))
        ):
            for event in map(event_in, one_by_one(run)):
                self._take(event, fates.get(event.line, PROCESSED))

    def _begin(self, line: int) -> None:
        """Note the line of the first event that is offered."""
        if self._first is not None:
            return
        for _, heading in self._seen:
            self._take(heading, SEEN)
        self._seen.clear()
        self._first = line

    def _take(self, event: Event | Heading, fate: Fate) -> None:
        if self.gave_up:
            return
        if fate is not PROCESSED:
            self._fates[event.line] = fate
        if self.whole:
            self._keep(event if self._is_wanted(event.name) else heading_of(event))
        elif self._stays(event):
            self._keep(self._thinned(event))
        self._limit_weight()

    def records(self) -> list[Event | Heading | Unmatched]:
        """What is kept; the last event is always among it, so that the clock gets as far."""
        last = self._last
        if self.whole or self.gave_up or last is None or self._stays(last):
            return self._records
        return [*self._records, self._thinned(last)]

    def events(self) -> Iterator[Event | Heading]:
        """What is kept, one by one."""
        for record in self.records():
            yield from map(event_in, one_by_one(record))

    def matchable(self) -> Iterator[Event]:
        """What is kept with its resources."""
        return (one for one in self.records() if isinstance(one, Event))

    def _keep(self, record: Event | Heading | Unmatched) -> None:
        self._records.append(record)
        if isinstance(record, Unmatched):
            self.count += len(record.ids)
            self._weight += _ROW_WEIGHT * len(record.ids)
            return
        self.count += 1
        self._weight += _EVENT_WEIGHT
        if isinstance(record, Event):
            self._weight += len(record.resource)

    def _limit_weight(self) -> None:
        if self.whole and self._weight > self._limit:
            self._thin_out()
        if self._weight > self._limit:
            self.gave_up = True
            self._records.clear()
            self.count = 0

    def _thin_out(self) -> None:
        kept = [self._thinned(one) for one in self.events() if self._stays(one)]
        self.whole = False
        self._records = []
        self._weight = self.count = 0
        for one in kept:
            self._keep(one)

    def _stays(self, event: Event | Heading) -> bool:
        """Whether the event is kept beyond the limit."""
        fate = self._fates.get(event.line, PROCESSED)
        return (
            event.line == self._first  # It starts the clock.
            or fate.waited
            or fate.ended_a_wait
            or (not fate.is_copy and self._is_wanted(event.name))
        )

    def _thinned(self, event: Event | Heading) -> Event | Heading:
        """The event as it is kept beyond the limit."""
        fate = self._fates.get(event.line, PROCESSED)
        is_offered = not fate.is_copy and self._is_wanted(event.name)
        kept = event if is_offered else heading_of(event)
        return kept if fate.waited else kept._replace(follows=None)

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
