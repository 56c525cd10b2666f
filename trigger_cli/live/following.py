"""Reads a growing file as ``tail -F`` does: also if it is shortened or replaced."""

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
"""How many of the last bytes are compared to recognize the file."""
_STALLED = 20
"""After this many waits, a line without a newline is reported."""


@dataclass
class FollowedFile:
    """Reads a file to its end and waits for more; a log reader uses it in place of stdin.

    `read` raises ``OSError`` if a folder has replaced the file.
    """

    path: Path
    """The path; if no file exists there, the reader waits for one."""
    wait: Callable[[], None]
    """Sleeps for some time, or raises to stop."""
    caught_up: Callable[[bool], None]
    """Called whenever the whole file has been read, with whether it ends within a line."""
    notice: Callable[[str], None]
    """Called with a change of the file, as a text that follows its name: "was cut short"."""
    _file: BinaryIO | None = None
    _offset: int = 0
    _last: bytes = b""
    """The last bytes that were read."""
    _waits: int = 0
    closed: ClassVar = False

    def fileno(self) -> int:
        """Raise: no descriptor would show how much there is to read."""
        raise UnsupportedOperation

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at least one; waits for them."""
        while True:
            if self._is_rewritten():
                self.notice("was cut short and written anew; it is read from its beginning")
            elif chunk := self._more(size):
                return chunk
            elif not self._moved_on():
                self.caught_up(self._is_in_a_line())
                self._tell_of_a_line_without_end()
                self.wait()
                continue
            # Bytes that were written between the last read and the change of names.
            elif chunk := self._more(size):
                return chunk
            if self._change_over():
                # An incomplete last line must not join the new file's first line.
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
        """Whether the bytes before the offset changed: the file was shortened and grew again."""
        if self._file is None or not self._last or not self._file.seekable():
            return False
        self._file.seek(self._offset - len(self._last))
        here = self._file.read(len(self._last))
        self._file.seek(self._offset)
        return len(here) == len(self._last) and here != self._last

    def _moved_on(self) -> bool:
        """Whether the path now refers to another file, or the file was shortened."""
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
            # A pipe has no size: its writer may go on.
            if not stat.S_ISREG(own.st_mode) or status.st_size >= self._offset:
                return False
            self.notice("was cut short; it is read from its beginning")
        return True

    def _change_over(self) -> bool:
        """Open the file that now has the path; returns whether the old one ended within a line."""
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
            self.notice("ends with an incomplete line; waiting for the rest")
