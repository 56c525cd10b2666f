"""Sorts batches of a log by the keys of their rows, in bounded memory.

Batches are sorted within and kept unchanged. Those that follow one another form a chain, so a log
in ascending (or descending) order is one chain, and no rows are compared. Overlapping batches are
merged, in pieces as large as possible.
"""

import heapq
import tempfile
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import Self

from msgspec import Struct

from trigger_cli.events.batch import Batch, Key, Place, Rows, completed, joined, part
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned
from trigger_cli.spill import SpillFile

HELD_BYTES = 64 * 1024 * 1024
"""How many bytes are kept in memory before they go to a temporary file."""
_MANY_CHAINS = 24
"""With this many chains, batches that fit none of them are first sorted together."""
_MERGED_BYTES = 128 * 1024
"""The approximate size in bytes of a batch of such a run; a merge keeps one per run in memory."""


class LogSortError(OSError):
    """The log is too large to sort in memory, and the temporary file cannot be used."""


class _Stored(Struct, eq=False):
    """A batch: in memory, in memory as bytes, or on disk."""

    batch: Batch | bytes | None
    first: Key
    last: Key
    place: Place | None
    """The argument for `Batch.complete`, if that has not been called."""
    offset: int = 0
    length: int = 0


class BatchStore:
    """Takes sorted batches and returns their rows in ascending order, once.

    A context manager, which deletes the temporary file at its end.
    """

    def __init__(self, held_bytes: int = HELD_BYTES) -> None:
        """Keep about `held_bytes` in memory."""
        self._limit = held_bytes
        self._held: list[_Stored] = []
        self._held_size = 0
        self._file = SpillFile()
        self._chains: list[deque[_Stored]] = []
        self._loose: list[_Stored] = []
        self._loose_size = 0
        self._runs: list[deque[_Stored]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, scanned: Scanned, place: Place) -> None:
        """Add a sorted batch, which is at `place`.

        Raises:
            LogSortError: The temporary file cannot be made or written.
        """
        if scanned.first is None or scanned.last is None:
            return
        first, last = ((time, place.before + line) for time, line in (scanned.first, scanned.last))
        stored = _Stored(scanned.batch, first, last, place)
        if self._chained(stored, scanned.size):
            self._hold(stored, scanned.size)
        else:
            self._loose.append(stored)
            self._loose_size += scanned.size
            if self._loose_size > self._limit // 2:
                self._sort_loose()
        if self._held_size + self._loose_size > self._limit:
            self._spill()

    def drain(self) -> Iterator[Rows]:
        """Yield all rows in ascending order.

        Raises:
            LogSortError: The temporary file cannot be written or read.
        """
        if self._loose:
            self._sort_loose()
        self._held.clear()  # each batch goes when it has been read
        chains = [*self._chains, *self._runs]
        if len(chains) == 1:
            return (Rows(self._read(one), one.place) for one in _emptied(chains[0]))
        return _merged([map(self._batch_of, _emptied(chain)) for chain in chains])

    def _chained(self, stored: _Stored, size: int) -> bool:
        """Append or prepend the batch to a chain, or start a chain with it."""
        for chain in self._chains:
            if chain[-1].last < stored.first:
                chain.append(stored)
                return True
            if stored.last < chain[0].first:
                chain.appendleft(stored)
                return True
        # A merge keeps one batch per chain in memory, so large batches allow fewer chains.
        most = min(_MANY_CHAINS, max(1, self._limit // (2 * max(size, 1))))
        if len(self._chains) >= most:
            return False
        self._chains.append(deque([stored]))
        return True

    def _sort_loose(self) -> None:
        """Make one run of the batches that fit no chain."""
        whole = joined([self._batch_of(stored) for stored in self._loose])
        weight = self._loose_size // max(len(whole), 1)
        self._loose.clear()
        self._loose_size = 0
        run = deque[_Stored]()
        rows = max(1, _MERGED_BYTES // max(weight, 1))
        for begin in range(0, len(whole), rows):
            piece = part(whole, begin, min(begin + rows, len(whole)))
            stored = _Stored(piece, piece.key(0), piece.key(len(piece) - 1), None)
            self._hold(stored, weight * len(piece))
            run.append(stored)
        self._runs.append(run)

    def _hold(self, stored: _Stored, size: int) -> None:
        self._held.append(stored)
        self._held_size += size

    def _spill(self) -> None:
        """Write all batches in memory to the file, except loose ones."""
        try:
            for stored in self._held:
                batch = stored.batch
                assert batch is not None
                packed = batch if isinstance(batch, bytes) else batch.pack()
                stored.offset, stored.length = self._file.append(packed), len(packed)
                stored.batch = None
        except OSError as error:
            raise _sort_error(error) from error
        self._held.clear()
        self._held_size = 0

    def _batch_of(self, stored: _Stored) -> Batch:
        return completed(self._read(stored), stored.place)

    def _read(self, stored: _Stored) -> Batch | bytes:
        if stored.batch is not None:
            return stored.batch
        try:
            return self._file.read(stored.offset, stored.length)
        except OSError as error:
            raise _sort_error(error) from error


def _emptied(chain: deque[_Stored]) -> Iterator[_Stored]:
    while chain:
        yield chain.popleft()


def _merged(chains: list[Iterator[Batch]]) -> Iterator[Rows]:
    """The rows of sorted chains of batches, in order, in pieces as large as possible."""
    heap: list[tuple[Key, int, int, Batch, Iterator[Batch]]] = []

    def push(number: int, row: int, batch: Batch | None, chain: Iterator[Batch]) -> None:
        if batch is None or row == len(batch):
            row, batch = 0, next(chain, None)
        if batch is not None:
            heapq.heappush(heap, (batch.key(row), number, row, batch, chain))

    for number, chain in enumerate(chains):
        push(number, 0, None, chain)
    while heap:
        _, number, row, batch, chain = heapq.heappop(heap)
        stop = len(batch)
        if heap and heap[0][0] < batch.key(stop - 1):
            stop = bisect_left(range(stop), heap[0][0], row + 1, key=batch.key)
        yield Rows(batch, None, row, stop)
        push(number, stop, batch, chain)


def _sort_error(error: OSError) -> LogSortError:
    """The error for a temporary file that cannot be made, written or read."""
    too_large = "the log is too large to sort in memory, and"
    try:
        folder = tempfile.gettempdir()
    except OSError:  # no folder is writable
        return LogSortError(f"{too_large} no temporary folder can take it")
    reason = system_reason(error)
    return LogSortError(f"{too_large} the temporary folder {folder} cannot take it: {reason}")
