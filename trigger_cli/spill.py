"""Data that does not fit in memory, in a temporary file without a name."""

import marshal
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

HELD_BYTES = 8 * 1024 * 1024
"""How many bytes a `PlainStore` keeps in memory before they go to a temporary file."""
_LIKELY_BYTES = 8_192
"""The size of a read, in bytes: nearly always enough for one entry."""
_BATCH = 32
"""How many rows are packed together: more would have to be unpacked to read one."""
_GROUPS_AT_HAND = 64


class SpillFile:
    """A file that the first `append` makes, and that is gone with this object or its process.

    A copy of this process may read it, too.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self.size = 0
        """Where the next piece will lie, bytes."""

    def append(self, piece: bytes | bytearray) -> int:
        """Write a piece behind the others; a part of one that cannot be written does not count.

        Returns:
            Where it lies, for `read`.

        Raises:
            OSError: The file cannot be made or written.
        """
        if self._file is None:
            # Unbuffered: a buffer would try to write again, and fail again, when closed.
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        place = self._file.seek(self.size)
        with memoryview(piece) as rest:
            written = 0
            while written < len(rest):
                written += self._file.write(rest[written:])
        self.size += len(piece)
        return place

    def read(self, place: int, length: int) -> bytes:
        """What was written at a place; less than `length` bytes where the file ends before.

        Raises:
            OSError: The file cannot be read.
        """
        assert self._file is not None, "nothing was written"
        if hasattr(os, "pread"):
            # The position in the file is one for all copies of a process.
            return os.pread(self._file.fileno(), length, place)
        self._file.seek(place)
        return self._file.read(length)

    def close(self) -> None:
        """Give the space back."""
        if self._file is not None:
            self._file.close()


class PlainStore:
    """Stores plain tuples and lists as bytes, and returns them by position.

    If no temporary file can be written, everything stays in memory.
    """

    def __init__(self, held_bytes: int = HELD_BYTES) -> None:
        self._limit: float = held_bytes
        self._file = SpillFile()
        self._held = bytearray()

    def add(self, plain: tuple[Any, ...] | list[Any]) -> int:
        """Store one; return its position."""
        return self.add_packed(marshal.dumps(plain))

    def add_packed(self, packed: bytes) -> int:
        """Store one that `marshal` has packed; return its position."""
        held = self._held
        position = self._file.size + len(held)
        held += packed
        if len(held) > self._limit:
            self._spill()
        return position

    def __getitem__(self, position: int) -> Any:
        return self.read(position, _LIKELY_BYTES)

    def read(self, position: int, size: int) -> Any:
        """The one at a position, likely of at most `size` bytes: if it has more, it is read again."""
        while True:
            piece = self._bytes(position, size)
            try:
                return marshal.loads(piece)  # noqa: S302  # packed by `add`; trailing bytes are ignored
            except EOFError:
                if len(piece) < size:
                    raise OSError("the temporary file was cut short") from None
                size *= 8

    def _bytes(self, position: int, size: int) -> bytes:
        begin = position - self._file.size
        if begin >= 0:
            return bytes(self._held[begin : begin + size])
        return self._file.read(position, size)

    def _spill(self) -> None:
        try:
            self._file.append(self._held)
        except OSError:
            self._limit = float("inf")
        else:
            self._held = bytearray()


class PackedRows:
    """Stores plain tuples as bytes, some of them together, and returns them by number or in order.

    That takes a quarter of the time and half of the space of packing each by itself.

    Args:
        store: Where to store them, perhaps with other rows, instead of a new one.
    """

    def __init__(self, store: PlainStore | None = None) -> None:
        self._store = PlainStore() if store is None else store
        self._groups = array("q")
        """The position of each group."""
        self._sizes = array("q")
        """The length of each group, bytes."""
        self._latest: list[tuple[Any, ...]] = []
        self._group = lru_cache(_GROUPS_AT_HAND)(self._read)

    def __len__(self) -> int:
        return len(self._groups) * _BATCH + len(self._latest)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for group in range(len(self._groups)):
            yield from self._read(group)
        yield from self._latest

    def add(self, row: tuple[Any, ...]) -> int:
        """Store one; return its number, counted from 0."""
        number = len(self)
        self._latest.append(row)
        if len(self._latest) == _BATCH:
            packed = marshal.dumps(self._latest)
            self._groups.append(self._store.add_packed(packed))
            self._sizes.append(len(packed))
            self._latest = []
        return number

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        group, place = divmod(number, _BATCH)
        return (self._latest if group == len(self._groups) else self._group(group))[place]

    def _read(self, group: int) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._store.read(self._groups[group], self._sizes[group])
        return rows
