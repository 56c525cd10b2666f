"""Shortens names so that different names stay different."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from rich.cells import cell_len, set_cell_size

from trigger_cli.render.common.inert import ELLIPSIS

_HEAD = 3
"""A name that is cut in the middle begins with this fraction of the room: one third."""
_ESCAPE = re.compile(r"\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
"""An escape that `inert` writes; it is not cut."""


def clipped_apart(name: str, others: Iterable[str], width: int) -> str:
    """The name in at most `width` cells.

    Its end is cut. If another name has the same beginning, the part between the first letters and
    the difference is cut instead.

    Args:
        name: The name, already `inert`.
        others: The names that are shown beside it; `name` may be one of them.
        width: The width in cells.
    """
    if cell_len(name) <= width:
        return name
    begin = _start(name, width - 1)
    alike = [one for one in others if one != name and one.startswith(begin)]
    if not alike:
        return begin + ELLIPSIS
    differs_at = _outside(name, max(_same_letters(name, one) for one in alike))
    head = _start(name, width // _HEAD)
    # Starts at the beginning of the word with the difference.
    rest = name[max(name.rfind(" ", 0, differs_at) + 1, len(head)) :]
    room = width - cell_len(head) - 1
    if cell_len(rest) > room and cell_len(name[differs_at:]) < cell_len(rest):
        rest = name[differs_at:]
    if cell_len(rest) > room:
        return f"{head}{ELLIPSIS}{_start(rest, room - 1)}{ELLIPSIS}"
    return f"{head}{ELLIPSIS}{_end(name[len(head) :], room, len(rest))}"


def all_clipped_apart(names: Sequence[str], width: int) -> list[str]:
    """Each of the names as `clipped_apart` from the others, in time that grows as their number."""
    ordered = sorted(set(names))  # a name shares most of its beginning with a neighbour
    shown = {
        name: clipped_apart(name, ordered[max(place - 1, 0) : place + 2], width)
        for place, name in enumerate(ordered)
    }
    return [shown[name] for name in names]


def _same_letters(first: str, second: str) -> int:
    """How many of the first letters are the same in both."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second)))  # noqa: B905  # one may be longer


def _start(text: str, width: int) -> str:
    """The beginning of the text in `width` cells, without blanks at its end."""
    if cell_len(text) <= width:
        return text
    begin = set_cell_size(text, max(width, 0))
    return begin[: _outside(text, len(begin))].rstrip()


def _end(text: str, width: int, least: int) -> str:
    """As much of the text's end as `width` cells hold, from the start of a word or escape.

    Without a blank, from any letter. The last `least` characters fit, and are part of it.
    """
    start = len(text) - least
    while start and cell_len(text[start - 1 :]) <= width:
        start -= 1
    last = len(text) - least
    word = text.find(" ", start, last) + 1
    begin = word or start
    return text[last if _outside(text, begin) != begin else begin :]


def _outside(text: str, place: int) -> int:
    """The place, or the beginning of the escape that it is inside of."""
    escapes = (one.span() for one in _ESCAPE.finditer(text))
    return next((start for start, end in escapes if start < place < end), place)
