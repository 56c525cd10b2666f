"""Compressed text that can be appended to and repaired after an interruption.

Each flush is a whole gzip member or zstandard frame of its own, so a killed process leaves whole
frames and at most one incomplete frame at the end.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

import zstandard

from trigger_cli.events.compression import Member, compression_of

_CHUNK = 128 * 1024
_MAGIC = {"gz": b"\x1f\x8b\x08", "zst": b"\x28\xb5\x2f\xfd"}


class Compression(StrEnum):
    """How a file of events is compressed."""

    none = "none"
    gz = "gz"
    zst = "zst"


class DamagedFile(Exception):  # noqa: N818  # reads as what it says
    """The file is not compressed as its first bytes say."""


def compression_of_name(name: str) -> Compression:
    """The compression that a file's name stands for."""
    for one in (Compression.gz, Compression.zst):
        if name.endswith(f".{one}"):
            return one
    return Compression.none


def compression_of_content(head: bytes) -> Compression:
    """How a file that begins with `head` is compressed. `head` may be cut off anywhere."""
    for one in (Compression.gz, Compression.zst):
        magic = _MAGIC[one]
        if head[: len(magic)] == magic[: len(head)]:
            return one
    return Compression.none


def compressed(text: bytes, compression: Compression) -> bytes:
    """`text` as one whole frame."""
    match compression:
        case Compression.gz:
            return gzip.compress(text, 6, mtime=0)
        case Compression.zst:
            return zstandard.ZstdCompressor(level=9, write_checksum=True).compress(text)
        case Compression.none:
            return text


def end_of_frames(file: BinaryIO, compression: Compression) -> int:
    """Where the last whole frame ends; in plain text, the last whole line.

    What follows is incomplete.

    Raises:
        DamagedFile: A frame is damaged, not only cut off.
    """
    file.seek(0)
    if compression is Compression.none:
        return _end_of_lines(file)
    end = offset = 0
    member: Member | None = None
    while chunk := file.read(_CHUNK):
        rest = chunk
        while rest:
            member = member or _member(compression)
            try:
                for _ in member.feed(rest):
                    pass
            except (zlib.error, zstandard.ZstdError) as error:
                raise DamagedFile(f"damaged after byte {end}: {error}") from None
            left = member.unused_data if member.eof else b""
            offset += len(rest) - len(left)
            rest = left
            if member.eof:
                end, member = offset, None
    return end


def _end_of_lines(file: BinaryIO) -> int:
    end = offset = 0
    while chunk := file.read(_CHUNK):
        if whole := chunk.rfind(b"\n") + 1:
            end = offset + whole
        offset += len(chunk)
    return end


def text_until(file: BinaryIO, compression: Compression, end: int) -> Iterator[bytes]:
    """The text of the whole frames before `end`, in pieces of bounded size."""
    file.seek(0)
    chunks = _chunks(file, end)
    if compression is Compression.none:
        yield from chunks
        return
    member: Member | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            member = member or _member(compression)
            yield from member.feed(rest)
            rest = b""
            if member.eof:
                rest, member = member.unused_data, None


def _chunks(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _member(compression: Compression) -> Member:
    made = compression_of(_MAGIC[compression])
    assert made is not None
    return made()
