"""Stores the events of a replay, so that it can be repeated with a change.

All events are stored: the latest unchanged, earlier ones as bytes, and large amounts of them in a
temporary file. So memory does not grow with the log; without such a file, up to a limit.
"""

from __future__ import annotations

import marshal
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from trigger_cli.match.matcher import Matcher
from trigger_cli.model import Event, Heading, Match, Unmatched, event_in, heading_of
from trigger_cli.read.log_range import one_by_one
from trigger_cli.spill import HELD_BYTES, SpillFile
from trigger_cli.vocabulary import RESOURCE_ID

Record: TypeAlias = Event | Heading | Unmatched
"""An event, or a run of events that no trigger may want."""

_BATCH = 2_048
"""About how many events are packed together; they share equal parts."""
_CHUNKS_AT_HAND = 8
_LONGEST_RUN = 1_000
_REMEMBERED_NAMES = 100_000
_EVENT_FIELDS, _RUN_FIELDS = len(Event._fields), len(Unmatched._fields)
_KINDS: dict[int, Callable[..., Record]] = {
    6: Heading,
    _RUN_FIELDS: Unmatched,
    _EVENT_FIELDS: Event,
}
"""The kinds of records, by their number of fields."""
Plain: TypeAlias = tuple[Any, ...]
"""The fields of a record."""


class KeptEvents:
    """The events of a replay, in order; those that no trigger may want as headings.

    Args:
        may_want: Whether a trigger, possibly with a small change, may want events with a name.
        held_bytes: How many bytes are kept in memory; eight times as many if no temporary file can be
            written.
    """

    def __init__(self, may_want: Callable[[str], bool], held_bytes: int = HELD_BYTES) -> None:
        self._is_wanted = lru_cache(_REMEMBERED_NAMES)(may_want)
        self._limit = held_bytes
        self._most_held = 8 * held_bytes
        self._held = 0
        self._file = SpillFile()
        # Each chunk as bytes, or where it lies in the file: the offset and the length.
        self._chunks: list[bytes | tuple[int, int]] = []
        self._latest: list[Plain] = []
        # The start of each chunk, counted in events, and of the latest events.
        self._begins = [0]
        self.count = 0
        """The number of events stored."""
        self.failed = False
        """Whether there is no room for the events; then nothing is stored."""
        self._rows_at = lru_cache(_CHUNKS_AT_HAND)(self._rows_of_chunk)
        self._resources_at = lru_cache(_CHUNKS_AT_HAND)(self._resources_of_chunk)

    def add(self, record: Record) -> None:
        """Add the next event, or a run of events."""
        if self.failed:
            return
        if isinstance(record, Unmatched):
            self.count += len(record.ids)
            # `marshal` cannot pack a range.
            self._latest.append((list(record.lines), *record[1:]))
        else:
            self.count += 1
            self._latest.append(
                tuple(record if self._is_wanted(record.name) else heading_of(record))
            )
        if self.count - self._begins[-1] >= _BATCH:
            self._store_batch()

    def records(self) -> Iterator[Record]:
        """All records, in order."""
        return (_KINDS[len(one)](*one) for one in self._each())

    def events(self) -> Iterator[Event | Heading]:
        """All events, one by one."""
        for record in self.records():
            yield from map(event_in, one_by_one(record))

    def matchable(self) -> Iterator[Event]:
        """The events that a trigger may want, with their resources."""
        for number in range(len(self._begins)):
            yield from map(Event._make, self._matchable_of_chunk(number))

    def matched(
        self, matcher: Matcher, key: Callable[[Plain], tuple[int, int]] | None = None
    ) -> Iterator[Match | Unmatched]:
        """All events, as a replay takes them; events that no filter takes come in long runs.

        Args:
            matcher: Matches the events.
            key: The sort key, from the fields of a `Heading`; ``None``: the stored order.
        """
        run = _Run()
        for one in self._each() if key is None else self._sorted(key):
            if len(one) == _EVENT_FIELDS:
                named = matcher.of_name(one[2])
                takings = () if named is None else named.takings(*one[6:])
                if takings:
                    if run.lines:
                        yield run.unmatched()
                        run = _Run()
                    yield Match(Event._make(one), takings)
                    continue
            run.add(one)
            if len(run.lines) >= _LONGEST_RUN:
                yield run.unmatched()
                run = _Run()
        if run.lines:
            yield run.unmatched()

    def _each(self) -> Iterator[Plain]:
        for number in range(len(self._begins)):
            yield from self._plain_chunk(number)

    def _sorted(self, key: Callable[[Plain], tuple[int, int]]) -> Iterator[Plain]:
        """The events one by one, sorted by `key`."""
        major, minor = array("q"), array("q")
        for number in range(len(self._begins)):
            for one in self._rows_of_chunk(number):
                first, second = key(one)
                major.append(first)
                minor.append(second)
        places = sorted(range(self.count), key=minor.__getitem__)
        places.sort(key=major.__getitem__)
        for place in places:
            number = bisect_right(self._begins, place) - 1
            yield self._rows_at(number)[place - self._begins[number]]

    def of_resource(self, ident: str) -> list[Event]:
        """The matchable events of a resource, in order."""
        hashes, numbers = self._by_resource
        wanted = hash(ident)
        first, last = bisect_left(hashes, wanted), bisect_right(hashes, wanted)
        found = (self._resources_at(number).get(ident, ()) for number in numbers[first:last])
        return [event for events in found for event in events]

    @cached_property
    def _by_resource(self) -> tuple[array[int], array[int]]:
        """The hashes of resources, ascending, and for each a chunk with it, ascending."""
        hashes, numbers = array("q"), array("q")
        for number in range(len(self._begins)):
            found = {one[6].get(RESOURCE_ID, "") for one in self._matchable_of_chunk(number)}
            hashes.extend(map(hash, found))
            numbers.extend([number] * len(found))
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        return _taken(hashes, order), _taken(numbers, order)

    def by_occurrence(self, wants: Callable[[str], object]) -> EventsByOccurrence:
        """The matchable events with a wanted name, by occurrence."""
        occurred, chunks, rows = array("q"), array("q"), array("q")
        for number in range(len(self._begins)):
            for row, one in enumerate(self._plain_chunk(number)):
                if len(one) == _EVENT_FIELDS and wants(one[2]):
                    occurred.append(one[3])
                    chunks.append(number)
                    rows.append(row)
        order = sorted(range(len(occurred)), key=occurred.__getitem__)
        plain_at = lru_cache(_CHUNKS_AT_HAND)(self._plain_chunk)
        return EventsByOccurrence(
            plain_at, *(_taken(column, order) for column in (occurred, chunks, rows))
        )

    def _resources_of_chunk(self, number: int) -> dict[str, list[Event]]:
        """The matchable events of a chunk, by resource."""
        found: dict[str, list[Event]] = {}
        for one in self._matchable_of_chunk(number):
            found.setdefault(one[6].get(RESOURCE_ID, ""), []).append(Event._make(one))
        return found

    def _rows_of_chunk(self, number: int) -> list[Plain]:
        """The events of a chunk one by one, each as its fields."""
        rows: list[Plain] = []
        for one in self._plain_chunk(number):
            if len(one) == _RUN_FIELDS:
                run = Unmatched._make(one)
                rows += map(run.heading, range(len(run.ids)))
            else:
                rows.append(one)
        return rows

    def _store_batch(self) -> None:
        """Pack the latest events into bytes."""
        packed = marshal.dumps(self._latest)
        self._latest = []
        self._begins.append(self.count)
        self._held += len(packed)
        self._chunks.append(packed)
        if self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        """Write the chunks in memory to the file, or hold more of them."""
        try:
            for number, chunk in enumerate(self._chunks):
                if isinstance(chunk, bytes):
                    self._chunks[number] = (self._file.append(chunk), len(chunk))
                    self._held -= len(chunk)
        except OSError:
            if self._held <= self._most_held:
                self._limit = self._most_held
                return
            self.failed = True
            self._chunks.clear()
            self._latest.clear()
            self._begins = [0]
            self.count = 0
            self._held = 0

    def _matchable_of_chunk(self, number: int) -> Iterator[Plain]:
        return (one for one in self._plain_chunk(number) if len(one) == _EVENT_FIELDS)

    def _plain_chunk(self, number: int) -> Sequence[Plain]:
        """The records of a chunk or, after the last chunk, the latest ones; each as its fields."""
        if number == len(self._chunks):
            return self._latest
        chunk = self._chunks[number]
        if not isinstance(chunk, bytes):
            chunk = self._file.read(*chunk)
        found: Sequence[Plain] = marshal.loads(chunk)  # noqa: S302  # by `_store_batch`
        return found


