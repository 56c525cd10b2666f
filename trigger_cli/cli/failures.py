"""Exit codes, and errors that end a command (``interface.md``, exit)."""

import os
import sys
import tempfile
import traceback
from shutil import get_terminal_size
from typing import Final

from trigger_cli.read.errors import EmptyRangeError

FOUND: Final = 1
"""The command succeeded, and found what it looks for."""
USAGE: Final = 2
"""The command line or a trigger definition is wrong."""
LOG: Final = 3
"""A log cannot be read, or (with ``--strict``) has a malformed line."""
INTERRUPTED: Final = 130

_LONGEST: Final = 2_000
"""The most characters of a message that are shown."""


class CommandError(Exception):
    """The command cannot continue.

    Args:
        message: The problem, and what was expected.
        exit_code: One of the exit codes of this module.
        help_text: Advice.
    """

    def __init__(self, message: str, exit_code: int, help_text: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.help_text = help_text

    def told(self) -> str:
        """The text to print, one or two lines."""
        lines = [f"error: {_bounded(self.message)}"]
        if self.help_text:
            lines.append(f"help: {_bounded(self.help_text)}")
        return "\n".join(lines)

    def show(self) -> None:
        """Write it to stderr; on a terminal, lines are broken between words."""
        _say(self.told())


def empty_range(error: EmptyRangeError) -> CommandError:
    """The error for a part of a log that has no events."""
    return CommandError(str(error), USAGE, "choose a range in which the log has events")


def report_bug(error: Exception) -> int:
    """Report a failure of trigger-cli itself; the traceback is written to a file."""
    details = "".join(traceback.format_exception(error))
    if os.environ.get("TRIGGER_CLI_DEBUG"):
        _say(details)
        return USAGE
    kind = type(error).__name__
    _say(
        f"error: trigger-cli failed ({kind}); this is a bug in trigger-cli, not in your files.\n"
        f"help: please report it with {_kept(details)}"
    )
    return USAGE


def _say(text: str) -> None:
    from trigger_cli.render.common.inert import inert_lines

    print(_fitted(inert_lines(text)), file=sys.stderr)  # noqa: T201


def _fitted(text: str) -> str:
    """The text with its lines broken between words, if stderr is a terminal."""
    if not sys.stderr.isatty():
        return text
    from trigger_cli.render.common.wrapped import wrapped

    lines = wrapped(text, get_terminal_size().columns)
    return "\n".join(f"{indentation}{line}" for indentation, line in lines)


def _kept(details: str) -> str:
    """Write the traceback to a file; returns where it is, for the message."""
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="trigger-cli-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="replace",
        ) as file:
            file.write(details)
    except OSError:
        return "the output of another run with TRIGGER_CLI_DEBUG=1 in its environment"
    return f"the details in {file.name}"


def _bounded(text: str) -> str:
    """A message without control sequences; a long one is shortened in the middle."""
    from trigger_cli.render.common.inert import inert

    whole = inert(text, _LONGEST + 1)
    if len(whole) <= _LONGEST:
        return whole
    tail = _LONGEST // 4
    return inert(text, _LONGEST - tail) + inert(text[-tail:], tail)
