"""Whether bytes are UTF-16: for logs, which are read in it, and definitions, which are not."""

import codecs

ENOUGH = 4
"""The number of first bytes that tell."""


def utf16_of(head: bytes) -> str | None:
    """The codec of text that begins with `head`, if it is UTF-16.

    Args:
        head: The first `ENOUGH` bytes, or more; fewer only if the text has no more.

    Returns:
        ``utf-16`` if a byte order mark shows it. Without one ``utf-16-le`` or ``utf-16-be``, if every
        other byte is zero: logs and definitions begin in ASCII. ``None`` if it is not UTF-16.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[:ENOUGH:2], head[1:ENOUGH:2]
    if odd == b"\0\0" and 0 not in even:
        return "utf-16-le"
    return "utf-16-be" if even == b"\0\0" and 0 not in odd else None
