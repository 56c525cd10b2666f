"""Tables whose columns fit: short columns keep their width, long ones share the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column with all of its cells."""

    header: str
    cells: Sequence[Text]
    flexible: bool = False
    """Its cells may be folded into several lines."""
    justify: Literal["left", "right"] = "left"
    style: str = ""

    @property
    def width(self) -> int:
        """The width of its widest cell."""
        lines = (line.cell_len for cell in self.cells for line in cell.split("\n"))
        return max(lines, default=0)


class FittedTable:
    """Columns fitted into a width; parts of its rows can be shown apart and still line up.

    Empty columns are left out.
    """

    def __init__(self, columns: Sequence[Column], room: int) -> None:
        self._columns = [column for column in columns if column.width]
        wanted = [max(column.width, cell_len(column.header)) for column in self._columns]
        flexible = [place for place, column in enumerate(self._columns) if column.flexible]
        fixed = sum(wanted) - sum(wanted[place] for place in flexible)
        left = room - fixed - _GAP * (len(wanted) - 1)
        shares = shared(max(left, len(flexible)), [wanted[place] for place in flexible])
        for place, share in zip(flexible, shares, strict=True):
            wanted[place] = share
        self._widths = wanted

    def rows(self, first: int, last: int, *, with_header: bool = True) -> Table:
        """The rows from `first` up to but not including `last`."""
        table = Table(
            box=None,
            padding=(0, _GAP, 0, 0),
            pad_edge=False,
            show_header=with_header,
            header_style="dim",
        )
        for column, width in zip(self._columns, self._widths, strict=True):
            table.add_column(
                Text(column.header),
                width=width,
                justify=column.justify,
                style=column.style,
                overflow="fold" if column.flexible else "ellipsis",
                no_wrap=not column.flexible,
            )
        for row in range(first, last):
            table.add_row(*(column.cells[row] for column in self._columns))
        return table


def shared(room: int, wanted: Sequence[int]) -> list[int]:
    """Give each of several columns the width it needs or, if that is too much, a fair share.

    A column that needs less than its share leaves the rest to the others. Each gets at least 1.
    """
    widths = [0] * len(wanted)
    left = room
    # The narrowest first, so that the room they leave is known when the others share.
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for served, place in enumerate(order):
        share = left // (len(wanted) - served)
        widths[place] = max(min(wanted[place], share), 1)
        left -= widths[place]
    return widths
