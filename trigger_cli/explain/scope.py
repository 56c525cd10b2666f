"""The scope of a question: the events of one bucket or of one resource, and their buckets."""

from bisect import bisect
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from trigger_cli.engine.runs import FiringRun
from trigger_cli.match.filters import compile_key
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    FiredTransition,
    Firing,
    Key,
    Pending,
    Trigger,
    TriggerTransition,
)
from trigger_cli.views.windows import WindowStory, windows_of
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, is_shortened, is_written_as

KEPT_EVENTS = 20_000
NAMELESS_EVENTS = 5_000
"""How many events without a name are kept at a time, because their resource may get it later."""
_SHORTEST_SUFFIX = 4


class Scope:
    """The events asked about, and their buckets.

    Args:
        labels: ``for_each`` labels, each with the value that the events have (B2).
        resource: Or the name of their resource, its id, the id's end, or the id as tables show it.
    """

    def __init__(self, labels: tuple[tuple[str, str], ...] = (), resource: str = "") -> None:
        self.labels = labels
        self.resource = resource
        self.events: list[Event] = []
        """The events in scope that triggers were offered, in order; at most `KEPT_EVENTS`."""
        self._key_of = compile_key(tuple(label for label, _ in labels))
        self._wanted = tuple(value for _, value in labels)
        self._is_exact = False
        self.asks_name = False
        """Whether `resource` is the name of one."""
        self._named: set[str] = set()
        """The ids of resources that were named so; some of their events may lack the name."""
        self._nameless: deque[tuple[int, Event]] = deque(maxlen=NAMELESS_EVENTS)
        """The latest events that lack one, each with its number."""
        self._forgot = False
        """Whether earlier ones are not kept any more."""
        self.may_lack_events = False
        """Whether events from before a resource's first with the name may be missing."""
        self._number = 0
        self._numbers: list[int] = []
        """The number of each of `events`."""
        self.alike: dict[Key, None] = {}
        """The ids or keys that match the given part of one; more than one is ambiguous."""
        self._keys: dict[tuple[str, ...], frozenset[Key]] = {}

    def take(self, event: Event) -> None:
        """Take the event if it is one of those asked about."""
        self._number += 1
        known = len(self._named)
        found = self._found(event)
        if self.resource and not event.resource.get(RESOURCE_NAME):
            self._forgot = self._forgot or len(self._nameless) == NAMELESS_EVENTS
            self._nameless.append((self._number, event))
        if found is None:
            return
        key, is_exact = found
        if is_exact and not self._is_exact:
            # An id given in full takes precedence over ids of which it is a part.
            self._is_exact = True
            self.events.clear()
            self._numbers.clear()
            self.alike.clear()
        if is_exact != self._is_exact:
            return
        if not is_exact:
            self.alike[key] = None
        if len(self._named) > known and key != ("",):
            self.may_lack_events |= self._forgot and key != (self.resource,)
            for number, one in self._nameless:
                if number < self._number and key == (one.resource.get(RESOURCE_ID),):
                    self._keep(number, one)
        self._keep(self._number, event)

    def _keep(self, number: int, event: Event) -> None:
        if len(self.events) < KEPT_EVENTS:
            place = bisect(self._numbers, number)
            self._numbers.insert(place, number)
            self.events.insert(place, event)

    def _found(self, event: Event) -> tuple[Key, bool] | None:
        """The event's id or key if the event is in scope, and whether it was given in full."""
        if self.resource:
            ident = event.resource.get(RESOURCE_ID, "")
            name = event.resource.get(RESOURCE_NAME, "")
            is_name = is_written_as(name, self.resource)
            if ident == self.resource or is_name:
                self.asks_name |= is_name
                self._named.add(ident)
                return (ident,), True
            if ident and ident in self._named:
                return (ident,), True
            is_end = len(self.resource) >= _SHORTEST_SUFFIX and ident.endswith(self.resource)
            return ((ident,), False) if is_end or _is_shown(ident, self.resource) else None
        key = self._key_of(event.resource, event.related)
        if key == self._wanted:
            return key, True
        pairs = zip(self._wanted, key, strict=True)
        return (key, False) if all(_is_shown(y, x) for x, y in pairs) else None

    def since(self, first: int) -> "Scope":
        """The same scope, without the events that occurred before `first`, µs."""
        found = Scope(self.labels, self.resource)
        found.asks_name, found.may_lack_events = self.asks_name, self.may_lack_events
        found.events = [one for one in self.events if one.occurred >= first]
        return found

    def may_have_buckets(self, automation: Automation) -> bool:
        """Whether a trigger of the automation has buckets by all of the labels."""
        wanted = {label for label, _ in self.labels}
        return any(
            isinstance(one, EventTrigger) and wanted.issubset(one.for_each)
            for one in walk(automation.trigger)
        )

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

    def shares(self, trigger: Trigger) -> bool:
        """Whether a bucket of the trigger also takes events of other resources.

        One by name takes those of all resources of that name; each pool has a queue ``default``.
        """
        own = {RESOURCE_ID, RESOURCE_NAME} if self.asks_name else {RESOURCE_ID}
        return (
            bool(self.resource)
            and isinstance(trigger, EventTrigger)
            and own.isdisjoint(trigger.for_each)
        )


