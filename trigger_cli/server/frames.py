"""Compressed text that can be appended to, and mended where it was cut off.

Each flush is a whole gzip member or zstandard frame of its own, so what a killed process leaves
is whole ones and, at most, the beginning of another.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO, Protocol

import zstandard

_CHUNK = 128 * 1024
_GZIP_CONTAINER = 31
_MAGIC = {"gz": b"\x1f\x8b\x08", "zst": b"\x28\xb5\x2f\xfd"}


class Compression(StrEnum):
    """How a file of events is compressed."""

    none = "none"
    gz = "gz"
    zst = "zst"


class DamagedFile(Exception):  # noqa: N818  # reads as what it says
    """The file is not what its first bytes promise."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def compression_of_name(name: str) -> Compression:
    """What a file's name promises."""
    for one in (Compression.gz, Compression.zst):
        if name.endswith(f".{one}"):
            return one
    return Compression.none


def compression_of_content(head: bytes) -> Compression:
    """How a file that begins with `head` is compressed; a beginning may be cut off anywhere."""
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


def frames(file: BinaryIO, compression: Compression) -> Iterator[tuple[bytes, int]]:
    """The text of each whole frame, with the offset in the file where it ends.

    What follows the last whole frame is the torn beginning of another. Of plain text the frames
    are runs of whole lines.

    Raises:
        DamagedFile: Some frame is damaged, not merely cut off.
    """
    if compression is Compression.none:
        yield from _lines(file)
    else:
        yield from _compressed_frames(file, compression)


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    end = 0
    begun = b""
    while chunk := file.read(_CHUNK):
        text = begun + chunk
        whole = text.rfind(b"\n") + 1
        if whole:
            end += whole
            yield text[:whole], end
        begun = text[whole:]


def _compressed_frames(file: BinaryIO, compression: Compression) -> Iterator[tuple[bytes, int]]:
    offset = 0
    begun: list[bytes] = []
    reader = _decompressor(compression)
    while chunk := file.read(_CHUNK):
        rest = chunk
        while rest:
            try:
                begun.append(reader.decompress(rest))
            except (zlib.error, zstandard.ZstdError) as error:
                raise DamagedFile(f"damaged after byte {offset}: {error}") from None
            if not reader.eof:
                offset += len(rest)
                break
            offset += len(rest) - len(reader.unused_data)
            rest = reader.unused_data
            yield b"".join(begun), offset
            begun = []
            reader = _decompressor(compression)


def _decompressor(compression: Compression) -> _Decompressor:
    if compression is Compression.gz:
        return zlib.decompressobj(_GZIP_CONTAINER)
    return zstandard.ZstdDecompressor().decompressobj()
