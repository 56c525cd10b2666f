"""Decompresses chunks of bytes; the first bytes show the compression."""

import bz2
import lzma
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import zstandard

_MOST = 256 * 1024
"""The largest piece of output, bytes: a few bytes of compressed zeros can expand to gigabytes."""
_LARGEST_PIECE = 1024
_SMALLEST_PIECE = 64
_XZ_MEMORY = 128 * 1024 * 1024
"""Twice what `xz -9` needs, in bytes; a file may ask for any amount."""
_GZIP_CONTAINER = 31  # zlib's `wbits`: the gzip format with its header and checksum


class Member(ABC):
    """Reads one member of a compressed file: a gzip member or a zstandard frame."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return bool(self._reader.eof)

    @property
    def unused_data(self) -> bytes:
        """The rest of the data last fed, which follows the member."""
        return bytes(self._reader.unused_data)

    @abstractmethod
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress `data` in pieces; the iterator must be exhausted."""


Compression: TypeAlias = Callable[[], Member]


class _Gzip(Member):
    def __init__(self) -> None:
        super().__init__(zlib.decompressobj(_GZIP_CONTAINER))

    def feed(self, data: bytes) -> Iterator[bytes]:
        reader = self._reader
        while True:
            plain = reader.decompress(data, _MOST)
            if plain:
                yield plain
            if reader.eof or len(plain) < _MOST:
                return
            data = reader.unconsumed_tail


class _Bounded(Member):
    """Bzip2 and xz, which have the same interface in Python."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        reader = self._reader
        while True:
            if plain := reader.decompress(data, _MOST):
                yield plain
            if reader.eof or reader.needs_input:
                return
            data = b""


class _Zstandard(Member):
    """Limits the input, because zstandard cannot limit its output.

    A block of 128 KiB can take 4 bytes, so a piece gives 32 MiB at first, and then 2 MiB.
    """

    def __init__(self) -> None:
        super().__init__(zstandard.ZstdDecompressor().decompressobj())
        self._piece = _LARGEST_PIECE
        self._behind = b""

    @property
    def unused_data(self) -> bytes:
        return super().unused_data + self._behind

    def feed(self, data: bytes) -> Iterator[bytes]:
        begin = 0
        while begin < len(data):
            end = begin + self._piece
            plain = self._reader.decompress(data[begin:end])
            if plain:
                yield plain
            if self._reader.eof:
                self._behind = data[end:]
                return
            self._piece = _SMALLEST_PIECE if len(plain) > _MOST else _LARGEST_PIECE
            begin = end


# The first bytes. Zstandard may begin with a skippable frame, whose last four bits vary.
_MAGIC: tuple[tuple[bytes, Compression], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", lambda: _Bounded(bz2.BZ2Decompressor())),
    (b"\xfd7zXZ\x00", lambda: _Bounded(lzma.LZMADecompressor(memlimit=_XZ_MEMORY))),
    (b"\x28\xb5\x2f\xfd", _Zstandard),
    *((bytes([low]) + b"\x2a\x4d\x18", _Zstandard) for low in range(0x50, 0x60)),
)
LONGEST_MAGIC = max(len(magic) for magic, _ in _MAGIC)

DECOMPRESSION_ERRORS = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""The errors of `decompressed` for damaged data, besides ``OSError`` (bz2)."""


def compression_of(head: bytes) -> Compression | None:
    """The compression of data that begins with `head` (`LONGEST_MAGIC` bytes); ``None``: none."""
    return next((compression for magic, compression in _MAGIC if head.startswith(magic)), None)


def decompressed(chunks: Iterator[bytes], compression: Compression) -> Iterator[bytes]:
    """Decompress `chunks`, which may contain several members (``cat a.gz b.gz``).

    Raises:
        OSError, or one of `DECOMPRESSION_ERRORS`: The data is damaged or ends early. All data
            before the damage has been yielded.
    """
    member: Member | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if member is None:
                rest = rest.lstrip(b"\0")  # padding that tapes and xz leave between members
                if not rest:
                    break
                member = compression()
            yield from member.feed(rest)
            if not member.eof:
                break
            rest = member.unused_data
            member = None
    if member is not None:
        raise EOFError("the compressed data breaks off")
