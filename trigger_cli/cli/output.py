"""Where the answer goes: stdout or a file, in colour or not, how wide."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.options import ColorMode


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
        target = path.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    except OSError as error:
        raise _cannot_write(path, error) from None
    temporary = Path(name)
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


def make_console(file: TextIO, *, color: ColorMode, width: int | None) -> Console:
    """A console for tables: ``--color`` decides, else ``NO_COLOR``, ``FORCE_COLOR``, the terminal."""
    no_color = {ColorMode.never: True, ColorMode.always: False, ColorMode.auto: None}[color]
    return Console(
        file=file,
        force_terminal=True if color is ColorMode.always else None,
        no_color=no_color,
        color_system="auto" if color is not ColorMode.always else "truecolor",
        width=width or _width_of(file),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        legacy_windows=False,
    )


def make_stderr(color: ColorMode) -> Console:
    """A console for what is not the answer: warnings and summaries."""
    return make_console(sys.stderr, color=color, width=None)


def _width_of(file: TextIO) -> int | None:
    # Where there is no terminal to ask, rich assumes 80 columns; COLUMNS may say otherwise.
    if file.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) > 0 else 80


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> CommandError:
    return CommandError(f"cannot write {path}: {error.strerror or error}", USAGE)
