"""A file that grows, read like ``tail -F``: also when it is cut, or another takes its name."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, ClassVar

_REMEMBERED = 256
"""Bytes at the end of what was read, by which a file is known to be the same."""
_STALLED = 20
"""After so many waits, a line without its end is told."""


@dataclass
class FollowedFile:
    """Reads a file to its end and waits for more; what a log reader takes for its stdin.

    `read` raises ``OSError`` where a folder has taken the file's name.
    """

    path: Path
    """The file; where there is none (any more), it is waited for."""
    wait: Callable[[], None]
    """Lets some time pass, or raises to end it all."""
    caught_up: Callable[[], None]
    """Told whenever all there is has been read."""
    notice: Callable[[str], None]
    """Told what happens to the file, in words that go on after its name: "was cut short"."""
    _file: BinaryIO | None = None
    _offset: int = 0
    _last: bytes = b""
    """The end of what was read."""
    _waits: int = 0
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
            if self._is_rewritten():
                self.notice("was cut short and written anew; it is read from its beginning")
            elif chunk := self._more(size):
                return chunk
            elif not self._moved_on():
                self.caught_up()
                self._tell_of_a_line_without_end()
                self.wait()
                continue
            # What was written between the last look and the change of names.
            elif chunk := self._more(size):
                return chunk
            if self._change_over():
                # What the old file broke off must not run into the new one's first line.
                return b"\n"

    read1 = read

    def _more(self, size: int) -> bytes:
        chunk = b"" if self._file is None else self._file.read(size)
        if chunk:
            self._offset += len(chunk)
            self._last = (self._last + chunk[-_REMEMBERED:])[-_REMEMBERED:]
            self._waits = 0
        return chunk

    def _is_rewritten(self) -> bool:
        """Whether other bytes stand before the offset than those read: it was cut and has regrown."""
        if self._file is None or not self._last or not self._file.seekable():
            return False
        self._file.seek(self._offset - len(self._last))
        here = self._file.read(len(self._last))
        self._file.seek(self._offset)
        return len(here) == len(self._last) and here != self._last

    def _moved_on(self) -> bool:
        """Whether what has the name now is another file, or the same one cut short."""
        try:
            status = self.path.stat()
            own = None if self._file is None else os.fstat(self._file.fileno())
        except OSError:
            return False
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder has taken its name")
        if own is None:
            return os.access(self.path, os.R_OK)
        if (own.st_dev, own.st_ino) == (status.st_dev, status.st_ino):
            if status.st_size >= self._offset:
                return False
            self.notice("was cut short; it is read from its beginning")
        return True

    def _change_over(self) -> bool:
        """Read what has the name now, from its beginning; whether the old one broke off in a line."""
        broke_off = self._is_in_a_line()
        self.close()
        self._offset, self._last, self._waits = 0, b"", 0
        with suppress(OSError):
            self._file = self.path.open("rb", buffering=0)
        return broke_off

    def _is_in_a_line(self) -> bool:
        return bool(self._last) and not self._last.endswith(b"\n")

    def _tell_of_a_line_without_end(self) -> None:
        self._waits += 1
        if self._waits == _STALLED and self._is_in_a_line():
            self.notice("ends in a line without its end, which is waited for")
