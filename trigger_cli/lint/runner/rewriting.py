"""Writes fixed text to its file: atomically, and only if the file has not changed."""

from __future__ import annotations

import codecs
import os
import tempfile
from pathlib import Path


class ChangedMeanwhileError(Exception):
    """The file has changed since it was read."""


def rewrite(file: str, read: bytes, text: str) -> None:
    """Replace the contents of `file`, keeping its mode and its byte order mark.

    Args:
        file: the file; where it is a link, what it links to.
        read: the bytes that the text was made from.
        text: the new contents.

    Raises:
        ChangedMeanwhileError: the file does not hold `read`.
        OSError: it cannot be read or written.
    """
    target = Path(file).resolve()
    mark = codecs.BOM_UTF8 if read.startswith(codecs.BOM_UTF8) else b""
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(mark + text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777)
        # As late as possible: a change that was saved while the rules ran must not be lost.
        if target.read_bytes() != read:
            raise ChangedMeanwhileError(file)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
