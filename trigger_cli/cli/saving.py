"""``--save``: save the view that a command shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.options import ColorMode
from trigger_cli.cli.output import make_console, open_output

if TYPE_CHECKING:
    from rich.console import Console

PAPER = 120
"""Columns of a saved view without a terminal and without ``--width``."""


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
    file: TextIO, *, color: ColorMode, width: int | None, save: Path | None, title: str
) -> Iterator[Console]:
    """The consoles to draw a view on: the output, and the file to save it in.

    Args:
        file: The command's output.
        color: Colour of the output; the saved file always has colours.
        width: Columns of both, if the user gave them.
        save: The file; its suffix gives the format. It is written at the end.
        title: The title of the view.

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
    view = SavedView(form, width=columns, title=title)
    yield view.console
    with open_output(save) as saved:
        saved.write(view.text())
