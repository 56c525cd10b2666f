"""`history/grid.py`: the variants of a trigger."""

import json

import pytest

from trigger_cli.history import grid
from trigger_cli.history.grid import (
    Axis,
    GridError,
    cells_of,
    parse_axis,
    value_at,
    variants,
    written,
)


@pytest.mark.parametrize(
    ("pointer", "text", "values"),
    [
        ("/threshold", "1..4", (1, 2, 3, 4)),
        ("/threshold", "10..0..5", (10, 5, 0)),
        ("threshold", "1,2,2,9", (1, 2, 9)),
        ("/within", "1m,5m,64.3", (60, 300, 64.3)),
        ("/metric/range", "PT5M", (300,)),
        ("/expect", '["a"];["a", "b"]', (["a"], ["a", "b"])),
        ("/posture", "Reactive,Proactive", ("Reactive", "Proactive")),
        ("/metric/threshold", "0.5,0.75", (0.5, 0.75)),
    ],
)
def test_values_are_read(pointer, text, values):
    """Ranges, numbers, durations, words and JSON."""
    assert values == parse_axis(pointer, text).values


@pytest.mark.parametrize("text", ["", ",", "1..9..0", "0..99999999", "soon"])
def test_what_is_no_value_is_refused(text):
    """A grid never comes out other than it was meant."""
    with pytest.raises(GridError):
        parse_axis("/within", text)


def test_the_last_axis_varies_fastest():
    """So a map's rows follow each other."""
    axes = (Axis("/threshold", (1, 2)), Axis("/within", (10, 20)))
    assert [(1, 10), (1, 20), (2, 10), (2, 20)] == [one.values for one in cells_of(axes)]


def test_a_childs_field_is_varied():
    """A pointer goes through lists."""
    trigger = {"type": "compound", "require": "any", "triggers": [{"posture": "Reactive"}]}
    axes = (Axis("/triggers/0/threshold", (4,)),)
    (one,) = variants(trigger, axes, cells_of(axes))
    assert 4 == one.trigger.triggers[0].threshold
    assert "threshold" not in trigger["triggers"][0]


@pytest.mark.parametrize(
    ("pointer", "value", "says"),
    [
        ("/triggers/3/within", 1, "has nothing at"),
        ("/treshold", 1, "threshold"),
        ("/threshold", "many", "threshold"),
    ],
)
def test_a_variant_that_is_no_trigger_is_refused(pointer, value, says):
    """With what is wrong about it."""
    axes = (Axis(pointer, (value,)),)
    with pytest.raises(GridError, match=says):
        variants({"posture": "Reactive"}, axes, cells_of(axes))


def test_a_grid_may_hold_more_values_than_a_file(monkeypatch):
    """It is written as several, and the variants stay in order."""
    monkeypatch.setattr(grid, "MAX_VALUES", 150)
    trigger, axes = {"posture": "Reactive"}, (Axis("/threshold", (1, 2, 3, 4)),)
    cells = cells_of(axes)
    files = list(written(trigger, axes, cells))
    assert [2, 2] == [len(json.loads(one)) for one in files]
    assert 150 >= max(map(len, files))
    found = variants(trigger, axes, cells)
    assert [(0, 1), (1, 2), (2, 3), (3, 4)] == [(one.index, one.trigger.threshold) for one in found]


def test_a_trigger_too_large_for_a_file_is_refused():
    """With what is wrong: no variant is to blame."""
    axes = (Axis("/threshold", (1,)),)
    with pytest.raises(GridError, match="holds more than"):
        variants({"posture": "Reactive", "expect": ["a"] * 100_000}, axes, cells_of(axes))


def test_the_definitions_own_value_is_found():
    """Or that it has none."""
    assert 3 == value_at({"triggers": [{"threshold": 3}]}, "/triggers/0/threshold")
    assert value_at({}, "/within") is None


def test_a_field_given_twice_and_a_grid_too_large_are_refused():
    """Neither can be meant."""
    axis = Axis("/threshold", tuple(range(200)))
    with pytest.raises(GridError, match="twice"):
        cells_of((axis, axis))
    with pytest.raises(GridError, match="at most"):
        cells_of((axis, Axis("/within", tuple(range(200)))))
