"""Bytes that do not fit in memory, in a temporary file without a name."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import IO


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
