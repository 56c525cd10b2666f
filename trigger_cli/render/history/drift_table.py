"""``drift --format table``: which automations differ, in which fields, and how they fire."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from trigger_cli.history.diff import Diff
from trigger_cli.history.drift import ComparedAutomation, Drift
from trigger_cli.model import Automation
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.plain_json import dump_json
from trigger_cli.render.common.words import counted, joined, often

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
    counts = joined(
        f"{counted(len(drift.compared) - len(drift.different), 'automation')} the same",
        f"{len(drift.different):,} different",
        f"{len(drift.missing):,} missing",
        f"{len(drift.extra):,} extra",
    )
    show(
        console,
        Text(f"Compared with {inert(against, _NAME)}", "bold"),
        Text(counts, "bold red" if drift.drifted else "bold green"),
    )
    most = limit or _NAMED
    other = "server" if is_server else "export"
    for one in drift.different[:most]:
        show(console, "", *_different(one, other, replayed, limit or _FIELDS))
    _tell_more(console, len(drift.different), most)
    for title, names in (
        ("Missing: only in the files", drift.missing),
        ("Extra: in no file", drift.extra),
    ):
        if names:
            show(console, "", Text(title, "bold"), *map(_named, names[:most]))
            _tell_more(console, len(names), most)


def _different(
    one: ComparedAutomation, other: str, replayed: Diff | None, most: int
) -> Sequence[Text]:
    lines = [
        Text.assemble(
            (inert(one.there.name, _NAME), "bold"), (f"  {inert(one.here.source, _NAME)}", "dim")
        )
    ]
    for pointer, here, there in one.differences[:most]:
        lines.append(Text(f"  {inert(pointer, _NAME)}", "yellow"))
        lines += [
            Text.assemble((f"    {side}  ", "dim"), inert(dump_json(value), _VALUE))
            for side, value in (("file  ", here), (other, there))
        ]
    if len(one.differences) > most:
        lines.append(Text(f"  and {len(one.differences) - most:,} more fields", "dim"))
    if one.unknown:
        lines.append(Text(f"  unknown here: {inert(', '.join(one.unknown), _NAME)}", "dim"))
    for fired in replayed.automations if replayed else ():
        if fired.name == one.here.name:
            text = f"  fires {often(fired.first)} by the file, {fired.second:,} by the {other}, {fired.same:,} the same"
            lines.append(Text(text, "red" if fired.groups else "green"))
    return lines


def _named(one: Automation) -> Text:
    return Text.assemble(f"  {inert(one.name, _NAME)}", (f"  {inert(one.source, _NAME)}", "dim"))


def _tell_more(console: Console, number: int, shown: int) -> None:
    if number > shown:
        show(console, Text(f"  and {number - shown:,} more (--limit)", "dim"))
