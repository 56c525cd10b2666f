r"""Text from logs and definitions, made visible and harmless.

The content of a log, a definition or a file name is data: it must not control a terminal, and must
not break, hide or reverse a line. Invisible characters are written as Python escapes: ``\x1b``,
``\n``, ``\u202e``, ``\ud800``.
"""

from trigger_cli.vocabulary import BLANK_LETTERS, visible

ELLIPSIS = "…"


def inert(text: str, limit: int = 80) -> str:
    """`text` without control sequences, cut to `limit` characters.

    The work is bounded by `limit`, however long the text is.
    """
    if len(text) <= limit and text.isprintable() and BLANK_LETTERS.isdisjoint(text):
        return text
    pieces = [visible(character) for character in text[: limit + 1]]
    length = sum(map(len, pieces))
    if length <= limit:
        return "".join(pieces)
    while pieces and length > limit - len(ELLIPSIS):
        length -= len(pieces.pop())
    return "".join(pieces) + ELLIPSIS


def inert_lines(text: str) -> str:
    """`text` of any length without control sequences; line ends, tabs and no-break spaces stay."""
    if text.isprintable() and (text.isascii() or BLANK_LETTERS.isdisjoint(text)):
        return text
    return "".join(one if one in "\n\t\xa0" else visible(one) for one in text)
