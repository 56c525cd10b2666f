"""The expected events that proactive triggers with ``after`` hold (``semantics.md`` H).

A bucket that opens later counts the held events that occurred in its window (H4), so events of one
key may be processed in any order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from trigger_cli.model import Bucket, Event, Key
from trigger_cli.times import MINUTE

RETENTION = 30 * MINUTE
"""How long an event is held at least, µs: by the simulated clock (H7) and by `occurred` (H8)."""
_TIDY_EVERY = 4_096


class HeldEvent(NamedTuple):
    """One held event."""

    occurred: int
    id: str
    clock: int
    """The simulated clock when it was held, µs."""
    seq: int
    """The number of the first transition that it caused."""


HeldState: TypeAlias = dict[Key, tuple[tuple[HeldEvent, ...], Event | None]]
"""By key: the held events, whose `HeldEvent.seq` is 0, and the event of `HeldForKey.note_counted`."""


class HeldEvents:
    """The events that one trigger holds, by bucketing key.

    Args:
        within: The trigger's window, µs. The trigger is proactive and has ``after`` (H1).
        threshold: The trigger's threshold.
        end_of_bucket: Returns when the key's bucket ends, µs; ``None`` if it has no bucket.
    """

    def __init__(
        self, within: int, threshold: int, end_of_bucket: Callable[[Key], int | None]
    ) -> None:
        self._within = within
        self._threshold = threshold
        self._end_of_bucket = end_of_bucket
        self._by_key: dict[Key, HeldForKey] = {}
        self._shared: set[Key] = set()
        """The keys whose events a copy may have, too: they are copied before they change."""
        self._until_tidy = _TIDY_EVERY

    def of(self, key: Key, clock: int) -> HeldForKey:
        """The events held for the key at `clock`, µs; drops those that are too old first (H7)."""
        found = self._by_key.get(key)
        if found is None:
            found = self._by_key[key] = HeldForKey(self._within, self._threshold)
            self._tidy(clock)
        else:
            if key in self._shared:
                found = self._unshared(key, found)
            self._sweep(key, found, clock)
        return found

    def copy(self, end_of_bucket: Callable[[Key], int | None]) -> HeldEvents:
        """A copy with the same events, for another set of buckets."""
        other = HeldEvents(self._within, self._threshold, end_of_bucket)
        other._by_key = self._by_key.copy()
        self._shared = set(self._by_key)
        other._shared = self._shared.copy()
        return other

    def __eq__(self, other: object) -> bool:
        """Whether the same events are held."""
        return isinstance(other, HeldEvents) and self._by_key == other._by_key

    __hash__ = None  # type: ignore[assignment]  # it changes

    def state(self, clock: int, buckets: Mapping[Key, Bucket]) -> HeldState:
        """All that is held at `clock`, µs, for `resume`; it has no numbers of transitions."""
        found = {}
        for key, held in self._by_key.items():
            bucket = buckets.get(key)
            since = clock - RETENTION if bucket is None or bucket.end <= clock else 0
            state = held.state(since, None if bucket is None else bucket.last_event)
            if any(state):
                found[key] = state
        return found

    def resume(self, state: HeldState) -> None:
        """Hold what another one, which was asked for its `state`, held."""
        for key, (events, counted) in state.items():
            self._by_key[key] = HeldForKey(self._within, self._threshold, events, counted)

    def _unshared(self, key: Key, found: HeldForKey) -> HeldForKey:
        """A copy of the key's events, which takes their place."""
        self._shared.remove(key)
        self._by_key[key] = own = found.copy()
        return own

    def _sweep(self, key: Key, found: HeldForKey, clock: int) -> None:
        end = self._end_of_bucket(key)
        if end is None or end <= clock:
            found.let_go_before(clock - RETENTION)

    def _tidy(self, clock: int) -> None:
        """Drop old events of all keys from time to time, because many keys are never seen again."""
        self._until_tidy -= 1
        if self._until_tidy > 0:
            return
        for key, some in list(self._by_key.items()):
            found = self._unshared(key, some) if key in self._shared else some
            self._sweep(key, found, clock)
            if found.is_empty and self._end_of_bucket(key) is None:
                del self._by_key[key]
        self._until_tidy = max(_TIDY_EVERY, len(self._by_key))


