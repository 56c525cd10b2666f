"""``--save``: the view that a command shows, also as a file."""

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
"""Columns of a saved view where there is neither a terminal nor ``--width``."""


def require_view(save: Path | None, *, shows_one: bool, output_format: str) -> None:
    """Refuse ``--save`` where the chosen format is for programs.

    Raises:
        CommandError: There is no view to save.
    """
    if save is not None and not shows_one:
        raise CommandError(
            f"--save keeps what a person is shown, and --format {output_format} is for programs",
            USAGE,
            "leave out --format, or write to a file with --output",
        )


def consoles(
    file: TextIO, *, color: ColorMode, width: int | None, save: Path | None, title: str
) -> Iterator[Console]:
    """What to draw a view on, one after the other: the output, and the file to save it in.

    Args:
        file: The command's output.
        color: Of the output; the saved file has colours in any case.
        width: Columns of both, where the user said.
        save: The file; its extension says what it is to be. Written when all has been drawn.
        title: What to call the view in it.

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
