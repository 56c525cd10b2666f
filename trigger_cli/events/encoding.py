"""Chunks of text in the encodings that shells write → chunks of UTF-8 without a mark."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

_LONGEST_MARK = 3


def utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text of `chunks` in UTF-8, as its byte order mark says (without one it is UTF-8).

    PowerShell writes UTF-16 when output is redirected. What is no text in UTF-16 comes out
    as invalid UTF-8, so that only the lines concerned are bad.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _LONGEST_MARK:
            break
    if is_utf16(head):
        yield from _from_utf16(head, chunks)
        return
    head = head.removeprefix(codecs.BOM_UTF8)
    if head:
        yield head
    yield from chunks


def is_utf16(head: bytes) -> bool:
    """Whether text that begins with `head` says that it is UTF-16."""
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _from_utf16(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
    yield decoder.decode(head).encode("utf-8", "surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    # Half a character may be left where the log was cut; it says nothing.
