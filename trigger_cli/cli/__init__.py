"""The command line: one file a command; parse, call, choose a renderer, exit code.

Nothing heavy is imported here, so that ``--help`` and completion answer at once: a command
imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from trigger_cli.cli.commands import LazyGroup
from trigger_cli.cli.failures import INTERRUPTED, CommandError, report_bug

app = typer.Typer(
    name="trigger-cli",
    cls=LazyGroup,
    help=(
        "Replay event logs against Prefect automation triggers, and learn why a trigger did or"
        " didn't fire."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`trigger-cli COMMAND --help` shows examples.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from trigger_cli import __version__

        typer.echo(f"trigger-cli {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; no traceback ever reaches a user.

    Args:
        arguments: What follows the program's name; ``None``: the process's own.
    """
    try:
        app(arguments, prog_name="trigger-cli")
    except CommandError as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # `| head` has seen enough. What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  # the last line of defence
        sys.exit(report_bug(error))
