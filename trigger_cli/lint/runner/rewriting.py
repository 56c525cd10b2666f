"""Writes fixed text to its file: atomically, and only if the file has not changed."""

import codecs
from pathlib import Path

from trigger_cli.whole_files import replacing


class ChangedMeanwhileError(Exception):
    """The file has changed since it was read."""


class ReadOnlyFileError(Exception):
    """No user, not even the owner, may write to the file."""


def rewrite(file: str, read: bytes, text: str) -> None:
    """Replace the contents of `file`; keeps its byte order mark, and what `replacing` keeps.

    Args:
        file: The file; for a link, its target.
        read: The bytes from which the text was made.
        text: The new contents.

    Raises:
        ChangedMeanwhileError: The file no longer contains `read`.
        ReadOnlyFileError: No user may write to the file.
        OSError: It cannot be read or written.
    """
    target = Path(file)
    if not target.stat().st_mode & 0o222:
        raise ReadOnlyFileError(file)
    mark = codecs.BOM_UTF8 if read.startswith(codecs.BOM_UTF8) else b""
    with replacing(target) as stream:
        stream.write(mark + text.encode())
        # As late as possible: a change that was saved during the run must not be lost.
        if target.read_bytes() != read:
            raise ChangedMeanwhileError(file)
