"""A part of a log in columns: what a replay keeps of its events, cheap to store and to send.

A worker process makes batches from the lines of a shard. They are sent and stored on disk as bytes,
and unpacked only when they are next. Of an event that is not wanted, a batch keeps what delivery
needs (about 60 bytes); of the others also the labels.
"""

from __future__ import annotations

import marshal
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import repeat
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.events.sources import STDIN
from trigger_cli.model import BadLine, Event, Labels, Match, Taking, Unmatched

Selected: TypeAlias = tuple[Labels, tuple[Labels, ...], tuple[Taking, ...] | None]
"""An event's primary and related resources, and its takings; ``None`` if it was not matched."""
Key: TypeAlias = tuple[int, int]
"""The sort key of an event: an instant, µs, then the line."""


class Place(Struct, frozen=True):
    """The place of a part of a log among all logs, which a worker does not know."""

    before: int
    """The number of lines before the part."""
    source: str
    """The log's name."""
    source_begin: int
    """The number of lines before the source."""

    def bad(self, line: int, message: str) -> BadLine:
        """A `BadLine` for a line of the part, or for the line after it."""
        return BadLine(self.source, self.before - self.source_begin + line, message)


class Batch(Struct):
    """Events, one per row; all columns have the same length."""

    lines: Sequence[int] = ()
    """Line numbers from 1 over all logs; before `complete`, over the shard."""
    ids: list[str] = field(default_factory=list)
    """An empty string for an event without an id, until `complete`."""
    occurred: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    """The instants by which the log is sorted, µs: `occurred`, or `received`."""
    follows: list[str | None] = field(default_factory=list)
    received: list[int | None] = field(default_factory=list)
    """When each event was received, µs; empty if not requested."""
    name_codes: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    wanted_rows: list[int] = field(default_factory=list)
    """The rows of the events whose labels are wanted, ascending."""
    wanted: list[Selected] = field(default_factory=list)
    """The wanted part of each of these events; all of them have takings, or none has."""

    def __len__(self) -> int:
        return len(self.ids)

    def key(self, row: int) -> Key:
        """The sort key of a row."""
        return self.keys[row], self.lines[row]

    def sort(self) -> None:
        """Sort the rows by key, ties by position."""
        keys = self.keys
        if sorted(keys) == keys:  # linear for a sorted log, 20 ns a row
            return
        self.arrange(sorted(range(len(keys)), key=keys.__getitem__))

    def by_line(self) -> Batch:
        """The same events by line, as a log has them."""
        lines = self.lines
        if isinstance(lines, range):
            return self
        found = replace(self)
        found.arrange(sorted(range(len(lines)), key=lines.__getitem__))
        return found

    def arrange(self, order: Sequence[int]) -> None:
        """Put the rows in `order`."""
        keys = self.keys
        same = keys is self.occurred
        self.lines = [self.lines[row] for row in order]
        self.ids = [self.ids[row] for row in order]
        self.occurred = [self.occurred[row] for row in order]
        self.keys = self.occurred if same else [keys[row] for row in order]
        self.follows = [self.follows[row] for row in order]
        if self.received:
            self.received = [self.received[row] for row in order]
        self.name_codes = [self.name_codes[row] for row in order]
        wanted = dict(zip(self.wanted_rows, self.wanted, strict=True))
        new_rows = [(new, wanted[row]) for new, row in enumerate(order) if row in wanted]
        self.wanted_rows = [new for new, _ in new_rows]
        self.wanted = [one for _, one in new_rows]

    def complete(self, place: Place) -> None:
        """Number the rows over all logs, and give an id to events without one."""
        before = place.before
        if isinstance(self.lines, range):
            self.lines = range(before + self.lines.start, before + self.lines.stop)
        else:
            self.lines = [before + line for line in self.lines]
        if not all(self.ids):
            origin = "stdin" if place.source == STDIN else place.source
            self.ids = [
                ident or f"{origin}:{line - place.source_begin}"
                for ident, line in zip(self.ids, self.lines, strict=True)
            ]

    def selected(self, start: int, stop: int) -> list[tuple[int, Event | Match]]:
        """The wanted events among the rows from `start` up to `stop`, each with its row."""
        first, last = (bisect_left(self.wanted_rows, row) for row in (start, stop))
        if first == last:
            return []
        rows = self.wanted_rows[first:last]
        own, related, takings = zip(*self.wanted[first:last], strict=True)
        events = map(
            Event,
            [self.lines[row] for row in rows],
            [self.ids[row] for row in rows],
            [self.names[self.name_codes[row]] for row in rows],
            [self.occurred[row] for row in rows],
            [self.received[row] for row in rows] if self.received else repeat(None),
            [self.follows[row] for row in rows],
            own,
            related,
        )
        found = events if takings[0] is None else map(Match, events, takings)
        return list(zip(rows, found, strict=True))

    def events(self, start: int, stop: int) -> Iterator[Event | Match | Unmatched]:
        """The rows from `start` up to `stop`: wanted events, and runs of unwanted ones."""
        begin = start
        for row, event in self.selected(start, stop):
            if begin < row:
                yield self.headings(begin, row)
            yield event
            begin = row + 1
        if begin < stop:
            yield self.headings(begin, stop)

    def headings(self, start: int, stop: int) -> Unmatched:
        """The headings of the rows from `start` up to `stop`."""
        return Unmatched(
            self.lines[start:stop],
            self.ids[start:stop],
            self.occurred[start:stop],
            self.follows[start:stop],
            self.name_codes[start:stop],
            self.names,
            self.received[start:stop],
        )

    def pack(self) -> bytes:
        """Pack the batch into bytes for `unpack`."""
        lines = self.lines
        return marshal.dumps(
            (
                (lines.start, lines.stop) if isinstance(lines, range) else _packed(lines),
                self.ids,
                _packed(self.occurred),
                None if self.keys is self.occurred else _packed(self.keys),
                self.follows,
                self.received,
                _packed(self.name_codes),
                self.names,
                _packed(self.wanted_rows),
                self.wanted,
            )
        )