class EventsByOccurrence:
    """Some of the stored events by `occurred`; keeps only their positions in memory."""

    def __init__(
        self,
        plain_at: Callable[[int], Sequence[Plain]],
        occurred: array[int],
        chunks: array[int],
        rows: array[int],
    ) -> None:
        self._plain_at = plain_at
        self._occurred = occurred
        self._chunks = chunks
        self._rows = rows
        # The last result, because windows overlap.
        self._held: tuple[int, list[Event]] = (0, [])

    def between(self, start: int, end: int) -> list[Event]:
        """The events with ``start <= occurred < end``, both in µs."""
        first, last = (bisect_left(self._occurred, at) for at in (start, end))
        begin, held = self._held
        found = [
            held[place - begin] if begin <= place < begin + len(held) else self._event(place)
            for place in range(first, last)
        ]
        self._held = first, found
        return found

    def _event(self, place: int) -> Event:
        return Event._make(self._plain_at(self._chunks[place])[self._rows[place]])


def _taken(column: array[int], order: Iterable[int]) -> array[int]:
    return array("q", map(column.__getitem__, order))


class _Run:
    """Consecutive events that no filter takes, collected in columns."""

    __slots__ = ("follows", "ids", "lines", "names", "occurred", "received")

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.ids: list[str] = []
        self.names: list[str] = []
        self.occurred: list[int] = []
        self.received: list[int | None] = []
        self.follows: list[str | None] = []

    def add(self, one: Plain) -> None:
        """Add the next event, or a run of events."""
        if len(one) == _RUN_FIELDS:
            lines, ids, occurred, follows, codes, names, received = one
            self.lines += lines
            self.ids += ids
            self.names += [names[code] for code in codes]
            self.occurred += occurred
            self.received += received or [None] * len(ids)
            self.follows += follows
            return
        self.lines.append(one[0])
        self.ids.append(one[1])
        self.names.append(one[2])
        self.occurred.append(one[3])
        self.received.append(one[4])
        self.follows.append(one[5])

    def unmatched(self) -> Unmatched:
        codes: dict[str, int] = {}
        places = [codes.setdefault(name, len(codes)) for name in self.names]
        return Unmatched(
            self.lines, self.ids, self.occurred, self.follows, places, list(codes), self.received
        )
