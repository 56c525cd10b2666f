"""Finds the largest area of a grid in which the number of firings does not change."""

from collections.abc import Iterator, Sequence
from itertools import product, zip_longest
from math import prod

from msgspec import Struct

from trigger_cli.history.sweep import Sweep


class Plateau(Struct, frozen=True):
    """A box of cells with the same number of firings."""

    firings: int
    low: tuple[int, ...]
    """The first index on each axis."""
    high: tuple[int, ...]
    """The last index on each axis."""

    @property
    def cells(self) -> int:
        """The number of cells."""
        return prod(last - first + 1 for first, last in zip(self.low, self.high, strict=True))


def plateau_of(sweep: Sweep) -> Plateau | None:
    """The largest box of equal cells that fire at all; ``None`` if none has two cells.

    A box spans a range of each of the last two axes, at one index of any others; among equally
    large ones the first is returned.
    """
    sizes = [len(axis.values) for axis in sweep.axes]
    best: Plateau | None = None
    outer = sizes[:-2]
    flat = sizes[-2:] if len(sizes) > 1 else [1, sizes[0]]
    area = flat[0] * flat[1]
    for number, place in enumerate(product(*map(range, outer))):
        counts = [one.firings for one in sweep.results[number * area : (number + 1) * area]]
        rows = [counts[start : start + flat[1]] for start in range(0, area, flat[1])]
        found = _largest(rows)
        if found is None:
            continue
        low, high = found.low, found.high
        if len(sizes) == 1:
            low, high = low[1:], high[1:]
        here = Plateau(found.firings, (*place, *low), (*place, *high))
        if best is None or here.cells > best.cells:
            best = here
    return best if best is not None and best.cells > 1 else None


def _largest(rows: Sequence[Sequence[int]]) -> Plateau | None:
    """The largest rectangle of one number above 0; of equally large ones the first."""
    return min(_rectangles(rows), key=lambda one: (-one.cells, one.low, one.high[1]), default=None)


def _rectangles(rows: Sequence[Sequence[int]]) -> Iterator[Plateau]:
    """At least those that no row below and no column extends; not more than there are cells."""
    below: Sequence[int] = ()
    depths: list[int] = []
    for top, row in reversed(list(enumerate(rows))):
        # For each column: how many rows down it keeps the number of this row.
        depths = [
            1 + depth if count == under else 1
            for count, under, depth in zip_longest(row, below, depths)
        ]
        below = row
        # Where a rectangle of such a depth begins, and the depth: less deep ones begin further left.
        begun: list[tuple[int, int]] = []
        for column in range(len(row) + 1):
            goes_on = 0 < column < len(row) and row[column] == row[column - 1]
            begins = column
            while begun and not (goes_on and begun[-1][1] < depths[column]):
                left, depth = begun.pop()
                if row[left]:
                    yield Plateau(row[left], (top, left), (top + depth - 1, column - 1))
                if goes_on:
                    begins = left
            if column < len(row):
                begun.append((begins, depths[column]))
