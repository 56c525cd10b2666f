"""Splits chunks of bytes into lines."""

from collections.abc import Iterator
from io import BytesIO
from typing import TypeAlias

LONGEST_RECORD = 16 * 1024 * 1024
"""The largest record, bytes. Prefect refuses events above 1.5 MB, so a longer line is no event."""

SomeLines: TypeAlias = list[bytes] | None
"""Lines, each with its newline (the last of a log may have none); ``None`` is one line longer than
`LONGEST_RECORD`, which is never kept in memory."""


def text_lines(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Each line of `chunks` with its newline; the last one may have none.

    A line longer than `LONGEST_RECORD` comes as ``None`` and is never kept in memory.
    """
    for lines in some_lines(chunks):
        if lines is None:
            yield None
        else:
            yield from lines


def some_lines(chunks: Iterator[bytes]) -> Iterator[SomeLines]:
    """The lines of `chunks`, about one chunk at a time."""
    begun: list[bytes] = []  # the pieces of a line without its newline yet
    size = 0
    for chunk in chunks:
        # Twice as fast as `split`, and copies nothing but the lines: 0.45 µs for a line of 1.4 kB,
        # including the reading of the file.
        lines = BytesIO(chunk).readlines()
        if size and lines:
            size += len(lines[0])
            if size > LONGEST_RECORD:
                begun.clear()
            else:
                begun.append(lines[0])
            if not lines[0].endswith(b"\n"):
                continue
            if size > LONGEST_RECORD:
                yield None
                del lines[0]
            else:
                lines[0] = b"".join(begun)
            begun = []
            size = 0
        if lines and not lines[-1].endswith(b"\n"):
            begun = [lines.pop()]
            size = len(begun[0])
        if lines:
            yield lines
    if size > LONGEST_RECORD:
        yield None
    elif size:
        yield [b"".join(begun)]
