"""The output: stdout or a file, its colour and width, and ``--save``."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from glob import has_magic
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.shared_options import ColorMode
from trigger_cli.file_search import files_matching
from trigger_cli.same_file import (
    InputIsOutputError,
    identity_of,
    keeping_inputs,
    require_no_output,
)
from trigger_cli.whole_files import replacing

if TYPE_CHECKING:
    from rich.console import Console


_WIDEST = 10_000
"""The most columns: tables are padded with spaces, so wider ones would take gigabytes."""
PAPER = 120
"""Columns of a saved view without a terminal and without ``--width``."""


STDOUT = "-"
_WRITTEN = ("output", "automations", "junit", "save")
"""The parameters that name a file to write."""


@contextmanager
def keeping_what_is_read(given: Mapping[str, Any]) -> Iterator[None]:
    """Refuse to overwrite what the command reads, and to write one file twice.

    Args:
        given: The command's parameters by name.

    Raises:
        CommandError: An output is also an input, under whatever name, or another output.
    """
    written = (*_WRITTEN, "baseline") if given.get("write_baseline") else _WRITTEN
    outputs = {
        name: Path(given[name])
        for name in written
        if given.get(name) is not None and str(given[name]) != STDOUT
    }
    _require_distinct(outputs)
    try:
        with keeping_inputs(outputs.values()):
            if outputs:
                for name in given.keys() - outputs.keys():
                    for file in _named(given[name]):
                        require_no_output(identity_of(file))
            yield
    except InputIsOutputError as error:
        raise CommandError(str(error), USAGE, "give another file") from None


def _named(value: Any) -> Iterator[str | IO[bytes]]:
    """The files that a parameter names, but for those in folders, which readers find."""
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, str | Path):
            text = str(one)
            yield sys.stdin.buffer if text == "-" else text
            if has_magic(text):
                yield from files_matching(text)


def _require_distinct(outputs: Mapping[str, Path]) -> None:
    places: dict[object, str] = {}
    for name, path in outputs.items():
        place = _place(path)
        if place in places:
            raise CommandError(
                f"{path} would be written twice, by --{places[place]} and by --{name}",
                USAGE,
                "give each its own file",
            )
        if place is not None:
            places[place] = name


def _place(path: Path) -> object:
    """Equal for two names of one file, also of one that does not exist; ``None`` for a device."""
    try:
        return identity_of(path) if path.exists() else path.resolve()
    except (OSError, ValueError, RuntimeError):  # not a possible name: writing reports it
        return None


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """Open stdout, or a file that gets its name only when it is complete.

    Raises:
        CommandError: The file cannot be written.
    """
    if path is None or str(path) == STDOUT:
        # Logs may contain characters that the terminal's encoding lacks.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        # A rename would replace the device `/dev/null`.
        is_special = _is_special(path)
    except (OSError, ValueError) as error:  # ValueError: the name contains a NUL
        raise _cannot_write(path, error) from None
    try:
        with path.open("wb") if is_special else replacing(path) as binary:
            file = TextIOWrapper(binary, "utf-8", errors="backslashreplace")
            try:
                yield file
                file.flush()
            finally:
                with suppress(OSError):  # discards what could not be written
                    file.detach()
    except BrokenPipeError:  # as for stdout: the reader closed the pipe
        raise
    except OSError as error:
        raise _cannot_write(path, error) from None


_ENDINGS = {
    ".trace.json": "perfetto",
    ".sarif.json": "sarif",
    ".json": "json",
    ".jsonl": "jsonl",
    ".html": "html",
    ".svg": "svg",
    ".csv": "csv",
    ".sarif": "sarif",
    ".xml": "junit",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
}
"""The format by the end of a file name, longer ends first."""
_TEXT = {"txt", "text", "log", "out", "ans", "md", "tmp", "bak", "new", "old"}
"""Endings of files that may hold any text, so also a table."""
_ENDING = re.compile(r"\.([a-z][a-z0-9]{0,7})")
"""An ending that names a kind of file: not a date, not a number, and not what ``mktemp`` makes."""
_OPTIONS = {"html": "save", "svg": "save", "junit": "junit"}
"""The option that writes such a file instead, by the end of its name."""


def format_by_ending(path: Path, formats: Sequence[str], options: Container[str]) -> str:
    """The default format of an output, chosen by the end of its name.

    Args:
        path: The output.
        formats: The formats of the command, the default first.
        options: The names of the command's options.

    Raises:
        CommandError: The ending names a kind of file that the command does not write.
    """
    name = path.name.lower()
    wanted = next((form for end, form in _ENDINGS.items() if name.endswith(end)), None)
    if wanted == "perfetto" and wanted not in formats:
        wanted = "json"
    if wanted is not None and wanted in formats:
        return wanted
    kind = _ENDING.fullmatch(path.suffix.lower())
    if kind is None or kind[1] in _TEXT:
        return formats[0]
    wanted = wanted or kind[1]
    other = _OPTIONS.get(wanted, "")
    raise CommandError(
        f"{path}: this command has no format {wanted}; its formats are {', '.join(formats)}",
        USAGE,
        f"use --{other} {path}" if other in options else "choose one with --format",
    )


class _LaterConsole:
    """A console that is created on first use; many runs print no table."""

    def __init__(self, file: TextIO, *, in_color: bool | None, width: int | None) -> None:
        self.file = file
        self._in_color = in_color
        self._width = width

    def __getattr__(self, name: str) -> Any:
        return getattr(self._console, name)

    def __enter__(self) -> Console:  # Python looks these up on the class
        return self._console.__enter__()

    def __exit__(self, *exception: object) -> None:
        self._console.__exit__(*exception)

    @cached_property
    def _console(self) -> Console:
        from trigger_cli.cli.consoles import console_for

        return console_for(self.file, in_color=self._in_color, width=self._width)


def make_console(file: TextIO, *, color: ColorMode, width: int | None) -> Console:
    """A console for tables; colour from ``--color``, ``NO_COLOR``, ``FORCE_COLOR`` or terminal."""
    in_color = {"never": False, "always": True, "auto": None}[color]
    later = _LaterConsole(file, in_color=in_color, width=_bounded(width) or _width_of(file))
    return cast("Console", later)  # it becomes a console on first use


def make_stderr(color: ColorMode) -> Console:
    """A console on stderr: warnings and summaries."""
    return make_console(sys.stderr, color=color, width=None)


def note(stderr: Console, text: str) -> None:
    """Write a note on stderr; what comes from outside has been made `inert`."""
    stderr.print(f"note: {text}", style="dim", soft_wrap=True)


def warn(stderr: Console, text: str) -> None:
    """Write a warning on stderr; what comes from outside has been made `inert`."""
    stderr.print(f"warning: {text}", style="yellow", soft_wrap=True)


def _width_of(file: TextIO) -> int | None:
    # Without a terminal rich assumes 80 columns, unless COLUMNS is set.
    if file.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and len(columns) < 20 else 0
    return _bounded(width) or 80


def _bounded(width: int | None) -> int | None:
    return min(width, _WIDEST) if width else None


def _is_special(path: Path) -> bool:
    """Whether the path is a device, a pipe or a similar file.

    Raises:
        OSError: No file can have this name, for example a link to itself.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _cannot_write(path: Path, error: Exception) -> CommandError:
    advice = None
    # The folder exists if the working directory was deleted, or if the path is a broken link.
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        advice = f"make the folder {path.parent} first"
    reason = getattr(error, "strerror", None) or error
    return CommandError(f"cannot write {path}: {reason}", USAGE, advice)


