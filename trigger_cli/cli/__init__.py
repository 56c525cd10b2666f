"""The command line: one file for each command.

A command parses its options, calls the library, chooses a renderer and returns an exit code.
No heavy module is imported here, so that ``--help`` and completion are fast: each command imports
what it needs when it runs.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from trigger_cli.cli.commands import LazyGroup, StreamFailedError
from trigger_cli.cli.extras import missing_extra
from trigger_cli.cli.failures import INTERRUPTED, USAGE, CommandError, empty_range, report_bug
from trigger_cli.cli.streams import silence
from trigger_cli.engine.errors import EndlessError
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.root_help import (
    EPILOG,
    HELP,
    HELP_OPTIONS,
    OPTIONS,
    VERSION,
    VERSION_OPTION,
    WIDEST,
)

app = typer.Typer(
    name="trigger-cli",
    cls=LazyGroup,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": list(HELP_OPTIONS), "max_content_width": WIDEST},
    epilog=EPILOG,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            VERSION_OPTION, help=OPTIONS[VERSION_OPTION], callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Users never see a traceback.

    Args:
        arguments: The arguments after the program's name; ``None``: those of the process.
    """
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except StreamFailedError as error:
        code = _lost(error.reason)
    except OSError as error:  # from the last flush
        code = _lost(error)
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    """Run the command line and report errors; returns the exit code."""
    try:
        app(arguments, prog_name="trigger-cli")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except StreamFailedError:
        raise
    except Exception as error:  # noqa: BLE001  # the last line of defence
        if isinstance(error.__cause__, KeyboardInterrupt):
            # Python 3.11 raises this for an interrupt during class creation (`__set_name__`).
            return INTERRUPTED
        if (told := _command_error(error)) is None:
            return report_bug(error)
        told.show()
        return told.exit_code
    return 0


def _command_error(error: Exception) -> CommandError | None:
    """The error to show; ``None``: it is a bug of trigger-cli."""
    match error:
        case CommandError():
            return error
        case EmptyRangeError():
            return empty_range(error)
        case EndlessError():
            from trigger_cli.cli.inputs import endless_replay

            return endless_replay(error)
        case MemoryError():
            return CommandError("there is not enough memory for this", USAGE)
        case ModuleNotFoundError():
            return missing_extra(error)
        case FileNotFoundError() if not _has_working_directory():
            message = "the working directory is gone, and this needs one"
            return CommandError(message, USAGE, "change to a folder that exists")
    return None


def _has_working_directory() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _lost(error: OSError) -> int:
    """Discard buffered output after stdout was closed."""
    silence(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return 0  # the reader closed the pipe, as `| head` does
    CommandError(f"cannot write to stdout: {error.strerror or error}", USAGE).show()
    return USAGE
