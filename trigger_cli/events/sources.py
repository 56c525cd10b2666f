"""Resolves paths, globs and ``-`` to sources, and reads a source as chunks of plain text."""

import glob
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import BinaryIO

from msgspec import Struct

from trigger_cli.events.compression import (
    DECOMPRESSION_ERRORS,
    LONGEST_MAGIC,
    compression_of,
    decompressed,
)
from trigger_cli.events.encoding import utf8
from trigger_cli.events.problems import system_reason
from trigger_cli.file_search import files_matching
from trigger_cli.same_file import Identity, identity

STDIN = "-"
_CLOSED = "standard input is closed"

_CHUNK = 128 * 1024
_COMPRESSED_CHUNK = 16 * 1024
"""Smaller than for plain files, because a chunk of compressed data expands many times."""


class Source(Struct, frozen=True):
    """One log."""

    name: str
    """The path as given or as found by a glob; ``-`` for standard input."""
    refusal: str | None = None
    """Why it cannot be read, if that is known without opening it."""
    size: int | None = None
    """The size as stored, bytes; ``None`` if unknown (a pipe)."""
    identity: Identity | None = None
    """The same under all names of a file; ``None`` for other things."""


def find_sources(paths: Sequence[str], stdin: BinaryIO | None) -> tuple[Source, ...]:
    """The sources that `paths` name, those of one glob sorted by name.

    An existing path names itself, whatever characters it has. Nothing is opened: a pipe such as
    ``<(zcat old.gz)`` can be opened only once.
    """
    found: list[Source] = []
    for path in paths:
        if path == STDIN:
            twice = any(source.name == STDIN for source in found)
            found.append(_standard_input(stdin, twice=twice))
        elif is_url(path) and not os.path.lexists(path):
            found.append(Source(path, "a URL needs --cluster, which `replay` has"))
        elif not os.path.lexists(path) and glob.has_magic(path):
            files = [_file(one) for one in files_matching(path)]
            found += files or [Source(path, "no file matches this pattern")]
        else:
            found.append(_file(path))
    return tuple(found)


def is_url(path: str) -> bool:
    """Whether a log is named by a URL."""
    return "://" in path


def _file(path: str) -> Source:
    try:
        status = os.stat(path)  # noqa: PTH116  # `Path` would not accept what it cannot encode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return Source(path, system_reason(error))
    if stat.S_ISDIR(status.st_mode):
        return Source(path, "it is a folder: name the files or use a glob, e.g. 'logs/*.jsonl'")
    if not os.access(path, os.R_OK):
        return Source(path, "permission denied")
    if stat.S_ISREG(status.st_mode):
        return Source(path, None, status.st_size, identity(status))
    return Source(path)


def _standard_input(stdin: BinaryIO | None, *, twice: bool) -> Source:
    if twice:
        return Source(STDIN, "standard input can be read only once")
    stream = _stream(stdin)
    if stream is None or stream.closed:
        return Source(STDIN, _CLOSED)
    try:
        status = os.fstat(stream.fileno())
        if stat.S_ISREG(status.st_mode):
            size = max(0, status.st_size - stream.tell())
            return Source(STDIN, None, size, identity(status))
    except (OSError, ValueError):
        pass  # not a file: the size stays unknown
    return Source(STDIN)


def _stream(stdin: BinaryIO | None) -> BinaryIO | None:
    if stdin is not None:
        return stdin
    # Python sets `sys.stdin` to None if it was started with a closed standard input.
    return getattr(sys.stdin, "buffer", None)


def plain_text(
    source: Source,
    stdin: BinaryIO | None,
    *,
    count: Callable[[int], None],
    fail: Callable[[str], None],
) -> Iterator[bytes]:
    """The content of `source`, decompressed and in UTF-8, in chunks; raises nothing.

    If reading fails, the content ends; all chunks read before are yielded.

    Args:
        source: What to read; has no `refusal`.
        stdin: The stream for ``-``; ``None``: the standard input of the process.
        count: Called with the number of bytes of every read, as stored.
        fail: Called with the reason if the source cannot be opened or read further.
    """
    with ExitStack() as opened:
        try:
            if source.name == STDIN:
                stream = _stream(stdin)
            else:
                stream = opened.enter_context(open(source.name, "rb", buffering=0))  # noqa: PTH123
            if stream is None:
                fail(_CLOSED)
                return
            yield from utf8(_decompressed(stream, count))
        except (*DECOMPRESSION_ERRORS, OSError, ValueError) as error:
            # An OSError without a number comes from bz2; a ValueError from a stream that was closed
            # during reading.
            damaged = not isinstance(error, ValueError) and not getattr(error, "errno", None)
            fail(("damaged: " if damaged else "") + system_reason(error))


def _decompressed(stream: BinaryIO, count: Callable[[int], None]) -> Iterator[bytes]:
    head = b""
    for chunk in _chunks(stream, _COMPRESSED_CHUNK, count):
        head += chunk
        if len(head) >= LONGEST_MAGIC:  # a pipe may deliver its first bytes one at a time
            break
    compression = compression_of(head)
    if compression is None:
        return chain([head], _chunks(stream, _CHUNK, count))
    return decompressed(chain([head], _chunks(stream, _COMPRESSED_CHUNK, count)), compression)


def _chunks(stream: BinaryIO, size: int, count: Callable[[int], None]) -> Iterator[bytes]:
    # `read1` returns what a pipe has; `read` of a buffered stream would wait for all of `size`.
    read = getattr(stream, "read1", stream.read)
    while chunk := read(size):
        count(len(chunk))
        yield chunk
