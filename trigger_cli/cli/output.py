"""Where the answer goes: stdout or a file, in colour or not, how wide."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.options import ColorMode

if TYPE_CHECKING:
    from rich.console import Console


_WIDEST = 10_000
"""Columns; a table is filled up with blanks, so that more would take gigabytes."""


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """Stdout, or a file that takes its name only when all of it has been written.

    Raises:
        CommandError: The file cannot be written.
    """
    if path is None or str(path) == "-":
        # Logs may hold what the terminal's encoding does not.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        # To take the name of `/dev/null` would be the end of it.
        handle, name = (None, "") if _is_special(path) else _temporary_beside(path.resolve())
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise _cannot_write(path, error) from None
    if handle is None:
        with _special(path) as file:
            yield file
        return
    target, temporary = path.resolve(), Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        # mkstemp lets only its owner read; a file made here should be like any other.
        temporary.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _special(path: Path) -> Iterator[TextIO]:
    """A device or a pipe, written as it is."""
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
    except BrokenPipeError:  # as of stdout: who read there has seen enough
        raise
    except OSError as error:
        raise _cannot_write(path, error) from None


class _LaterConsole:
    """A console that is made when it is first used; many a run has nothing to print in tables."""

    def __init__(self, file: TextIO, *, in_color: bool | None, width: int | None) -> None:
        self.file = file
        self._in_color = in_color
        self._width = width

    def __getattr__(self, name: str) -> Any:
        return getattr(self._console, name)

    def __enter__(self) -> Console:  # Python asks a class for these, not what stands in for it
        return self._console.__enter__()

    def __exit__(self, *exception: object) -> None:
        self._console.__exit__(*exception)

    @cached_property
    def _console(self) -> Console:
        from trigger_cli.cli.consoles import console_for

        return console_for(self.file, in_color=self._in_color, width=self._width)


def make_console(file: TextIO, *, color: ColorMode, width: int | None) -> Console:
    """A console for tables: ``--color`` decides, else ``NO_COLOR``, ``FORCE_COLOR``, the terminal."""
    in_color = {ColorMode.never: False, ColorMode.always: True, ColorMode.auto: None}[color]
    later = _LaterConsole(file, in_color=in_color, width=_bounded(width) or _width_of(file))
    return cast("Console", later)  # but for the time of its making it is one


def make_stderr(color: ColorMode) -> Console:
    """A console for what is not the answer: warnings and summaries."""
    return make_console(sys.stderr, color=color, width=None)


def _width_of(file: TextIO) -> int | None:
    # Where there is no terminal to ask, rich assumes 80 columns; COLUMNS may say otherwise.
    if file.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and len(columns) < 20 else 0
    return _bounded(width) or 80


def _bounded(width: int | None) -> int | None:
    return min(width, _WIDEST) if width else None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _temporary_beside(target: Path) -> tuple[int, str]:
    return tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)


def _is_special(path: Path) -> bool:
    """Whether a device, a pipe or the like has this name.

    Raises:
        OSError: Nothing can be there, such as behind a link to itself.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _cannot_write(path: Path, error: Exception) -> CommandError:
    return CommandError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}", USAGE)