def unpack(packed: bytes) -> Batch:
    """Unpack the bytes of `Batch.pack`."""
    columns = marshal.loads(packed)  # noqa: S302  # packed by this program
    lines, ids, occurred, keys, follows, received, codes, names, rows, wanted = columns
    times = _unpacked(occurred)
    return Batch(
        range(*lines) if type(lines) is tuple else _unpacked(lines),
        ids,
        times,
        times if keys is None else _unpacked(keys),
        follows,
        received,
        _unpacked(codes),
        names,
        _unpacked(rows),
        wanted,
    )


def completed(batch: Batch | bytes, place: Place | None) -> Batch:
    """The batch, unpacked, and completed with `place` if it has not been."""
    if isinstance(batch, bytes):
        batch = unpack(batch) if batch else Batch()
    if place is not None:
        batch.complete(place)
    return batch


class Rows:
    """Consecutive rows of a batch; a packed batch is unpacked only if it is read.

    Args:
        batch: The batch.
        place: The argument for `Batch.complete`; ``None`` if the batch is complete.
        start: The first row.
        stop: The row after the last; ``None``: all rows.
    """

    __slots__ = ("_batch", "_headings", "_matches", "_place", "_start", "_stop")

    def __init__(
        self, batch: Batch | bytes, place: Place | None, start: int = 0, stop: int | None = None
    ) -> None:
        self._batch = batch
        self._place = place
        self._start = start
        self._stop = stop
        self._headings: Unmatched | None = None
        self._matches: list[tuple[int, Match]] | None = None

    def read(self) -> tuple[Batch, int, int]:
        """The batch, the first row, and the row after the last."""
        self._batch = batch = completed(self._batch, self._place)
        self._place = None
        return batch, self._start, len(batch) if self._stop is None else self._stop

    def __len__(self) -> int:
        _, start, stop = self.read()
        return stop - start

    def occurred(self) -> Sequence[int]:
        """When each event occurred, µs."""
        batch, start, stop = self.read()
        return batch.occurred[start:stop]

    def events(self) -> Iterator[Event | Match | Unmatched]:
        """As `Batch.events`."""
        batch, start, stop = self.read()
        return batch.events(start, stop)

    def headings(self) -> Unmatched:
        """The headings of all events."""
        if self._headings is None:
            batch, start, stop = self.read()
            self._headings = batch.headings(start, stop)
        return self._headings

    def labels(self) -> Sequence[Selected]:
        """The primary and related resources of each event, which were read without matching.

        Raises:
            TypeError: Labels of some event were not read.
        """
        batch, start, stop = self.read()
        if len(batch.wanted) < len(batch):
            raise TypeError("labels of some event were not read")
        return batch.wanted[start:stop]

    def named(self, names: Collection[str]) -> Iterator[Event]:
        """The events with some names whose labels were read without matching."""
        batch, start, stop = self.read()
        codes = {code for code, name in enumerate(batch.names) if name in names}
        if codes:
            for row in range(start, stop):
                if batch.name_codes[row] in codes:
                    for _, one in batch.selected(row, row + 1):
                        if isinstance(one, Event):
                            yield one

    def matches(self) -> list[tuple[int, Match]]:
        """The events that were matched when they were read, each with its row in `headings`.

        Raises:
            TypeError: Labels were read without matching.
        """
        if self._matches is None:
            batch, start, stop = self.read()
            self._matches = []
            for row, one in batch.selected(start, stop):
                if not isinstance(one, Match):
                    raise TypeError("labels were read without matching")
                self._matches.append((row - start, one))
        return self._matches


def joined(batches: Sequence[Batch]) -> Batch:
    """The sorted rows of `batches`, which are complete."""
    whole = Batch([])
    lines: list[int] = []
    places: dict[str, int] = {}
    apart = any(one.keys is not one.occurred for one in batches)
    if not apart:
        whole.keys = whole.occurred
    for one in batches:
        begin = len(whole)
        lines += one.lines
        whole.ids += one.ids
        whole.occurred += one.occurred
        if apart:
            whole.keys += one.keys
        whole.follows += one.follows
        whole.received += one.received
        codes = [places.setdefault(name, len(places)) for name in one.names]
        whole.name_codes += [codes[code] for code in one.name_codes]
        whole.wanted_rows += [begin + row for row in one.wanted_rows]
        whole.wanted += one.wanted
    whole.lines = lines
    whole.names = list(places)
    whole.sort()
    return whole


def part(batch: Batch, start: int, stop: int) -> Batch:
    """Some rows of a batch as a batch."""
    first, last = (bisect_left(batch.wanted_rows, row) for row in (start, stop))
    occurred = batch.occurred[start:stop]
    return Batch(
        batch.lines[start:stop],
        batch.ids[start:stop],
        occurred,
        occurred if batch.keys is batch.occurred else batch.keys[start:stop],
        batch.follows[start:stop],
        batch.received[start:stop],
        batch.name_codes[start:stop],
        batch.names,
        [row - start for row in batch.wanted_rows[first:last]],
        batch.wanted[first:last],
    )


def _packed(numbers: Sequence[int]) -> bytes:
    return array("q", numbers).tobytes()


def _unpacked(packed: bytes) -> list[int]:
    numbers = array("q")
    numbers.frombytes(packed)
    return numbers.tolist()
