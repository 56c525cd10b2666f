"""Which file is meant by a name, a link or an open stream; and which files are outputs.

A command line can name one file in many ways: links, folders, globs, standard input, names in
other files. Therefore a command declares its outputs before it starts (`keeping_inputs`), and each
reader checks its input when it opens it (`require_no_output`).
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias

Identity: TypeAlias = tuple[int, int]
"""Device and inode: the same under all names of a file, and through all links and handles."""

_outputs: dict[Identity, Path] = {}
"""The outputs of the running command that exist as files, for all threads."""


class InputIsOutputError(Exception):
    """A file that is read is also an output. Not an `OSError`: readers must not handle it.

    Args:
        output: The output, as the user named it.
        reason: Why it is an input.
    """

    def __init__(self, output: Path, reason: str) -> None:
        super().__init__(f"{output} {reason}, and would be written over")


def identity(status: os.stat_result) -> Identity | None:
    """The identity of a regular file; ``None`` for pipes, devices and folders."""
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def identity_of(file: str | Path | IO[Any]) -> Identity | None:
    """The identity of the regular file with a name or behind a stream; ``None`` if there is none."""
    try:
        if isinstance(file, str | Path):
            return identity(os.stat(file))  # noqa: PTH116  # `Path` would change the name
        return identity(os.fstat(file.fileno()))
    except (OSError, ValueError):  # ValueError: a NUL in the name, or a closed stream
        return None


@contextmanager
def keeping_inputs(outputs: Iterable[Path]) -> Iterator[None]:
    """Refuse to read the files that are `outputs`, until the context ends."""
    found = {known: one for one in outputs if (known := identity_of(one)) is not None}
    before = dict(_outputs)
    _outputs.update(found)
    try:
        yield
    finally:
        _outputs.clear()
        _outputs.update(before)


def require_no_output(read: Identity | None, reason: str = "is read by this command") -> None:
    """Refuse an input that is an output of the running command.

    Args:
        read: The identity of the input; ``None`` is never an output.
        reason: Why it is an input.

    Raises:
        InputIsOutputError: It is an output.
    """
    if read is not None and read in _outputs:
        raise InputIsOutputError(_outputs[read], reason)
