"""The process's standard streams, which may be closed, full or broken."""

import errno
import io
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
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
