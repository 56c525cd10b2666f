"""Compressed text that can be appended to and repaired after an interruption.

Each flush writes a whole gzip member or zstandard frame, so a killed process leaves whole frames
and at most one incomplete frame at the end.
"""

import gzip
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

import zstandard

from trigger_cli.events.compression import Member, compression_of
from trigger_cli.events.shards import chunks_of


class Compression(StrEnum):
    """The compression of a file of events."""

    none = "none"
    gz = "gz"
    zst = "zst"


_MAGIC = {Compression.gz: b"\x1f\x8b\x08", Compression.zst: b"\x28\xb5\x2f\xfd"}


class DamagedFile(Exception):  # noqa: N818  # it describes the file
    """The file does not have the compression that its first bytes indicate."""


def compression_of_name(name: str) -> Compression:
    """The compression for a file's name."""
    return next((one for one in _MAGIC if name.endswith(f".{one}")), Compression.none)


def compression_of_content(head: bytes) -> Compression:
    """The compression of a file that begins with `head`, which may be cut off anywhere."""
    fits = (one for one, magic in _MAGIC.items() if head[: len(magic)] == magic[: len(head)])
    return next(fits, Compression.none)


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
    """The end of the last whole frame; in plain text, of the last whole line.

    The rest of the file is incomplete.

    Raises:
        DamagedFile: A frame is damaged, not only cut off.
    """
    file.seek(0)
    if compression is Compression.none:
        return _end_of_lines(file)
    end = 0
    try:
        for one in _frames(chunks_of(file), compression):
            if isinstance(one, int):
                end = one
    except (zlib.error, zstandard.ZstdError) as error:
        raise DamagedFile(f"damaged after byte {end}: {error}") from None
    return end


def _end_of_lines(file: BinaryIO) -> int:
    end = offset = 0
    for chunk in chunks_of(file):
        if whole := chunk.rfind(b"\n") + 1:
            end = offset + whole
        offset += len(chunk)
    return end


def text_until(file: BinaryIO, compression: Compression, end: int) -> Iterator[bytes]:
    """The text of the whole frames before `end`, in pieces of bounded size."""
    file.seek(0)
    chunks = chunks_of(file, end)
    if compression is Compression.none:
        yield from chunks
    else:
        yield from (one for one in _frames(chunks, compression) if isinstance(one, bytes))


def _frames(chunks: Iterator[bytes], compression: Compression) -> Iterator[bytes | int]:
    """The text of frames, in pieces, and after each whole frame the offset of its end."""
    reader = compression_of(_MAGIC[compression])
    assert reader is not None
    offset = 0
    member: Member | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            member = member or reader()
            yield from member.feed(rest)
            left = member.unused_data if member.eof else b""
            offset += len(rest) - len(left)
            rest = left
            if member.eof:
                yield offset
                member = None
