"""Converts chunks of text in the encodings that shells write to UTF-8 without a byte order mark."""

import codecs
from collections.abc import Iterator

_LONGEST_MARK = 4


def utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text of `chunks` in UTF-8; a byte order mark shows its encoding, by default UTF-8.

    PowerShell writes redirected output in UTF-16. Invalid UTF-16 becomes invalid UTF-8, so that
    only the lines concerned are bad.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _LONGEST_MARK:
            break
    codec = utf16_of(head)
    if codec is not None:
        yield from _from_utf16(codec, head, chunks)
        return
    head = head.removeprefix(codecs.BOM_UTF8)
    if head:
        yield head
    yield from chunks


def utf16_of(head: bytes) -> str | None:
    """The codec of text that begins with `head`, if it is UTF-16.

    Its byte order mark shows it; without one, that every other byte is zero, for logs begin in ASCII.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[:_LONGEST_MARK:2], head[1:_LONGEST_MARK:2]
    if odd == b"\0\0" and 0 not in even:
        return "utf-16-le"
    return "utf-16-be" if even == b"\0\0" and 0 not in odd else None


def _from_utf16(codec: str, head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    yield decoder.decode(head).encode("utf-8", "surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    # Half a character may remain where the log was cut; it is ignored.
