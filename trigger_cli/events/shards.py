"""Cuts a log file into parts of whole lines, each of which any process can read."""

import codecs
import sys
from collections.abc import Iterator
from typing import IO

from msgspec import Struct

from trigger_cli.events.compression import LONGEST_MAGIC, compression_of
from trigger_cli.events.formats import told_shape
from trigger_cli.events.lines import SomeLines, some_lines
from trigger_cli.events.sources import STDIN, Source
from trigger_cli.utf16 import utf16_of

SHARD_BYTES = 4 * 1024 * 1024
"""About 3,000 events: the time to send it to a worker is small beside the time to read it."""
_CHUNK = 128 * 1024


class Shard(Struct, frozen=True):
    """Whole lines of a file of JSON Lines."""

    path: str
    begin: int
    end: int | None
    """The end in bytes; ``None``: the end of the file, which may grow while it is read."""


def lines_between(file: IO[bytes], begin: int, end: int) -> Iterator[SomeLines]:
    """The lines that begin in a part of a file, several at a time, as from `lines_of`.

    Unlike `shards_of`, this needs no search for line starts beforehand, which would cost a request
    to the storage per shard.
    """

    def chunks() -> Iterator[bytes]:
        at = max(begin - 1, 0)
        file.seek(at)
        skips = begin > 0  # the rest of a line that began earlier
        for chunk in chunks_of(file):
            after = at + len(chunk)
            first = 0
            if skips:
                first = chunk.find(b"\n") + 1
                skips = not first
                if skips or at + first >= end:
                    if after >= end:
                        return
                    at = after
                    continue
            if after >= end:
                # The last line is the one that contains the last byte of the part.
                last = chunk.find(b"\n", max(first, end - 1 - at)) + 1
                yield chunk[first : last or len(chunk)]
                if last:
                    return
            else:
                yield chunk[first:]
            at = after

    yield from some_lines(chunks())


def shards_of(source: Source, shard_bytes: int = SHARD_BYTES) -> list[Shard] | None:
    """The shards of a log; ``None`` if it cannot be cut: a pipe, compressed, or not JSON Lines."""
    if source.size is None or source.name == STDIN:
        return None
    try:
        with open(source.name, "rb", buffering=0) as file:  # noqa: PTH123  # `Path` would change the name
            begin = can_be_cut(file)
            if begin is None:
                return None
            begins = [begin]
            while begins[-1] + 2 * shard_bytes < source.size:
                found = _line_begin(file, begins[-1] + shard_bytes)
                if found is None:
                    break
                begins.append(found)
    except OSError:
        return None  # reading it as a stream will report the error
    return [
        Shard(source.name, one, after)
        for one, after in zip(begins, [*begins[1:], None], strict=True)
    ]


def can_be_cut(file: IO[bytes]) -> int | None:
    """The start of the first line of a file of JSON Lines; ``None`` if it has another format."""
    head = file.read(_CHUNK)
    if len(head) < LONGEST_MAGIC or compression_of(head) or utf16_of(head):
        return None
    begin = len(head) - len(head.removeprefix(codecs.BOM_UTF8))
    file.seek(begin)
    shape, _ = told_shape(chunks_of(file))
    return begin if shape == "lines" else None


def lines_of(shard: Shard) -> Iterator[SomeLines]:
    """The lines of a shard, several at a time.

    Raises:
        OSError: The file cannot be read.
    """
    with open(shard.path, "rb", buffering=0) as file:  # noqa: PTH123
        file.seek(shard.begin)
        left = sys.maxsize if shard.end is None else shard.end - shard.begin
        yield from some_lines(chunks_of(file, left))


def chunks_of(file: IO[bytes], left: int = sys.maxsize) -> Iterator[bytes]:
    """The next `left` bytes of a file, or as many as there are, piece by piece."""
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _line_begin(file: IO[bytes], offset: int) -> int | None:
    """The start of the first line that begins after `offset`; ``None`` if there is none."""
    file.seek(offset)
    for chunk in chunks_of(file):
        found = chunk.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(chunk)
    return None
