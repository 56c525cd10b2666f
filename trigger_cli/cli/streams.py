"""The process's standard streams, which may be closed, full or broken."""

import errno
import io
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

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
    """Replace standard streams that were closed when the process started.

    Python sets them to ``None``, and the next opened file would get the number of such a stream.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # `open` takes the lowest free number: this one. Writing to such a stdout fails.
            os.open(os.devnull, os.O_WRONLY if descriptor == 2 else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdin.buffer.close()  # its readers report it as closed
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if hasattr(sys.stdout, "reconfigure"):
        # Help and logs may contain characters that the terminal's encoding lacks.
        with suppress(OSError):  # this flushes; the next write reports a failure
            sys.stdout.reconfigure(errors="backslashreplace")
    told = os.fdopen(2, "wb", closefd=False) if sys.stderr is None else sys.stderr.buffer
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    sys.stderr = _Forgiving(told, encoding, errors="backslashreplace", line_buffering=True)


def file_behind(stream: TextIO) -> Path | None:
    """The file that a stream writes to; ``None`` for a terminal or pipe, or if it is not known."""
    try:
        descriptor = stream.fileno()
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        if sys.platform == "darwin":
            import fcntl

            name = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")
            path = Path(os.fsdecode(name))
        else:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
        return path if os.path.samestat(path.stat(), status) else None
    except (OSError, ValueError):
        return None


def peeked(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """At most the first `size` bytes of a stream, and a stream that still begins with them."""
    try:
        head = stream.read(size)
    except (OSError, ValueError):  # ValueError: it is closed
        return b"", stream
    try:
        stream.seek(-len(head), os.SEEK_CUR)
    except (OSError, ValueError):
        return head, cast(BinaryIO, io.BufferedReader(_Rejoined(head, stream)))
    return head, stream


class _Rejoined(io.RawIOBase):
    """Bytes that were read from a pipe, followed by the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is, at most as much as fits."""
        size = len(buffer)
        read = getattr(self._rest, "read1", self._rest.read)
        chunk = self._head.read(size) or read(size)
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Forgiving(io.TextIOWrapper):
    """Stderr: failures to write to it are ignored, so that the command still gives its result."""

    def write(self, text: str) -> int:
        """Write; ignore failures."""
        try:
            return super().write(text)
        except OSError:
            silence(self)
            return len(text)

    def flush(self) -> None:
        """Flush; ignore failures."""
        try:
            super().flush()
        except OSError:
            silence(self)


def is_write_failure(error: OSError) -> bool:
    """Whether writing to a stream failed; errors of opening a file have a file name."""
    return error.filename is None and error.errno in _CANNOT_WRITE


def silence(stream: TextIO) -> None:
    """Discard what is buffered for a stream, so that no later flush fails."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
