"""A file that grows, read like ``tail -F``: also when it is cut, or another takes its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, ClassVar


@dataclass
class FollowedFile:
    """Reads a file to its end and waits for more; what a log reader takes for its stdin."""

    path: Path
    """The file; where there is none (any more), it is waited for."""
    wait: Callable[[], None]
    """Lets some time pass, or raises to end it all."""
    caught_up: Callable[[], None]
    """Told whenever all there is has been read."""
    _file: BinaryIO | None = None
    _offset: int = 0
    _last: bytes = b"\n"
    closed: ClassVar = False

    def fileno(self) -> int:
        """None that would tell how much there is to read."""
        raise UnsupportedOperation

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at least one."""
        while True:
            if chunk := self._more(size):
                return chunk
            if self._moved_on():
                # What was written between the last look and the change of names.
                if chunk := self._more(size):
                    return chunk
                self._change_over()
                if self._last != b"\n":
                    # What the old file broke off must not run into the new one's first line.
                    self._last = b"\n"
                    return b"\n"
                continue
            self.caught_up()
            self.wait()

    def _more(self, size: int) -> bytes:
        chunk = b"" if self._file is None else self._file.read(size)
        if chunk:
            self._offset += len(chunk)
            self._last = chunk[-1:]
        return chunk

    read1 = read

    def _moved_on(self) -> bool:
        """Whether what has the name now is another file, or the same one cut short."""
        try:
            status = self.path.stat()
            if self._file is None:
                return os.access(self.path, os.R_OK)
            own = os.fstat(self._file.fileno())
        except OSError:
            return False
        if (own.st_dev, own.st_ino) == (status.st_dev, status.st_ino):
            return status.st_size < self._offset
        return True

    def _change_over(self) -> None:
        """Read what has the name now, from its beginning."""
        self.close()
        self._offset = 0
        with suppress(OSError):
            self._file = self.path.open("rb", buffering=0)
