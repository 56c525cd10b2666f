r"""Text from logs and definitions, made visible and harmless.

The content of a log, a definition or a file name is data: it must not control a terminal, and must
not break, hide or reverse a line. Invisible characters are written as Python escapes: ``\x1b``,
``\n``, ``\u202e``, ``\ud800``.
"""

ELLIPSIS = "…"

# Letters in Unicode, but invisible on the screen.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def inert(text: str, limit: int = 80) -> str:
    """`text` without control sequences, cut to `limit` characters.

    The work is bounded by `limit`, however long the text is.
    """
    if len(text) <= limit and text.isprintable() and _BLANK_LETTERS.isdisjoint(text):
        return text
    pieces = [_visible(character) for character in text[: limit + 1]]
    length = sum(map(len, pieces))
    if length <= limit:
        return "".join(pieces)
    while pieces and length > limit - len(ELLIPSIS):
        length -= len(pieces.pop())
    return "".join(pieces) + ELLIPSIS


def inert_lines(text: str) -> str:
    """`text` of any length without control sequences; line ends, tabs and no-break spaces stay."""
    if text.isprintable() and (text.isascii() or _BLANK_LETTERS.isdisjoint(text)):
        return text
    return "".join(one if one in "\n\t\xa0" else _visible(one) for one in text)


def _visible(character: str) -> str:
    # Not printable: controls, formats (bidi, zero width), surrogates, separators other than the
    # space, and unassigned code points.
    if character.isprintable() and character not in _BLANK_LETTERS:
        return character
    return character.encode("unicode_escape").decode("ascii")