def write_json(file: IO[str], value: object) -> None:
    """Write the JSON document of an output; an iterator in it is written as a list."""
    from trigger_cli.render.common.plain_json import document_in_pieces

    file.writelines(document_in_pieces(value))


# --- Saved views -----------------------------------------------------------------------------


def require_view(save: Path | None, *, shows_one: bool, output_format: str) -> None:
    """Refuse ``--save`` with a format for programs.

    Raises:
        CommandError: There is no view to save.
    """
    if save is not None and not shows_one:
        raise CommandError(
            f"--save saves views for people, and --format {output_format} is for programs",
            USAGE,
            "leave out --format, or write to a file with --output",
        )


def consoles(
    file: TextIO, command: str, *, color: ColorMode, width: int | None, save: Path | None
) -> Iterator[Console]:
    """The consoles to draw a view on: the output, and the file to save it in.

    Args:
        file: The command's output.
        command: The command's name, for the view's title.
        color: Colour of the output; the saved file always has colours.
        width: Columns of both, if the user gave them.
        save: The file; its suffix gives the format. It is written at the end.

    Raises:
        CommandError: The file cannot be written.
    """
    console = make_console(file, color=color, width=width)
    yield console
    if save is None:
        return
    from trigger_cli.render.common.saved_view import SAVED_FORMATS, SavedView

    form = next(one for one in SAVED_FORMATS if save.suffix.lower() == f".{one}")
    columns = width or (console.width if file.isatty() else PAPER)
    view = SavedView(form, width=columns, title=f"trigger-cli {command}")
    yield view.console
    with open_output(save) as saved:
        saved.write(view.text())
