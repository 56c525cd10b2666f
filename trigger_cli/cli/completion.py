"""Shell completion: names of automations in the files on the command line."""

import glob
from pathlib import Path

import typer

_MOST = 500


def complete_automation(context: typer.Context, incomplete: str) -> list[str]:
    """The names that begin with the typed text; none if they are not known.

    Mistakes in the files are ignored: the shell would show an error inside the command line.
    """
    try:
        paths = _paths(context)
        if not paths:
            return []
        # A heavy import, needed only here.
        from trigger_cli.definitions import load

        names = dict.fromkeys(one.name for one in load(paths).automations)
        # The shell prints the names as they are.
        fitting = [one for one in names if one.startswith(incomplete) and one.isprintable()]
        return fitting[:_MOST]
    except Exception:  # noqa: BLE001  # see above
        return []


def _paths(context: typer.Context) -> list[str]:
    """The definitions on the command line: without ``--log``, the second of two paths is a log."""
    # If an option still lacks its value, the arguments before it are unparsed.
    named = [str(one) for one in context.params.get("paths") or context.args]
    if len(named) == 2 and not context.params.get("log") and not context.params.get("server"):
        named.pop()
    # Standard input belongs to the shell, and a server is too slow.
    return [one for one in named if one != "-" and (Path(one).exists() or glob.has_magic(one))]
