"""``sweep --format table``: a heat map that works without colour, and the plateau in words."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.dialects import Dialect, counterpart
from trigger_cli.history.grid import Axis
from trigger_cli.history.plateau import Plateau
from trigger_cli.history.sweep import CellResult, Sweep
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.view import INDENT, FactLine, files, indented, span
from trigger_cli.render.common.words import counted, joined, quoted
from trigger_cli.render.history.view import HistoryView, TableOptions
from trigger_cli.times import duration_from_seconds, exact_duration

_SHADES = " ░▒▓█"
_PAINTS = ("dim", "cyan", "green", "yellow", "bold red")
_CELLS = 20
_MAPS = 12
_VALUE = 24
_SHORT = 12
"""The most cells of a value whose column is not folded."""
_LEGEND = 100

_Texts = Sequence[Sequence[str]]
"""For each axis, its values as `_value_texts` writes them."""


def render_sweep(
    sweep: Sweep,
    plateau: Plateau | None,
    console: Console,
    asked: TableOptions,
    *,
    automation: str,
    defined: tuple[Any, ...],
    dialect: Dialect,
    order: str,
) -> None:
    """Show the grid; if `quiet` was asked for, only the map, if `verbose`, every cell as well.

    `defined` are the values in the definition.
    """
    view = asked.view(console, sweep.started, sweep.ended)
    if not asked.quiet:
        title = f"Swept {quoted(automation)} over {counted(len(sweep.results), 'variant')}"
        facts = FactLine(
            counted(sweep.events, "event"),
            f"{sweep.concerned:,} match the trigger",
            f"read once ({dialect.name} dialect)",
        )
        show(
            console,
            Text(title, "bold"),
            span(view.clock, order, is_empty=sweep.started is None),
            facts,
            *_otherwise(sweep, dialect),
            files(log=dict.fromkeys(asked.sources)),
            "",
        )
    texts = [_value_texts(axis) for axis in sweep.axes]
    if len(sweep.axes) > 1:
        show(console, *_maps(sweep, defined, texts, view))
        if asked.verbose:
            show(console, "")
    if len(sweep.axes) == 1 or asked.verbose:
        show(console, _cells(sweep, defined, texts, view))
    show(console, *_legends(sweep.axes, texts, view))
    if not asked.quiet:
        show(console, *_words(sweep, plateau, defined, texts))


def _words(
    sweep: Sweep, plateau: Plateau | None, defined: tuple[Any, ...], texts: _Texts
) -> Iterator[RenderableType]:
    yield ""
    if sweep.not_evaluated:
        many = counted(sweep.not_evaluated, "variant")
        yield Text(f"Not evaluated: {many}, as the server has no metric triggers (D11).", "bold")
        if sweep.not_evaluated == len(sweep.results):
            return
    if plateau is None:
        silent = all(not one.firings for one in sweep.results)
        yield Text(
            "No variant fires."
            if silent
            else "No plateau: no two neighbouring variants that fire do so equally often.",
            "bold",
        )
    else:
        where = " and ".join(
            f"{inert(axis.name, 60)} {own[low] if low == high else f'{own[low]} to {own[high]}'}"
            for axis, own, low, high in zip(
                sweep.axes, texts, plateau.low, plateau.high, strict=True
            )
        )
        yield Text.assemble(
            (f"Stable at {counted(plateau.firings, 'firing')}", "bold"),
            f" for {where}: {plateau.cells:,} of {len(sweep.results):,} variants.",
        )
    here = next((one for one in sweep.results if one.cell.values == defined), None)
    if here is not None:
        yield Text(f"As defined ([ ]): {counted(here.firings, 'firing')}.")


# --- The heat map ----------------------------------------------------------------------------


def _otherwise(sweep: Sweep, dialect: Dialect) -> Iterator[Text]:
    """A note that the numbers may hold in this dialect alone; `replay` counts in both."""
    if rows := sweep.dialect_sensitive:
        other = counterpart(dialect).name
        text = f"The {other} dialect may give other numbers ({', '.join(rows)}): --dialect {other}"
        yield Text(text, "yellow")


def _maps(
    sweep: Sweep, defined: tuple[Any, ...], texts: _Texts, view: HistoryView
) -> Iterator[RenderableType]:
    """A map for each combination of values of all axes but the last two."""
    outer = sweep.axes[:-2]
    area = len(texts[-2]) * len(texts[-1])
    most = max((one.firings for one in sweep.results), default=0)
    starts = range(0, len(sweep.results), area)
    for number, start in enumerate(starts):
        if number == view.rows(_MAPS):
            yield Text(f"… {len(starts) - number} more maps (--limit {len(starts)})", "dim")
            return
        results = sweep.results[start : start + area]
        if outer:
            places = zip(outer, texts, results[0].cell.place, strict=False)
            named = ", ".join(f"{inert(a.name, 60)} {own[place]}" for a, own, place in places)
            if number:
                yield ""
            yield Text(named, "bold")
        yield indented(_map(sweep.axes, results, defined, most, texts, view))
    steps = [f"{_SHADES[level]} {_bound(level, most)}" for level in range(1, len(_SHADES))]
    shades = f"firings: · none  {'  '.join(steps)}" if most >= len(_SHADES) else ""
    is_swept = any(one.cell.values == defined for one in sweep.results)
    legend = joined(shades, "[ ] as defined" if is_swept else "")
    if legend:
        yield indented(Text(legend, "dim"))


def _map(
    axes: Sequence[Axis],
    results: Sequence[CellResult],
    defined: tuple[Any, ...],
    most: int,
    texts: _Texts,
    view: HistoryView,
) -> Text:
    """Numbers and shades; columns that do not fit continue below."""
    sides, heads = texts[-2:]
    corner = " ╲ ".join(inert(axis.name, 30) for axis in axes[-2:])
    side = max(cell_len(corner), *(cell_len(text) for text in sides))
    wide = max(len(f"[{most:,}] "), *(cell_len(text) for text in heads)) + 2
    room = max((view.width - INDENT - side) // wide, 1)
    text = Text()
    for first in range(0, len(heads), room):
        columns = range(first, min(first + room, len(heads)))
        text.append("\n\n" if first else "")
        text.append(corner.rjust(side), "dim")
        for column in columns:
            text.append(heads[column].rjust(wide - 1) + " ", "dim")
        for row, name in enumerate(sides):
            text.append("\n" + name.rjust(side), "dim")
            for column in columns:
                one = results[row * len(heads) + column]
                text.append_text(_number(one, defined, most, wide))
    return text


def _number(one: CellResult, defined: tuple[Any, ...], most: int, wide: int) -> Text:
    level = shade(one.firings, most)
    number = f"{one.firings:,}" if one.firings else "·"
    shown = f"[{number}]" if one.cell.values == defined else f"{number} "
    return Text(f"{shown}{_SHADES[level]}".rjust(wide), _PAINTS[level])


def shade(firings: int, most: int) -> int:
    """0 for none, else 1 to 4 by its share of `most`."""
    if not firings:
        return 0
    return 1 + min((firings - 1) * (len(_SHADES) - 1) // max(most, 1), len(_SHADES) - 2)


def _bound(level: int, most: int) -> str:
    """The range of firings of a shade: ``1–3``."""
    steps = len(_SHADES) - 1
    first = -(-(level - 1) * most // steps) + 1
    last = -(-level * most // steps) if level < steps else most
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


# --- The values ------------------------------------------------------------------------------


def _value_texts(axis: Axis) -> list[str]:
    """The values for people: ``5 min``, ``3``, ``["a", "b"]``; numbers if two look alike."""
    texts = [_value_text(axis, value) for value in axis.values]
    if len(set(texts)) == len(texts):
        return texts
    return [f"#{number}" for number in range(1, len(texts) + 1)]


def _value_text(axis: Axis, value: Any) -> str:
    if axis.is_duration and isinstance(value, int | float) and not isinstance(value, bool):
        return exact_duration(duration_from_seconds(value))
    return inert(value if isinstance(value, str) else _json(value), _VALUE)


def _legends(axes: Sequence[Axis], texts: _Texts, view: HistoryView) -> Iterator[RenderableType]:
    """What the numbers stand for: the values in full, as JSON."""
    for axis, own in zip(axes, texts, strict=True):
        if own[0] != _value_text(axis, axis.values[0]):
            yield ""
            values = [(text, _json(value)) for text, value in zip(own, axis.values, strict=True)]
            heads = (inert(axis.name, 30), "~value")
            yield view.table(heads, values, lambda one: one, "value", _LEGEND)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return inert(text, 10 * len(text))


# --- Every cell ------------------------------------------------------------------------------


def _cells(
    sweep: Sweep, defined: tuple[Any, ...], texts: _Texts, view: HistoryView
) -> RenderableType:
    most = max((one.firings for one in sweep.results), default=0)
    bar = 20 if view.width >= 100 else 10

    def cells(one: CellResult) -> Sequence[Text | str]:
        keys = f"more than {len(one.keys):,}" if one.more_keys else f"{len(one.keys):,}"
        return (
            *(own[place] for own, place in zip(texts, one.cell.place, strict=True)),
            Text("[ ]" if one.cell.values == defined else "", "dim"),
            f"{one.firings:,}",
            Text("━" * round(one.firings / max(most, 1) * bar), "cyan"),
            keys if one.firings else "",
            "" if one.first is None else view.clock.at(one.first),
            "" if one.last is None else view.clock.at(one.last),
        )

    axes = [
        f"{'>' if max(map(cell_len, own)) <= _SHORT else '~'}{inert(axis.name, 30)}"
        for axis, own in zip(sweep.axes, texts, strict=True)
    ]
    heads = (*axes, "", ">firings", "", ">keys", "first", "last")
    return view.table(heads, sweep.results, cells, "variant", 100 if view.verbose else _CELLS)
