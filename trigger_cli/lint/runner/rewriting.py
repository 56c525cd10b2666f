"""Writes fixed text to its file: atomically, and only if the file has not changed."""

from __future__ import annotations

import codecs
from pathlib import Path

from trigger_cli.whole_files import replacing


class ChangedMeanwhileError(Exception):
    """The file has changed since it was read."""


class ReadOnlyFileError(Exception):
    """Nobody, not even the owner, may write to the file."""


def rewrite(file: str, read: bytes, text: str) -> None:
    """Replace the contents of `file`, keeping its byte order mark; all else as `replacing` says.

    Args:
        file: the file; where it is a link, what it links to.
        read: the bytes that the text was made from.
        text: the new contents.

    Raises:
        ChangedMeanwhileError: the file does not hold `read`.
        ReadOnlyFileError: nobody may write to it.
        OSError: it cannot be read or written.
    """
    target = Path(file)
    if not target.stat().st_mode & 0o222:
        raise ReadOnlyFileError(file)
    mark = codecs.BOM_UTF8 if read.startswith(codecs.BOM_UTF8) else b""
    with replacing(target) as stream:
        stream.write(mark + text.encode())
        # As late as possible: a change that was saved while the rules ran must not be lost.
        if target.read_bytes() != read:
            raise ChangedMeanwhileError(file)
