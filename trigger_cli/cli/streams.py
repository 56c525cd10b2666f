"""The process's standard streams: closed, full or torn off, they are no reason to fall over."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_CANNOT_WRITE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EBADF,
    errno.EPIPE,
    errno.EACCES,
    errno.EAGAIN,
}


def prepare_streams() -> None:
    """Put something in the place of streams that this process was started without.

    Python has ``None`` there, and the next file that is opened would get the number of a stream.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number, so this one. Stdout is such that writing to it fails.
            os.open(os.devnull, os.O_WRONLY if descriptor == 2 else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdin.buffer.close()  # what asks for it is told that it is closed
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if hasattr(sys.stdout, "reconfigure"):
        # Help and logs may hold what the terminal's encoding does not.
        with suppress(OSError):  # it writes what waits, and who writes next will see
            sys.stdout.reconfigure(errors="backslashreplace")
    told = os.fdopen(2, "wb", closefd=False) if sys.stderr is None else sys.stderr.buffer
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    sys.stderr = _Forgiving(told, encoding, errors="backslashreplace", line_buffering=True)


class _Forgiving(io.TextIOWrapper):
    """Stderr: where nobody can be told, the answer matters all the same."""

    def write(self, text: str) -> int:
        """Write, if that is possible."""
        try:
            return super().write(text)
        except OSError:
            silence(self)
            return len(text)

    def flush(self) -> None:
        """Flush, if that is possible."""
        try:
            super().flush()
        except OSError:
            silence(self)


def is_write_failure(error: OSError) -> bool:
    """Whether writing to a stream failed; what opens or finds a file has its name."""
    return error.filename is None and error.errno in _CANNOT_WRITE


def silence(stream: TextIO) -> None:
    """Let what is still to be written to a stream go nowhere, so that no later flush fails."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
