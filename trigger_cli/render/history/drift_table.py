"""``drift --format table``: which automations differ, in which fields, and how they fire."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.history.diff import Diff
from trigger_cli.history.drift import ComparedAutomation, Drift
from trigger_cli.history.grid import is_duration
from trigger_cli.render.common.fitted import FittedTable, hidden_rows
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.plain_json import dump_json
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.common.words import counted, joined
from trigger_cli.times import duration_from_seconds, with_seconds

_NAME = 200
_VALUE = 120
_NAMED = 20
_FIELDS = 12


def render_drift(
    drift: Drift,
    against: str,
    replayed: Diff | None,
    console: Console,
    *,
    is_server: bool,
    limit: int | None = None,
) -> None:
    """Show the differences.

    Args:
        drift: The differences.
        against: The name of the other side.
        replayed: The differing automations of both sides, replayed on a log.
        console: The console to print on.
        is_server: Whether `against` is a live server; else it is an export.
        limit: The most items of each list.
    """
    same = len(drift.compared) - len(drift.different)
    counts = joined(
        f"{counted(same, 'automation')} the same" if same else "",
        f"{len(drift.different):,} different" if drift.different else "",
        f"{len(drift.missing):,} missing" if drift.missing else "",
        f"{len(drift.extra):,} extra" if drift.extra else "",
    )
    show(
        console,
        Text(f"Compared with {inert(against, _NAME)}", "bold"),
        Text(counts or "no automations", "bold red" if drift.drifted else "bold green"),
    )
    most = limit or _NAMED
    other = "server" if is_server else "export"
    for one in drift.different[:most]:
        show(console, "", *_different(one, other, replayed, limit or _FIELDS))
    if (hidden := len(drift.different) - most) > 0:
        more = hidden_rows(hidden, "different automation", f"--limit {len(drift.different)}")
        show(console, "", more)
    for title, some in (
        ("Missing: only in the files", drift.missing),
        ("Extra: in no file", drift.extra),
    ):
        if some:
            # The first line names the only file of the other side.
            rows = [
                (inert(one.name, _NAME), "" if one.source == against else inert(one.source, _NAME))
                for one in some[:most]
            ]
            heads, room = ("~", "~path"), console.width - INDENT
            show(console, "", Text(title, "bold"))
            show(
                console,
                indented(FittedTable(heads, rows, room, dim=("path",)).rows(with_header=False)),
            )
            if len(some) > most:
                more = hidden_rows(len(some) - most, "automation", f"--limit {len(some)}")
                show(console, indented(more))


def _different(
    one: ComparedAutomation, other: str, replayed: Diff | None, most: int
) -> Sequence[RenderableType]:
    lines: list[RenderableType] = [
        Text(inert(one.there.name, _NAME), "bold"),
        indented(Text(inert(one.here.source, _NAME), "dim")),
    ]
    for pointer, here, there in one.differences[:most]:
        lines.append(indented(Text(inert(pointer, _NAME), "yellow")))
        lines += [
            Text.assemble((f"    {side}  ", "dim"), inert(_value(pointer, value), _VALUE))
            for side, value in (("file  ", here), (other, there))
        ]
    if len(one.differences) > most:
        number = len(one.differences)
        lines.append(indented(hidden_rows(number - most, "field", f"--limit {number}")))
    if one.unknown:
        unknown = inert(", ".join(one.unknown), _NAME)
        lines.append(indented(Text(f"unknown here: {unknown}", "dim")))
    for fired in replayed.automations if replayed else ():
        if fired.name == one.here.name:
            text = f"{counted(fired.first, 'firing')} by the file, {fired.second:,} by the {other}, {fired.same:,} the same"
            lines.append(indented(Text(text, "red" if fired.groups else "green")))
    return lines


def _value(pointer: str, value: Any) -> str:
    """A field's value: JSON, or a duration with its seconds."""
    if is_duration(pointer) and isinstance(value, float):
        return with_seconds(duration_from_seconds(value))
    return dump_json(value)
