"""`history/plateau.py`: the largest even stretch of a grid."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import lines_run
from trigger_cli.history.grid import Axis, cells_of
from trigger_cli.history.plateau import Plateau, plateau_of
from trigger_cli.history.sweep import CellResult, Sweep


def grid(*rows):
    axes = (
        Axis("/threshold", tuple(range(len(rows)))),
        Axis("/within", tuple(range(len(rows[0])))),
    )
    counts = [count for row in rows for count in row]
    return Sweep(
        axes, [CellResult(cell, n) for cell, n in zip(cells_of(axes), counts, strict=True)]
    )


def test_the_largest_rectangle_is_found():
    """Six cells of 2, of which the row above has one more."""
    found = plateau_of(grid([3, 2, 1], [2, 2, 2], [2, 2, 2]))
    assert Plateau(2, (1, 0), (2, 2)) == found
    assert 6 == found.cells


def test_silence_is_no_plateau():
    """That nothing fires is stable and of no use."""
    assert plateau_of(grid([0, 0], [0, 0])) is None
    assert plateau_of(grid([1, 2], [3, 4])) is None


def test_one_axis_has_a_stretch():
    """A row is a grid too."""
    axes = (Axis("/within", (1, 2, 3)),)
    results = [CellResult(cell, n) for cell, n in zip(cells_of(axes), (5, 4, 4), strict=True)]
    assert Plateau(4, (1,), (2,)) == plateau_of(Sweep(axes, results))


@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=4))
def test_no_rectangle_is_larger(rows):
    """Held against all of them; of the largest, the first row and then the first columns count."""
    best = None
    for top, left in product(range(len(rows)), range(4)):
        for right, bottom in product(range(left, 4), range(top, len(rows))):
            box = {rows[y][x] for y in range(top, bottom + 1) for x in range(left, right + 1)}
            here = Plateau(rows[top][left], (top, left), (bottom, right))
            if len(box) == 1 and box != {0} and here.cells > (best.cells if best else 1):
                best = here
    assert best == plateau_of(grid(*rows))


@pytest.mark.parametrize("shape", [lambda n: [[2] * n], lambda n: [[2]] * n], ids=["row", "column"])
def test_the_work_grows_as_the_grid(shape):
    """All cells alike: each was held against all behind it."""
    few, many = grid(*shape(50)), grid(*shape(200))
    assert lines_run(lambda: plateau_of(many)) < 6 * lines_run(lambda: plateau_of(few))
