"""A log file → stretches of whole lines, which can be read by themselves, in any process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple

from trigger_cli.events.compression import LONGEST_MAGIC, compression_of
from trigger_cli.events.encoding import is_utf16, length_of_mark
from trigger_cli.events.formats import told_shape
from trigger_cli.events.lines import whole_lines
from trigger_cli.events.sources import STDIN, Source

SHARD_BYTES = 4 * 1024 * 1024
"""About 3,000 events: little beside the time that it takes to hand it to a worker."""
_CHUNK = 128 * 1024


class Shard(NamedTuple):
    """Whole lines of a file of JSON Lines."""

    path: str
    begin: int
    end: int | None
    """In bytes; ``None``: to the end of the file, which may grow while it is read."""


def shards_of(source: Source, shard_bytes: int = SHARD_BYTES) -> list[Shard] | None:
    """The shards of a log; ``None`` if it cannot be cut: a pipe, compressed, or no JSON Lines."""
    if source.size is None or source.name == STDIN:
        return None
    try:
        with open(source.name, "rb", buffering=0) as file:  # noqa: PTH123  # a `Path` is not the name
            head = file.read(_CHUNK)
            if len(head) < LONGEST_MAGIC or compression_of(head) or is_utf16(head):
                return None
            begin = length_of_mark(head)
            file.seek(begin)
            shape, _ = told_shape(_chunks(file))
            if shape != "lines":
                return None
            begins = [begin]
            while begins[-1] + 2 * shard_bytes < source.size:
                found = _line_begin(file, begins[-1] + shard_bytes)
                if found is None:
                    break
                begins.append(found)
    except OSError:
        return None  # reading it the plain way will say what is wrong
    return [
        Shard(source.name, one, after)
        for one, after in zip(begins, [*begins[1:], None], strict=True)
    ]


def lines_of(shard: Shard) -> Iterator[bytes | None]:
    """The lines of a shard, some at a time; ``None`` is a line too long to hold.

    Raises:
        OSError: the file cannot be read.
    """
    with open(shard.path, "rb", buffering=0) as file:  # noqa: PTH123
        file.seek(shard.begin)
        left = None if shard.end is None else shard.end - shard.begin
        yield from whole_lines(_chunks(file, left))


def _chunks(file: IO[bytes], left: int | None = None) -> Iterator[bytes]:
    while left is None or left > 0:
        chunk = file.read(_CHUNK if left is None else min(_CHUNK, left))
        if not chunk:
            return
        if left is not None:
            left -= len(chunk)
        yield chunk


def _line_begin(file: IO[bytes], offset: int) -> int | None:
    """Where the first line begins that does so after `offset`; ``None`` if none does."""
    file.seek(offset)
    for chunk in _chunks(file):
        found = chunk.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(chunk)
    return None
