"""Converts chunks of text in the encodings that shells write to UTF-8 without a byte order mark."""

import codecs
from collections.abc import Iterator

from trigger_cli.utf16 import ENOUGH, utf16_of


def utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text of `chunks` in UTF-8; a byte order mark shows its encoding, by default UTF-8.

    PowerShell writes redirected output in UTF-16. Invalid UTF-16 becomes invalid UTF-8, so that
    only the lines concerned are bad.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= ENOUGH:
            break
    codec = utf16_of(head)
    if codec is not None:
        yield from _from_utf16(codec, head, chunks)
        return
    head = head.removeprefix(codecs.BOM_UTF8)
    if head:
        yield head
    yield from chunks


def _from_utf16(codec: str, head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    yield decoder.decode(head).encode("utf-8", "surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    # Half a character may remain where the log was cut; it is ignored.
