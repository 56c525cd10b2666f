"""The commands by name.

Each is imported only when it runs or when its own help is shown. Importing all of them takes longer
than the rest of ``trigger-cli --help`` (100 ms; ``benchmarks/run.py``, lane "start-up").
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from trigger_cli.cli.help import ManualPage
from trigger_cli.cli.live_inputs import with_server
from trigger_cli.cli.streams import is_write_failure
from trigger_cli.cli.variables import with_variables
from trigger_cli.root_help import COMMANDS, help_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class StreamFailedError(Exception):
    """Stdout is closed. Typer would exit with 1, which has another meaning here."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason)
        self.reason = reason


class LazyGroup(TyperGroup):
    """The group of all commands; each is made when it is looked up."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _LazyCommands()

    def make_context(self, *arguments: Any, **settings: Any) -> Any:
        """Read the command line; ``--help`` and ``--version`` answer here."""
        with _stream_failures():
            return super().make_context(*arguments, **settings)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _stream_failures():
            return super().invoke(ctx)

    def get_help(self, ctx: Any) -> str:
        """The top-level help, for which no command is imported."""
        return help_text(ctx.make_formatter().width)


@contextmanager
def _stream_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_write_failure(error):
            raise StreamFailedError(error) from None
        raise


class _LazyCommands(dict[str, Any]):
    """All names; the command of one when it is asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def get(self, name: str, default: Any = None) -> Any:
        if name in COMMANDS and self[name] is None:
            self[name] = _made(name)
        return super().get(name, default)


def _sparing_inputs(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command, which never writes over a file that it reads."""

    @wraps(function)
    def command(**given: Any) -> Any:
        from trigger_cli.cli.output import require_unread

        require_unread(given)
        return function(**given)

    return command


def _made(name: str) -> Any:
    entry = COMMANDS[name]
    module = import_module(f"trigger_cli.cli.{entry.module}")
    function: Callable[..., Any] = getattr(module, entry.function)
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    page = alone.command(name, cls=ManualPage, epilog=module.EXAMPLES, short_help=entry.summary)
    page(with_server(name, with_variables(name, _sparing_inputs(function))))
    return typer.main.get_command(alone)
