"""Finds the largest area of a grid in which the number of firings does not change."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from trigger_cli.history.sweep import Sweep


class Plateau(NamedTuple):
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
    """The largest rectangle of one number above 0."""
    best: Plateau | None = None
    for top, row in enumerate(rows):
        # For each column: how many rows down it keeps the number of this row.
        depths = [_depth(rows, top, column) for column in range(len(row))]
        for left, count in enumerate(row):
            if not count:
                continue
            depth = depths[left]
            for right in range(left, len(row)):
                if row[right] != count:
                    break
                depth = min(depth, depths[right])
                found = Plateau(count, (top, left), (top + depth - 1, right))
                if best is None or found.cells > best.cells:
                    best = found
    return best


def _depth(rows: Sequence[Sequence[int]], top: int, column: int) -> int:
    bottom = top
    while bottom < len(rows) and rows[bottom][column] == rows[top][column]:
        bottom += 1
    return bottom - top
