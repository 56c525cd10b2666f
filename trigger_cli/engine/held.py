"""The expected events that proactive triggers with ``after`` hold (``semantics.md`` H).

A bucket that opens later counts the held events that occurred in its window (H4), so events of one
key may be processed in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
        self._until_tidy = _TIDY_EVERY

    def of(self, key: Key, clock: int) -> HeldForKey:
        """The events held for the key at `clock`, µs; drops those that are too old first (H7)."""
        found = self._by_key.get(key)
        if found is None:
            found = self._by_key[key] = HeldForKey(self._within, self._threshold)
            self._tidy(clock)
        else:
            self._sweep(key, found, clock)
        return found

    def copy(self, end_of_bucket: Callable[[Key], int | None]) -> HeldEvents:
        """A copy with the same events, for another set of buckets."""
        other = HeldEvents(self._within, self._threshold, end_of_bucket)
        other._by_key = {key: found.copy() for key, found in self._by_key.items()}
        return other

    def contents(self) -> frozenset[tuple[Key, frozenset[HeldEvent]]]:
        """All held events."""
        return frozenset((key, found.contents()) for key, found in self._by_key.items())

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

    def _sweep(self, key: Key, found: HeldForKey, clock: int) -> None:
        end = self._end_of_bucket(key)
        if end is None or end <= clock:
            found.let_go_before(clock - RETENTION)

    def _tidy(self, clock: int) -> None:
        """Drop old events of all keys from time to time, because many keys are never seen again."""
        self._until_tidy -= 1
        if self._until_tidy > 0:
            return
        for key, found in list(self._by_key.items()):
            self._sweep(key, found, clock)
            if found.is_empty and self._end_of_bucket(key) is None:
                del self._by_key[key]
        self._until_tidy = max(_TIDY_EVERY, len(self._by_key))


class HeldForKey:
    """The events that one trigger holds for one bucketing key; made by `HeldEvents`."""

    __slots__ = ("_events", "_last_counted", "_threshold", "_within")

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
        self._last_counted = last_counted

    @property
    def is_empty(self) -> bool:
        """Whether no event is held."""
        return not self._events

    def copy(self) -> HeldForKey:
        """A copy with the same events."""
        return HeldForKey(self._within, self._threshold, self._events.values(), self._last_counted)

    def contents(self) -> frozenset[HeldEvent]:
        """All held events."""
        return frozenset(self._events.values())

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
        """Hold an event at `clock`, µs, and drop those that no window needs (H2, H8)."""
        self._events[event.id] = HeldEvent(event.occurred, event.id, clock, seq)
        within, threshold = self._within, self._threshold
        newest = max(one.occurred for one in self._events.values())
        self._keep(lambda one: one.occurred >= newest - max(RETENTION, within))
        slot = event.occurred // within
        in_slot = sorted(
            (one for one in self._events.values() if one.occurred // within == slot),
            key=lambda one: (one.occurred, one.id.lower()),
        )
        for one in in_slot[threshold : max(threshold, len(in_slot) - threshold)]:
            del self._events[one.id]

    def within(self, start: int, end: int) -> tuple[int, ...]:
        """`HeldEvent.seq` of each held event with ``start <= occurred < end``, both in µs (H4)."""
        held: Iterable[HeldEvent] = self._events.values()
        return tuple(sorted(one.seq for one in held if start <= one.occurred < end))

    def note_counted(self, event: Event) -> None:
        """Remember this expect-only event as the last that the bucket counted (H6)."""
        self._last_counted = event

    def is_expected_only(self, event: Event) -> bool:
        """Whether the bucket's last event matches ``expect`` and not ``after`` (H6)."""
        return event is self._last_counted

    def let_go_before(self, clock: int) -> None:
        """Drop events held before `clock`, µs (H7)."""
        self._keep(lambda one: one.clock >= clock)

    def _keep(self, keeps: Callable[[HeldEvent], bool]) -> None:
        gone = [ident for ident, one in self._events.items() if not keeps(one)]
        for ident in gone:
            del self._events[ident]
