"""Messages on a terminal: their lines are broken between words, never in a path or a name."""

from textwrap import TextWrapper

_HANG = 2


def wrapped(text: str, width: int) -> list[tuple[str, str]]:
    """The lines of a message, at most `width` characters long if no word is longer.

    Returns:
        The indentation and the text of each line; without the indentation, the texts are parts of
        `text` in their order. Lines that continue another are indented further.
    """
    lines = []
    for line in text.split("\n"):
        blanks = " " * (len(line) - len(line.lstrip(" ")))
        hang = blanks + " " * _HANG
        wrapper = TextWrapper(
            width,
            subsequent_indent=hang,
            break_long_words=False,
            break_on_hyphens=False,
            expand_tabs=False,
            replace_whitespace=False,
        )
        first, *rest = wrapper.wrap(line) or [line]
        lines.append(("", first))
        lines += [(hang, one[len(hang) :]) for one in rest]
    return lines
