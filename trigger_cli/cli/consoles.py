"""The consoles of rich, in a separate module because rich takes 20 ms to load."""

from __future__ import annotations

import errno
import os
from typing import TextIO

from rich.console import Console

from trigger_cli.render.common.inert_console import InertConsole


class _Console(InertConsole):
    """Stdout is closed. Rich would exit with 1, which has another meaning here."""

    def on_broken_pipe(self) -> None:
        """Let `main` handle it."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def console_for(file: TextIO, *, in_color: bool | None, width: int | None) -> Console:
    """A console that prints text unchanged but inert; with ``in_color=None`` rich decides about colour."""
    return _Console(
        file=file,
        force_terminal=True if in_color else None,
        no_color=None if in_color is None else not in_color,
        color_system="truecolor" if in_color else "auto",
        width=width,
    )
