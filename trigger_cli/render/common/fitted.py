"""Tables that fit: short columns keep their width, long ones share the rest."""

from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_GAP = 2
_LEAST = 14
"""The width that a long column needs to be read, in cells."""
_BREAKS = ".:/-_"


class FittedTable:
    """Rows fitted into a width; parts of the table can be shown separately and stay aligned.

    Args:
        heads: The titles of the columns. Cells of ``~title`` may be folded into several lines;
            cells of ``>title`` are aligned to the right.
        rows: The cells of each row; a column with only empty cells is left out.
        room: The width in cells.
        dim: The titles of columns that are dim.
        spare: The titles of columns that are left out, the first one first, where a title or a
            number would be cut.
    """

    def __init__(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[Text | str]],
        room: int,
        *,
        dim: Collection[str] = (),
        spare: Sequence[str] = (),
    ) -> None:
        cells = [[Text(one) if isinstance(one, str) else one for one in row] for row in rows]
        widths = [max((_width(row[n]) for row in cells), default=0) for n in range(len(heads))]
        kept = [n for n, width in enumerate(widths) if width]
        for title in spare:
            wanted = _wanted([heads[n] for n in kept], [widths[n] for n in kept])
            if _lacking([heads[n] for n in kept], wanted, room) <= 0:
                break
            kept = [n for n in kept if _title(heads[n]) != title]
        self._heads = [heads[n] for n in kept]
        self._rows = [[row[n] for n in kept] for row in cells]
        self._dim = dim
        self._widths = _fitted(self._heads, [widths[n] for n in kept], room)

    def rows(self, first: int = 0, last: int | None = None, *, with_header: bool = True) -> Table:
        """The rows from `first` up to but not including `last`."""
        table = Table(
            box=None,
            padding=(0, _GAP, 0, 0),
            pad_edge=False,
            show_header=with_header,
            header_style="dim",
        )
        for head, width in zip(self._heads, self._widths, strict=True):
            table.add_column(
                Text(_title(head)),
                width=width,
                justify="right" if head.startswith(">") else "left",
                style="dim" if _title(head) in self._dim else "",
                overflow="fold" if head.startswith("~") else "ellipsis",
                no_wrap=not head.startswith("~"),
            )
        for row in self._rows[first:last]:
            table.add_row(
                *(
                    folded(cell, width) if head.startswith("~") else cell
                    for head, width, cell in zip(self._heads, self._widths, row, strict=True)
                )
            )
        return table


def _fitted(heads: Sequence[str], widths: Sequence[int], room: int) -> list[int]:
    """The widths of columns, given those of their widest cells, in cells."""
    wanted = _wanted(heads, widths)
    flexible = [n for n, head in enumerate(heads) if head.startswith("~")]
    fixed = [n for n in range(len(wanted)) if n not in flexible]
    # Before a long column has no room, titles that are longer than their cells are cut.
    for _ in range(_lacking(heads, wanted, room)):
        surplus, n = max(((wanted[n] - widths[n], n) for n in fixed), default=(0, 0))
        if surplus <= 0:
            break
        wanted[n] -= 1
    left = room - sum(wanted[n] for n in fixed) - _GAP * (len(wanted) - 1)
    shares = shared(max(left, len(flexible)), [wanted[n] for n in flexible])
    for n, share in zip(flexible, shares, strict=True):
        wanted[n] = share
    return wanted


def _wanted(heads: Sequence[str], widths: Sequence[int]) -> list[int]:
    """The widths of columns in which neither title nor cell is cut or folded."""
    return [max(width, cell_len(_title(head))) for head, width in zip(heads, widths, strict=True)]


def _lacking(heads: Sequence[str], wanted: Sequence[int], room: int) -> int:
    """The cells that long columns lack to be read, if short ones have the `wanted` widths."""
    needed = (
        min(cells, _LEAST) if head.startswith("~") else cells
        for head, cells in zip(heads, wanted, strict=True)
    )
    return sum(needed) + _GAP * (len(wanted) - 1) - room


def folded(text: Text, width: int) -> Text:
    """Lines of at most `width` cells, broken between words.

    A word that is too long for a line is broken after one of ``.:/-_`` or, if it has none,
    anywhere. Nothing is added, so the parts of a name can be joined again.
    """
    if _width(text) <= width:
        return text
    lines = [part for line in text.split("\n") for part in _folded_line(line, max(width, 1))]
    return Text("\n").join(lines)


def _folded_line(line: Text, width: int) -> Iterator[Text]:
    while line.cell_len > width:
        end = _fold_place(line.plain, width)
        if end >= len(line):
            break  # one character that is too wide for the column
        head, line = line.divide([end])
        head.rstrip()
        yield head
        line = line[len(line.plain) - len(line.plain.lstrip(" ")) :]
    yield line


def _fold_place(text: str, width: int) -> int:
    """The end of the first line of a text that is too long; at least 1."""
    fits = cells = 0
    for character in text:
        cells += cell_len(character)
        if cells > width:
            break
        fits += 1
    fits = max(fits, 1)
    space = text.rfind(" ", 1, fits + 1)
    if space > 0 and text[:space].strip(" "):
        rest = text[space:].lstrip(" ")
        if cell_len(rest.partition(" ")[0][: width + 1]) <= width:
            return space
    inside = max(text.rfind(one, 0, fits) for one in _BREAKS) + 1
    return max(inside, space) if max(inside, space) > 0 else fits


def _title(head: str) -> str:
    return head[1:] if head.startswith(("~", ">")) else head


def _width(cell: Text) -> int:
    return max((line.cell_len for line in cell.split("\n")), default=0)


def first_rows(
    heads: Sequence[str],
    rows: Sequence[Sequence[Text | str]],
    room: int,
    total: int,
    what: str,
    *,
    spare: Sequence[str] = (),
) -> RenderableType:
    """A table of the first rows, and the number of hidden ones of the `total`."""
    table = FittedTable(heads, rows, room, spare=spare).rows()
    if total == len(rows):
        return table
    return Group(table, hidden_rows(total - len(rows), what, f"--limit {total}"))


def grid(*columns: str, gap: int = _GAP) -> Table:
    """A table without lines; each column ``left``, ``right`` or ``wrap``."""
    table = Table.grid(padding=(0, gap, 0, 0))
    for column in columns:
        table.add_column(justify="right" if column == "right" else "left", no_wrap=column != "wrap")
    return table


def hidden_rows(number: int, what: str, how: str) -> Text:
    """``… 37 more buckets (--limit 42)``; `what` is the singular noun."""
    return Text(f"… {number:,} more {what if number == 1 else what + 's'} ({how})", "dim")


def shared(room: int, wanted: Sequence[int]) -> list[int]:
    """Give each column the width that it wants or, if that is too much, a fair share.

    A column that needs less than its share leaves the rest to the others. Each gets at least 1.
    """
    widths = [0] * len(wanted)
    left = room
    # The narrowest first, so that the others can share the room that they leave.
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for served, place in enumerate(order):
        share = left // (len(wanted) - served)
        widths[place] = max(min(wanted[place], share), 1)
        left -= widths[place]
    return widths
