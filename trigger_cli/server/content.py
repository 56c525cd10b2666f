"""The content of an answer: decompressed as it comes, and never more than fits into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import httpx

from trigger_cli.events.compression import DECOMPRESSION_ERRORS, compression_of, decompressed

ACCEPTED: Final = "gzip"
"""The header ``Accept-Encoding``: what every server has, and is decompressed in bounded memory."""
UNREADABLE: Final = (*DECOMPRESSION_ERRORS, httpx.HTTPError)
"""What reading an answer raises where it breaks off or is damaged; it may be asked for again."""
MOST_BYTES: Final = 80 * 1024 * 1024
"""The most bytes of an answer, decompressed: Prefect refuses events of more than 1.5 MB, and a page
has 50."""
MOST_VALUES: Final = 1_000_000
"""The most JSON values in an answer: an empty list takes 3 bytes as text, and 64 in memory."""
_PIECE = 16 * 1024
"""Bytes that are decompressed at a time."""


class ContentError(Exception):
    """The answer's content is of no use, and will not be if it is asked for again."""


def content_of(answer: httpx.Response, most: int = MOST_BYTES) -> bytearray:
    """The content of an answer whose headers alone have come.

    Raises:
        ContentError: It is longer than `most` bytes, holds more than `MOST_VALUES` values, or is
            compressed in a way that was not asked for.
        Exception: One of `UNREADABLE`.
    """
    content = bytearray()
    for piece in _plain(answer):
        content += piece
        if len(content) > most:
            size = f"{most // (1024 * 1024)} MiB" if most >= 1024 * 1024 else f"{most} bytes"
            raise ContentError(f"sent an answer of more than {size}, decompressed")
    if count_values(content) > MOST_VALUES:
        raise ContentError(f"sent an answer of more than {MOST_VALUES:,} JSON values")
    return content


def count_values(content: bytes | bytearray) -> int:
    """How many values some JSON has at most: what is like one within a string counts, too."""
    return sum(map(content.count, (b",", b"[", b"{")))


def beginning_of(answer: httpx.Response, most: int) -> bytes:
    """The first `most` bytes of an answer's content, or those before it breaks off."""
    content = bytearray()
    try:
        for piece in _plain(answer):
            content += piece
            if len(content) >= most:
                break
    except (ContentError, *UNREADABLE):
        pass
    return bytes(content[:most])


def _plain(answer: httpx.Response) -> Iterator[bytes]:
    """The content in pieces of bounded size.

    The library's own decoders give at once all that a chunk from the network becomes, which may be
    gigabytes.
    """
    named = answer.headers.get("content-encoding", "").strip().lower()
    chunks = _chunks(answer)
    if named in {"", "identity"}:
        return chunks
    if named not in {ACCEPTED, "x-gzip"}:
        raise ContentError(f"compresses its answer in a way that was not asked for: {named[:40]}")
    gzip = compression_of(b"\x1f\x8b")
    assert gzip is not None
    return decompressed(chunks, gzip)


def _chunks(answer: httpx.Response) -> Iterator[bytes]:
    stream = answer.stream
    assert isinstance(stream, httpx.SyncByteStream)
    for chunk in stream:
        for begin in range(0, len(chunk), _PIECE):
            yield chunk[begin : begin + _PIECE]
