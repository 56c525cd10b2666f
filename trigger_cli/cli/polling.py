"""Runs a command again when one of its files changes: ``lint --watch``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import typer

from trigger_cli.cli.failures import CommandError
from trigger_cli.model import Finding

if TYPE_CHECKING:
    from rich.console import Console

_PAUSE = 0.5
"""The time between two checks, seconds."""
_State: TypeAlias = dict[str, tuple[int, int, int]]


def run_again_on_changes(
    run: Callable[[], object], files: Callable[[], Iterable[str]], stderr: Console, *, quiet: bool
) -> NoReturn:
    """Call `run`, and again when one of `files` is changed, created or deleted; until interrupted.

    An exit code or an error of the command ends only that call.
    """
    while True:
        # Checked before the files are read, so that no change in between is missed.
        seen = _state(files())
        try:
            run()
        except typer.Exit:
            pass
        except CommandError as error:
            error.show()
        if not quiet:
            stderr.print("Waiting for a change; Ctrl-C ends it.", style="dim")
        while _state(files()) == seen:
            time.sleep(_PAUSE)


def definitions_and_settings(paths: Sequence[str], others: Iterable[str]) -> set[str]:
    """The definition files that `paths` name now, the configurations above them, and `others`."""
    from trigger_cli.definitions.files import find_files
    from trigger_cli.lint.runner.config import OWN_FILE, PYPROJECT

    files = {one.file for one in find_files(paths) if not isinstance(one, Finding)}
    folders = {Path.cwd()}
    for file in files:
        with suppress(OSError, ValueError):
            folders.add(Path(file).resolve().parent)
    above = {one for folder in folders for one in (folder, *folder.parents)}
    configurations = {str(one / name) for one in above for name in (OWN_FILE, PYPROJECT)}
    return files | configurations | set(others)


def _state(files: Iterable[str]) -> _State:
    """By file: the values that change when it is written; missing files are left out."""
    found: _State = {}
    for file in files:
        with suppress(OSError, ValueError):
            about = Path(file).stat()
            found[file] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found