class Share:
    """Selects the records, firings and deadlines of one replayed automation that are in scope.

    If a bucket also takes events of other resources, only the windows that an event in scope
    opened, was counted in, or fired are selected.

    Args:
        scope: The events asked about.
        records: All records of the automation.
    """

    def __init__(self, scope: Scope, records: Iterable[TriggerTransition]) -> None:
        self._scope = scope
        shared: dict[str, list[TriggerTransition]] = defaultdict(list)
        for one in records:
            if scope.shares(one.trigger):
                shared[one.trigger.path].append(one)
        lines = {one.line for one in scope.events}
        windows = {path: [*windows_of(of)] for path, of in shared.items()}
        own = {
            path: [one for one in of if not lines.isdisjoint(_lines_in(one))]
            for path, of in windows.items()
        }
        self._seqs = frozenset(
            one.seq for path, of in shared.items() for one in _records_in(own[path], of)
        )
        self._open = {
            (path, one.key) for path, of in own.items() for one in of if one.ending is None
        }

    def has_record(self, one: TriggerTransition) -> bool:
        """Whether a record is in scope."""
        if isinstance(one, FiredTransition):
            return self.has_firing(one.firing)
        if self._scope.shares(one.trigger):
            return one.seq in self._seqs
        return self._scope.has(one.trigger, one.key)

    def has_firing(self, firing: Firing) -> bool:
        """Whether a firing is in scope; for a composite, a firing of one of its children."""
        if isinstance(firing.trigger, CompositeTrigger):
            return any(map(self.has_firing, firing.children))
        if self._scope.shares(firing.trigger):
            return firing.seq in self._seqs
        return self._scope.has(firing.trigger, tuple(value for _, value in firing.labels))

    def has_run(self, run: FiringRun) -> bool:
        """Whether the firings of a run are in scope, whose bucket takes no other events."""
        return self._scope.has(run.trigger, run.key)

    def has_pending(self, one: Pending) -> bool:
        """Whether a deadline is in scope."""
        if self._scope.shares(one.trigger):
            return (one.trigger.path, one.key) in self._open
        return self._scope.has(one.trigger, one.key)


def _lines_in(story: WindowStory) -> set[int]:
    """The lines of the events that a window was opened by, counted, or fired with."""
    by: list[Event | None] = [one.event for one in story.counted]
    # The window after a firing opens by itself (E6).
    if story.opening is not None and story.opening.rule != "E6":
        by.append(story.opening.event)
    if isinstance(story.ending, FiredTransition):
        by.append(story.ending.firing.event)
    return {one.line for one in by if one is not None}


def _records_in(
    stories: Iterable[WindowStory], records: Iterable[TriggerTransition]
) -> Iterable[TriggerTransition]:
    """The records of some windows of one trigger."""
    spans: Mapping[Key, list[tuple[int, float]]] = defaultdict(list)
    for story in stories:
        ended = float("inf") if story.ending is None else story.ending.seq
        spans[story.key].append((story.first.seq, ended))
    for one in records:
        own = spans.get(one.key, [])
        while own and own[0][1] < one.seq:
            del own[0]
        if own and own[0][0] <= one.seq:
            yield one


def _is_shown(value: str, text: str) -> bool:
    return is_written_as(value, text) or is_shortened(text, value)


def scope_over(labels: tuple[tuple[str, str], ...], events: Iterable[Event]) -> Scope:
    """The scope of one bucket among given events."""
    scope = Scope(labels)
    for event in events:
        scope.take(event)
    return scope