class HeldForKey:
    """The events that one trigger holds for one bucketing key; made by `HeldEvents`.

    No step goes through all events, because a trigger with a high threshold holds very many.
    """

    __slots__ = ("_by_occurred", "_events", "_last_counted", "_threshold", "_within")

    def __init__(
        self,
        within: int,
        threshold: int,
        events: Iterable[HeldEvent] = (),
        last_counted: Event | None = None,
    ) -> None:
        self._within = within
        self._threshold = threshold
        self._events = {one.id: one for one in events}
        """By id, in the order in which they were held: the clock never decreases."""
        self._by_occurred = sorted(self._events.values(), key=_order)
        self._last_counted = last_counted

    @property
    def is_empty(self) -> bool:
        """Whether no event is held."""
        return not self._events

    def copy(self) -> HeldForKey:
        """A copy with the same events."""
        return HeldForKey(self._within, self._threshold, self._events.values(), self._last_counted)

    def __eq__(self, other: object) -> bool:
        """Whether the same events are held."""
        return isinstance(other, HeldForKey) and self._events == other._events

    __hash__ = None  # type: ignore[assignment]  # it changes

    def state(
        self, since: int, last_event: Event | None
    ) -> tuple[tuple[HeldEvent, ...], Event | None]:
        """See `HeldState`; without what was held before `since`, µs.

        Only the bucket's `last_event` can matter as the one that was counted last.
        """
        events = self._events.values()
        kept = tuple(HeldEvent(*one[:3], 0) for one in events if one.clock >= since)
        return kept, last_event if last_event is self._last_counted else None

    def holds(self, event: Event) -> bool:
        """Whether an event of this id is held (H3)."""
        return event.id in self._events

    def hold(self, event: Event, clock: int, seq: int) -> None:
        """Hold an event at `clock`, µs, and drop those that no window needs (H2, H8).

        `clock` is no earlier than that of any event held before. Where a copy of the event is held,
        the event takes its place.
        """
        copy = self._events.pop(event.id, None)
        if copy is not None:
            self._by_occurred.remove(copy)
        held = HeldEvent(event.occurred, event.id, clock, seq)
        self._events[event.id] = held
        insort(self._by_occurred, held, key=_order)
        within, threshold = self._within, self._threshold
        newest = self._by_occurred[-1].occurred
        self._drop(0, self._first_from(newest - max(RETENTION, within)))
        slot = event.occurred // within * within
        kept_first = self._first_from(slot) + threshold
        kept_last = self._first_from(slot + within) - threshold
        self._drop(kept_first, max(kept_first, kept_last))

    def within(self, start: int, end: int) -> tuple[int, ...]:
        """`HeldEvent.seq` of each held event with ``start <= occurred < end``, both in µs (H4)."""
        held = self._by_occurred[self._first_from(start) : self._first_from(end)]
        return tuple(sorted(one.seq for one in held))

    def note_counted(self, event: Event) -> None:
        """Remember this expect-only event as the last that the bucket counted (H6)."""
        self._last_counted = event

    def is_expected_only(self, event: Event) -> bool:
        """Whether the bucket's last event matches ``expect`` and not ``after`` (H6)."""
        return event is self._last_counted

    def let_go_before(self, clock: int) -> None:
        """Drop events held before `clock`, µs (H7)."""
        gone = list(takewhile(lambda one: one.clock < clock, self._events.values()))
        for one in gone:
            del self._events[one.id]
        if len(gone) > len(self._events):
            self._by_occurred = sorted(self._events.values(), key=_order)
            return
        for one in gone:
            place = bisect_left(self._by_occurred, _order(one), key=_order)
            del self._by_occurred[self._by_occurred.index(one, place)]

    def _first_from(self, instant: int) -> int:
        """The index of the first event that occurred at the instant, µs, or after it."""
        return bisect_left(self._by_occurred, instant, key=_OCCURRED)

    def _drop(self, first: int, end: int) -> None:
        """Drop the events of `_by_occurred` from index `first` up to `end`, no less than `first`."""
        for one in self._by_occurred[first:end]:
            del self._events[one.id]
        del self._by_occurred[first:end]


_OCCURRED = attrgetter("occurred")


def _order(held: HeldEvent) -> tuple[int, str]:
    """The order of the events of a slot (H8)."""
    return held.occurred, held.id.lower()
