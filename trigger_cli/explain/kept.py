"""The events of a replay, kept so that it can be run again with something changed.

All are kept, however many there are: the latest as they are, those before them as bytes, and where
these are many, in a temporary file. So memory does not grow with the log.
"""

from __future__ import annotations

import marshal
import tempfile
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO, TypeAlias

from trigger_cli.model import Event, Heading, Unmatched, event_in, heading_of
from trigger_cli.read.log_range import one_by_one
from trigger_cli.vocabulary import RESOURCE_ID

Record: TypeAlias = Event | Heading | Unmatched
"""An event, or a run of those that no trigger may want."""

HELD_BYTES = 48 * 1024 * 1024
"""How many bytes of events are held in memory."""
_TOGETHER = 2_048
"""How many events become bytes together, about: they share what they have in common."""
_CHUNKS_AT_HAND = 8
_REMEMBERED_NAMES = 100_000
_KINDS: dict[int, Callable[..., Record]] = {6: Heading, 7: Unmatched, 8: Event}
"""The kinds of records, by how many fields they have."""


class KeptEvents:
    """The events of a replay, in order; those that no trigger may want as headings.

    Args:
        may_want: Whether some trigger, perhaps changed a little, may want events of a name.
        held_bytes: How many bytes are held in memory.
    """

    def __init__(self, may_want: Callable[[str], bool], held_bytes: int = HELD_BYTES) -> None:
        self._may_want = may_want
        self._wanted: dict[str, bool] = {}
        self._limit = held_bytes
        self._held = 0
        self._file: IO[bytes] | None = None
        # Each chunk as bytes, or where it lies in the file: the offset and the length.
        self._chunks: list[bytes | tuple[int, int]] = []
        self._latest: list[Record] = []
        # Where each chunk begins, counted in events, and where the latest do.
        self._begins = [0]
        self._by_resource: dict[str, list[int]] | None = None
        self.count = 0
        """How many events are kept."""
        self.failed = False
        """Whether the temporary file cannot be written; then nothing is kept."""
        self._events_at = lru_cache(_CHUNKS_AT_HAND)(self._events_of_chunk)
        self._resources_at = lru_cache(_CHUNKS_AT_HAND)(self._resources_of_chunk)

    def add(self, record: Record) -> None:
        """Take the next event, or run of them."""
        if self.failed:
            return
        if isinstance(record, Unmatched):
            count = len(record.ids)
        else:
            count = 1
            if not self._is_wanted(record.name):
                record = heading_of(record)
        self._latest.append(record)
        self.count += count
        if self.count - self._begins[-1] >= _TOGETHER:
            self._put_away()

    def records(self) -> Iterator[Record]:
        """All of them, in order."""
        for number in range(len(self._begins)):
            yield from self._chunk(number)

    def events(self) -> Iterator[Event | Heading]:
        """All of them, one by one."""
        for record in self.records():
            yield from map(event_in, one_by_one(record))

    def matchable(self) -> Iterator[Event]:
        """Those that a trigger may want, with their resources."""
        return (one for one in self.records() if isinstance(one, Event))

    def in_order(
        self, key: Callable[[Event | Heading], tuple[int, int]]
    ) -> Iterator[Event | Heading]:
        """All of them, one by one, sorted by a key of two numbers."""
        major, minor = array("q"), array("q")
        for one in self.events():
            first, second = key(one)
            major.append(first)
            minor.append(second)
        places = sorted(range(self.count), key=minor.__getitem__)
        places.sort(key=major.__getitem__)
        for place in places:
            number = bisect_right(self._begins, place) - 1
            yield self._events_at(number)[place - self._begins[number]]

    def of_resource(self, ident: str) -> list[Event]:
        """The matchable events of a resource, in order."""
        if self._by_resource is None:
            self._by_resource = {}
            for number in range(len(self._begins)):
                for own in self._resources_at(number):
                    self._by_resource.setdefault(own, []).append(number)
        numbers = self._by_resource.get(ident, ())
        return [event for number in numbers for event in self._resources_at(number)[ident]]

    def _resources_of_chunk(self, number: int) -> dict[str, list[Event]]:
        """The matchable events of a chunk by their resources."""
        found: dict[str, list[Event]] = {}
        for one in self._chunk(number):
            if isinstance(one, Event):
                found.setdefault(one.resource.get(RESOURCE_ID, ""), []).append(one)
        return found

    def _events_of_chunk(self, number: int) -> list[Event | Heading]:
        return [event_in(one) for record in self._chunk(number) for one in one_by_one(record)]

    def _put_away(self) -> None:
        """Make bytes of the latest."""
        packed = marshal.dumps([_plain(one) for one in self._latest])
        self._latest = []
        self._begins.append(self.count)
        self._held += len(packed)
        self._chunks.append(packed)
        if self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        """Write to the file what is held."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            end = self._file.seek(0, 2)
            for number, chunk in enumerate(self._chunks):
                if isinstance(chunk, bytes):
                    rest = memoryview(chunk)
                    while rest:
                        rest = rest[self._file.write(rest) :]
                    self._chunks[number] = (end, len(chunk))
                    end += len(chunk)
        except OSError:
            self.failed = True
            self._chunks.clear()
            self._latest.clear()
            self._begins = [0]
            self.count = 0
        self._held = 0

    def _chunk(self, number: int) -> Iterator[Record]:
        """The records of a chunk or, after the last chunk, the latest."""
        if number == len(self._chunks):
            return iter(self._latest)
        chunk = self._chunks[number]
        if not isinstance(chunk, bytes):
            assert self._file is not None
            offset, length = chunk
            self._file.seek(offset)
            chunk = self._file.read(length)
        return (_KINDS[len(one)](*one) for one in marshal.loads(chunk))  # noqa: S302  # by `_put_away`

    def _is_wanted(self, name: str) -> bool:
        wanted = self._wanted.get(name)
        if wanted is None:
            if len(self._wanted) > _REMEMBERED_NAMES:
                self._wanted.clear()
            wanted = self._wanted[name] = self._may_want(name)
        return wanted


def _plain(record: Record) -> tuple[object, ...]:
    if isinstance(record, Unmatched):
        return tuple(list(one) for one in record)
    return tuple(record)
