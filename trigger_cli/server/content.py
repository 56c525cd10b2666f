"""The content of an answer: decompressed as it arrives, and never more than fits into memory."""

from collections.abc import Iterator
from typing import Final

import httpx

from trigger_cli.events.compression import DECOMPRESSION_ERRORS, compression_of, decompressed

ACCEPTED: Final = "gzip"
"""The header ``Accept-Encoding``: every server supports it, and it needs bounded memory."""
UNREADABLE: Final = (*DECOMPRESSION_ERRORS, httpx.HTTPError)
"""Errors of reading an answer that breaks off or is damaged; a retry is useful."""
MOST_BYTES: Final = 80 * 1024 * 1024
"""The most bytes of an answer, decompressed: Prefect refuses events of more than 1.5 MB, and a page
has 50 events."""
_PIECE = 16 * 1024
"""The most bytes that are decompressed at a time."""


class ContentError(Exception):
    """The answer's content cannot be used, and a retry does not help."""


class LongAnswerError(ContentError):
    """The answer is too long; a part of it may not be."""


def content_of(answer: httpx.Response, most: int = MOST_BYTES) -> bytearray:
    """The content of an answer of which only the headers have arrived.

    Raises:
        LongAnswerError: It is longer than `most` bytes.
        ContentError: It is compressed in a format that was not requested.
        Exception: One of `UNREADABLE`.
    """
    content = bytearray()
    for piece in _plain(answer):
        content += piece
        if len(content) > most:
            size = f"{most // (1024 * 1024)} MiB" if most >= 1024 * 1024 else f"{most} bytes"
            raise LongAnswerError(f"sent an answer of more than {size}, decompressed")
    return content


def count_values(content: bytes | bytearray) -> int:
    """An upper bound of the number of values: characters in strings are counted, too."""
    return sum(map(content.count, (b",", b"[", b"{")))


def beginning_of(answer: httpx.Response, most: int) -> bytes:
    """The first `most` bytes of an answer's content, or the part before it breaks off."""
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

    The library's own decoders decompress a whole chunk from the network at once, which may give
    gigabytes.
    """
    named = answer.headers.get("content-encoding", "").strip().lower()
    chunks = _chunks(answer)
    if named in {"", "identity"}:
        return chunks
    if named not in {ACCEPTED, "x-gzip"}:
        raise ContentError(f"compresses its answer in a way that was not asked for: {named}")
    gzip = compression_of(b"\x1f\x8b")
    assert gzip is not None
    return decompressed(chunks, gzip)


def _chunks(answer: httpx.Response) -> Iterator[bytes]:
    stream = answer.stream
    assert isinstance(stream, httpx.SyncByteStream)
    for chunk in stream:
        for begin in range(0, len(chunk), _PIECE):
            yield chunk[begin : begin + _PIECE]
