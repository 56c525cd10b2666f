"""The consoles of rich, in a separate module because rich takes 20 ms to load."""

import errno
import os
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from trigger_cli.render.common.inert_console import InertConsole
from trigger_cli.render.common.wrapped import wrapped


class _Console(InertConsole):
    """A console that breaks long messages between words, if it writes to a terminal.

    A closed stdout is an error: rich would exit with 1, which has another meaning here.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """As `Console.print`; ``soft_wrap=True`` marks a message."""
        if options.get("soft_wrap") and self.file.isatty():
            objects = tuple(map(self._broken, objects))
        super().print(*objects, **options)

    def _broken(self, message: Any) -> Any:
        if not isinstance(message, str | Text):
            return message
        text = Text(message) if isinstance(message, str) else message
        lines, place = [], 0
        for indentation, line in wrapped(text.plain, self.width):
            place = text.plain.index(line, place)
            lines.append(Text(indentation) + text[place : place + len(line)])
            place += len(line)
        return Text("\n").join(lines)

    def on_broken_pipe(self) -> None:
        """Let `main` handle it."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def console_for(file: TextIO, *, in_color: bool | None, width: int | None) -> Console:
    """A console that prints text unchanged but inert; with ``in_color=None`` rich decides about colour."""
    return _Console(
        file=file,
        force_terminal=True if in_color else None,
        no_color=None if in_color is None else not in_color,
        color_system={True: "truecolor", False: None, None: "auto"}[in_color],
        width=width,
    )
