"""Compressed chunks of bytes → plain chunks; which compression it is, the bytes say."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

import zstandard


class Decompressor(Protocol):
    """What the decompressors of zlib, bz2, lzma and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


Compression: TypeAlias = Callable[[], Decompressor]
"""Makes what reads one member: a gzip member, a zstandard frame."""

_GZIP_CONTAINER = 31  # zlib's `wbits`: the gzip format with its header and checksum

# By the first bytes. Zstandard may begin with a skippable frame, whose last four bits vary.
_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(_GZIP_CONTAINER)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lzma.LZMADecompressor),
    (b"\x28\xb5\x2f\xfd", lambda: zstandard.ZstdDecompressor().decompressobj()),
    *(
        (bytes([low]) + b"\x2a\x4d\x18", lambda: zstandard.ZstdDecompressor().decompressobj())
        for low in range(0x50, 0x60)
    ),
)
LONGEST_MAGIC = max(len(magic) for magic, _ in _MAGIC)

DECOMPRESSION_ERRORS = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""What `decompressed` raises on damaged data, besides ``OSError`` (bz2)."""


def compression_of(head: bytes) -> Compression | None:
    """How data that begins with `head` (`LONGEST_MAGIC` bytes of it) is compressed, if it is."""
    return next((compression for magic, compression in _MAGIC if head.startswith(magic)), None)


def decompressed(chunks: Iterator[bytes], compression: Compression) -> Iterator[bytes]:
    """The plain bytes of `chunks`, which may hold several members (``cat a.gz b.gz``).

    Raises:
        OSError, or one of `DECOMPRESSION_ERRORS`: the data is damaged or breaks off. All
            that could be read before the damage has been yielded.
    """
    member: Decompressor | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if member is None:
                rest = rest.lstrip(b"\0")  # padding that tapes and xz leave between members
                if not rest:
                    break
                member = compression()
            if plain := member.decompress(rest):
                yield plain
            if not member.eof:
                break
            rest = member.unused_data
            member = None
    if member is not None:
        raise EOFError("the compressed data breaks off")
