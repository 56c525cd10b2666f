"""A trigger's variants: every combination of values for some of its fields."""

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import product
from math import prod
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions import Definitions, load_text
from trigger_cli.definitions.nodes import MAX_VALUES, pointer_parts
from trigger_cli.model import Automation
from trigger_cli.times import SECOND, parse_duration

MOST_CELLS = 10_000
"""The most variants of a grid."""
FILE = "grid.json"
"""What the variants' file of definitions is called."""
_SHOWN = 60
"""The most characters of a value in a message."""
_RANGE = re.compile(r"(-?\d{1,18})\.\.(-?\d{1,18})(?:\.\.(\d{1,18}))?")


class Axis(Struct, frozen=True):
    """One field of the trigger and its values."""

    pointer: str
    """The JSON Pointer of the field within the trigger, such as ``/within``."""
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """``within``, or ``triggers/0/within`` for a child's."""
        return self.pointer.removeprefix("/")

    @property
    def is_duration(self) -> bool:
        """Whether its values are seconds."""
        return is_duration(self.pointer)


class GridError(ValueError):
    """The requested grid is invalid."""


def is_duration(pointer: str) -> bool:
    """Whether the field's numbers are seconds."""
    return pointer.rpartition("/")[2] in {"within", "range", "firing_for"}


def parse_axis(pointer: str, text: str) -> Axis:
    """Read ``1..5``, ``0..100..10``, ``1m,5m,1h``, or JSON values separated by semicolons.

    Raises:
        GridError: `text` has no values, or an invalid one.
    """
    if pointer and not pointer.startswith("/"):
        pointer = f"/{pointer}"
    parts = text.split(";" if ";" in text or text.lstrip().startswith(("[", "{", '"')) else ",")
    values = [value for part in parts for value in _values(pointer, part.strip())]
    if not pointer or not values:
        raise GridError(f"{pointer}={text} has no values")
    return Axis(pointer, tuple({json.dumps(value): value for value in values}.values()))


def _values(pointer: str, text: str) -> list[Any]:
    if not text:
        raise GridError(f"a value of {pointer} is empty")
    if found := _RANGE.fullmatch(text):
        first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
        if step == 0 or (last - first) // max(step, 1) >= MOST_CELLS:
            raise GridError(
                f"{_cut(text)} has too many values: a grid has at most {MOST_CELLS:,} cells"
            )
        way = 1 if first <= last else -1
        return list(range(first, last + way, way * step))
    if is_duration(pointer) and text != "null":
        try:
            seconds = parse_duration(text) / SECOND
        except ValueError as error:
            said = f"{_cut(text)} is {error}"
            if ".." in text:
                said = f"{_cut(text)}: a range is in seconds, such as 300..1800..300; or list durations: 5m,10m,30m"
            raise GridError(said) from None
        return [int(seconds) if seconds.is_integer() else seconds]
    try:
        return [json.loads(text)]
    except ValueError:
        if text.startswith(("[", "{", '"')):
            words = f"{_cut(text)} is not JSON; separate JSON values with semicolons"
            raise GridError(words) from None
        # A word without quotes, as the shell passes it: `Proactive`, `all`.
        return [text]


def _cut(text: str) -> str:
    """The input, shortened for a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Cell(Struct, frozen=True):
    """One variant: the value of each axis, in the axes' order, and its index on each."""

    place: tuple[int, ...]
    values: tuple[Any, ...]


def cells_of(axes: Sequence[Axis]) -> list[Cell]:
    """All combinations; the last axis varies fastest.

    Raises:
        GridError: There are too many, or a field is given twice.
    """
    if len({axis.pointer for axis in axes}) < len(axes):
        twice = next(one.name for one in axes if sum(one.pointer == o.pointer for o in axes) > 1)
        raise GridError(f"{twice} is given twice: write all its values in one list")
    if prod(len(axis.values) for axis in axes) > MOST_CELLS:
        raise GridError(f"a grid has at most {MOST_CELLS:,} cells")
    places = product(*(range(len(axis.values)) for axis in axes))
    return [
        Cell(place, tuple(axis.values[n] for axis, n in zip(axes, place, strict=True)))
        for place in places
    ]


def variants(trigger: Any, axes: Sequence[Axis], cells: Sequence[Cell]) -> list[Automation]:
    """The trigger, as in its definition file, with each cell's values.

    Raises:
        GridError: A pointer does not exist, or a variant is not a valid trigger.
    """
    automations: list[Automation] = []
    for text in written(trigger, axes, cells):
        loaded: Definitions = load_text(text, file=FILE, format="json")
        _require_right(loaded, axes, cells)
        before = len(automations)
        automations += [replace(one, index=before + one.index) for one in loaded.automations]
    return automations


def _require_right(loaded: Definitions, axes: Sequence[Axis], cells: Sequence[Cell]) -> None:
    errors = [one for one in loaded.findings if one.severity == "error"]
    if errors:
        wrong = next((cell for cell in cells if _name(cell) == errors[0].automation), None)
        if wrong is None:
            raise GridError(errors[0].message)
        where = " and ".join(
            f"{axis.name} {_cut(json.dumps(value))}"
            for axis, value in zip(axes, wrong.values, strict=True)
        )
        raise GridError(f"with {where}: {errors[0].message}")
    for finding, axis in product(loaded.findings, axes):
        # A warning for a file, but here the user has misspelt the field.
        is_unknown = finding.name == "unknown-key"
        if is_unknown and finding.pointer.endswith(f"/trigger{axis.pointer}"):
            advice = f"; {finding.help}" if finding.help else ""
            raise GridError(f"{axis.pointer}: {finding.message}{advice}")


def written(trigger: Any, axes: Sequence[Axis], cells: Sequence[Cell]) -> Iterator[str]:
    """Files of definitions, as JSON: an automation for each cell, and no more than a file may hold.

    Raises:
        GridError: A pointer does not exist.
    """
    held: list[str] = []
    room = MAX_VALUES
    for cell in cells:
        variant = deepcopy(trigger)
        for axis, value in zip(axes, cell.values, strict=True):
            variant = _with_value(variant, axis.pointer, value)
        text = json.dumps({"name": _name(cell), "trigger": variant})
        # Each value takes a character or more.
        if held and len(text) > room:
            yield f"[{', '.join(held)}]"
            held, room = [], MAX_VALUES
        held.append(text)
        room -= len(text)
    yield f"[{', '.join(held)}]"


def _name(cell: Cell) -> str:
    return ", ".join(map(json.dumps, cell.values))


def value_at(trigger: Any, pointer: str) -> Any:
    """The field's value in the definition; ``None`` if it has none."""
    value = trigger
    for part in pointer_parts(pointer):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _with_value(trigger: Any, pointer: str, value: Any) -> Any:
    path, _, _ = pointer.rpartition("/")
    parent = value_at(trigger, path)
    last = pointer_parts(pointer)[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last.isdecimal() and int(last) < len(parent):
        parent[int(last)] = value
    else:
        raise GridError(
            f"the trigger has nothing at {pointer}; a pointer starts at the trigger, such as /within"
        )
    return trigger
