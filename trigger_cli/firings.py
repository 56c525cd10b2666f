"""Slim events, and firings stored as bytes, because there may be more of them than memory has room for."""

import marshal
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, overload

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.lazy_sequence import LazySequence
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, Event, Firing, Trigger
from trigger_cli.spill import PlainStore
from trigger_cli.vocabulary import shown_labels

_BATCH = 1_024
"""How many firings are packed together; they share equal parts."""
_CHUNKS_AT_HAND = 16
"""How many packed groups are kept unpacked: several processes fire at about the same time."""


def slim(event: Event) -> Event:
    """The event with the labels that views show, and without the others and related resources."""
    return Event(*event[:6], shown_labels(event.resource), ())


def slim_firing(firing: Firing, slim_event: Callable[[Event], Event] = slim) -> Firing:
    """The firing with `slim` events, also of its children; `slim_event` may remember some."""
    event = None if firing.event is None else slim_event(firing.event)
    children = tuple(slim_firing(child, slim_event) for child in firing.children)
    return replace(firing, event=event, children=children)


def plain_firing(one: Firing, plain_event: Callable[[Event | None], Any]) -> tuple[Any, ...]:
    """The firing as numbers, texts and tuples of these; `plain_event` converts its events."""
    event = plain_event(one.event)
    children = tuple([plain_firing(child, plain_event) for child in one.children])
    return (one.seq, one.automation.index, one.trigger.path, one.at, one.labels, event, children)


class FiringForm:
    """Makes firings of plain data again.

    Args:
        automations: Those that fire.
        event: Makes an event of what `plain_event` made of it.
    """

    def __init__(
        self, automations: Iterable[Automation], event: Callable[[Any], Event | None]
    ) -> None:
        self.automations = {one.index: one for one in automations}
        self.triggers: dict[int, dict[str, Trigger]] = {
            index: {trigger.path: trigger for trigger in walk(one.trigger)}
            for index, one in self.automations.items()
        }
        """The triggers of each automation by path."""
        self._event = event

    def firing(self, plain: Sequence[Any]) -> Firing:
        """The firing of which `plain_firing` made this."""
        seq, index, path, at, labels, event, children = plain
        automation, trigger = self.automations[index], self.triggers[index][path]
        below = tuple(map(self.firing, children))
        return Firing(seq, automation, trigger, at, labels, self._event(event), below)


class FiringBlock(Struct, frozen=True):
    """Firings as bytes, as another process sends them for a `FiringStore`."""

    times: bytes
    """When each fired, as an array of µs."""
    indices: bytes
    """The index of each automation, as an array."""
    packed: tuple[bytes, ...]
    """The firings in groups; none if only their counts were asked for."""
    latest: int
    """When the last record of the replay that found them happened, µs; 0 if there is none."""

    @property
    def firings_by_automation(self) -> Counter[int]:
        """How often each automation fired, by its index."""
        return Counter(array("q", self.indices))


def block_of(firings: Sequence[Firing], latest: int, *, counts_only: bool = False) -> FiringBlock:
    """Pack firings in the order in which they happened, with `slim` events."""
    begins = () if counts_only else range(0, len(firings), _BATCH)
    return FiringBlock(
        array("q", [one.at for one in firings]).tobytes(),
        array("q", [one.automation.index for one in firings]).tobytes(),
        tuple(_packed(firings[begin : begin + _BATCH]) for begin in begins),
        latest,
    )


def _packed(firings: Iterable[Firing]) -> bytes:
    """A group of firings with `slim` events, each of which is made once."""
    known: dict[int, tuple[Any, ...]] = {}

    def plain_event(event: Event | None) -> tuple[Any, ...] | None:
        if event is None:
            return None
        found = known.get(id(event))
        if found is None:
            found = known[id(event)] = tuple(slim(event))
        return found

    return marshal.dumps([plain_firing(one, plain_event) for one in firings])


class FiringStore(Sequence[Firing]):
    """Firings of some automations, with `slim` events.

    Memory has the latest, and a few numbers for each of the others.

    Args:
        automations: Those that fire.
    """

    def __init__(self, automations: Iterable[Automation]) -> None:
        self._form = FiringForm(automations, _event)
        self._store = PlainStore()
        self._chunks = array("q")
        self._begins = array("q")
        """The place of each chunk's first firing."""
        self._latest: list[Firing] = []
        self._times = array("q")
        self._indices = array("q")
        self._order: Sequence[int] | None = None
        self._chunk = lru_cache(_CHUNKS_AT_HAND)(self._read)

    def __reduce__(self) -> tuple[Any, ...]:
        # The store may be a temporary file, so the firings themselves are pickled.
        return _sorted_store, (tuple(self._form.automations.values()), list(self))

    def add(self, firing: Firing) -> None:
        """Add the next firing."""
        self._times.append(firing.at)
        self._indices.append(firing.automation.index)
        self._latest.append(firing)
        if len(self._latest) == _BATCH:
            self._pack_latest()

    def add_block(self, block: FiringBlock) -> None:
        """Add the next firings, which must have been packed."""
        assert block.packed or not block.times, "only the counts were asked for"
        self._pack_latest()
        for number, packed in enumerate(block.packed):
            self._begins.append(len(self) + number * _BATCH)
            self._chunks.append(self._store.add_packed(packed))
        self._times.frombytes(block.times)
        self._indices.frombytes(block.indices)

    def _pack_latest(self) -> None:
        if self._latest:
            self._begins.append(len(self) - len(self._latest))
            self._chunks.append(self._store.add_packed(_packed(self._latest)))
            self._latest = []

    def sort(self) -> None:
        """Order all by time, then by definition; no more may be added."""
        keys = pairwise(zip(self._times, self._indices, strict=True))
        if any(before > after for before, after in keys):
            order = sorted(range(len(self)), key=self._indices.__getitem__)
            order.sort(key=self._times.__getitem__)
            self._order = array("q", order)

    def of(self, automation: Automation) -> Sequence[Firing]:
        """The firings of one automation."""
        index = automation.index
        places = (place for place in self._places if self._indices[place] == index)
        return LazySequence(self._stored, array("q", places))

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, place: int) -> Firing: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Firing]: ...
    def __getitem__(self, place: int | slice) -> Firing | Sequence[Firing]:
        if isinstance(place, slice):
            return list(map(self._stored, self._places[place]))
        return self._stored(self._places[place])

    def __iter__(self) -> Iterator[Firing]:
        if self._order is not None:
            yield from map(self._stored, self._order)
            return
        for number in range(len(self._chunks)):
            yield from self._read(number)  # in order, none is read twice
        yield from map(slim_firing, self._latest)

    @property
    def _places(self) -> Sequence[int]:
        """Where each firing is stored, in order."""
        return range(len(self)) if self._order is None else self._order

    def _stored(self, place: int) -> Firing:
        latest = place - len(self) + len(self._latest)
        if latest >= 0:
            return slim_firing(self._latest[latest])
        number = bisect_right(self._begins, place) - 1
        return self._chunk(number)[place - self._begins[number]]

    def _read(self, number: int) -> list[Firing]:
        return list(map(self._form.firing, self._store[self._chunks[number]]))


def _sorted_store(automations: Iterable[Automation], firings: Iterable[Firing]) -> FiringStore:
    store = FiringStore(automations)
    for one in firings:
        store.add(one)
    store.sort()
    return store


def _event(plain: tuple[Any, ...] | None) -> Event | None:
    return None if plain is None else Event._make(plain)
