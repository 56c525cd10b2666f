"""``sweep --format json`` and ``csv``."""

import csv
import io
import json
from typing import Any

from trigger_cli.history.plateau import Plateau
from trigger_cli.history.sweep import CellResult, Sweep
from trigger_cli.render.common.plain_json import bounded, instant

FORMAT = "trigger-cli/sweep@1"


def sweep_object(
    sweep: Sweep,
    plateau: Plateau | None,
    *,
    automation: str,
    defined: tuple[Any, ...],
    dialect: str,
    order: str,
) -> dict[str, Any]:
    """The object of ``--format json``; durations are seconds."""
    return {
        "format": FORMAT,
        "automation": bounded(automation),
        "dialect": dialect,
        "dialect_sensitive": list(sweep.dialect_sensitive),
        "order": order,
        "start": instant(sweep.started),
        "end": instant(sweep.ended),
        "log": {
            "events": sweep.events,
            "matched": sweep.concerned,
            "malformed": sweep.malformed,
            "leaderless": sweep.leaderless,
        },
        "axes": [
            {"pointer": axis.pointer, "values": list(axis.values), "defined": value}
            for axis, value in zip(sweep.axes, defined, strict=True)
        ],
        "cells": [_cell(sweep, one) for one in sweep.results],
        "plateau": None if plateau is None else _plateau(sweep, plateau),
    }


def sweep_csv(sweep: Sweep) -> str:
    """One line for each cell, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(axis.name for axis in sweep.axes), "firings", "keys", "first", "last"])
    for one in sweep.results:
        values = [v if isinstance(v, int | float) else json.dumps(v) for v in one.cell.values]
        keys = f">{len(one.keys)}" if one.more_keys else len(one.keys)
        writer.writerow(
            [*values, one.firings, keys, instant(one.first) or "", instant(one.last) or ""]
        )
    return text.getvalue()


def _cell(sweep: Sweep, one: CellResult) -> dict[str, Any]:
    return {
        "values": {
            axis.pointer: value for axis, value in zip(sweep.axes, one.cell.values, strict=True)
        },
        "firings": one.firings,
        "keys": len(one.keys),
        "more_keys": one.more_keys,
        "first": instant(one.first),
        "last": instant(one.last),
    }


def _plateau(sweep: Sweep, plateau: Plateau) -> dict[str, Any]:
    return {
        "firings": plateau.firings,
        "cells": plateau.cells,
        "values": {
            axis.pointer: list(axis.values[low : high + 1])
            for axis, low, high in zip(sweep.axes, plateau.low, plateau.high, strict=True)
        },
    }
