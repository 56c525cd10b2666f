"""What the shell may complete: names of automations in the files already on the command line."""

from __future__ import annotations

import glob
from pathlib import Path

import typer

_MOST = 500


def complete_automation(context: typer.Context, incomplete: str) -> list[str]:
    """The names that begin with what has been typed; nothing where they cannot be told.

    A shell shows whatever is printed in the middle of the command line, so this says nothing
    else, whatever is wrong with the files.
    """
    try:
        return [name for name in _names(_paths(context)) if name.startswith(incomplete)][:_MOST]
    except Exception:  # noqa: BLE001  # see above
        return []


def _paths(context: typer.Context) -> list[str]:
    """The definitions named so far: without ``--log``, the second of two is a log."""
    # An option that still lacks its value leaves the arguments before it as they were typed.
    named = [str(one) for one in context.params.get("paths") or context.args]
    if len(named) == 2 and not context.params.get("log") and not context.params.get("server"):
        named.pop()
    # Standard input is the shell's, and a server's answer would be too late.
    return [one for one in named if one != "-" and (Path(one).exists() or glob.has_magic(one))]


def _names(paths: list[str]) -> list[str]:
    if not paths:
        return []
    # Heavy, and of use only now.
    from trigger_cli.definitions import load

    return list(dict.fromkeys(one.name for one in load(paths).automations))
