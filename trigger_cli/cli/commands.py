"""The commands, by name: each is imported only when it runs or its own help is asked for.

To import all of them takes longer than all that ``trigger-cli --help`` has to do (100 ms;
``benchmarks/run.py``, lane "--help").
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable


class _Entry(NamedTuple):
    module: str
    """Below `trigger_cli.cli`; it has the command's `EXAMPLES` too."""
    function: str
    summary: str


COMMANDS = {
    "replay": _Entry("replay", "replay", "Replay a log: state transitions, firings and timelines."),
    "explain": _Entry("explain", "explain", "Say why a trigger fired or did not fire."),
    "debug": _Entry("debug", "debug", "Step through a replay, forwards and backwards."),
    "lint": _Entry("lint", "lint", "Find triggers that do not do what they say."),
    "rule": _Entry("rule", "rule", "Explain a rule of the linter."),
    "schema": _Entry("schema", "schema", "Print the JSON Schema of trigger definitions."),
    "capture": _Entry("capture", "capture", "Cut a small test out of a log."),
    "test": _Entry("test", "run_tests", "Run unit tests of triggers."),
    "audit": _Entry("audit", "audit", "Hold a server's own firings against the simulated ones."),
    "sweep": _Entry("sweep", "sweep", "Replay a grid of a trigger's variants in one pass."),
    "diff": _Entry("diff", "diff", "Compare two definitions, dialects or orders on one log."),
    "fetch": _Entry("fetch", "fetch", "Fetch automations and events from a Prefect server."),
    "watch": _Entry(
        "watch", "watch", "Run triggers on a server's live events, or on a log that grows."
    ),
    "doctor": _Entry(
        "doctor", "doctor", "Check versions, terminal, time zone, server and definitions."
    ),
    "events": _Entry("events", "events", "Show what is in a log, and suggest a trigger."),
}


class LazyGroup(TyperGroup):
    """The group of all commands, which makes each when it is looked up."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _LazyCommands()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands with their summaries, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


class _LazyCommands(dict[str, Any]):
    """All names; the command of one when it is asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def get(self, name: str, default: Any = None) -> Any:
        if name in COMMANDS and self[name] is None:
            self[name] = _made(name)
        return super().get(name, default)


def _made(name: str) -> Any:
    entry = COMMANDS[name]
    module = import_module(f"trigger_cli.cli.{entry.module}")
    function: Callable[..., Any] = getattr(module, entry.function)
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    alone.command(name, epilog=module.EXAMPLES, short_help=entry.summary)(function)
    return typer.main.get_command(alone)
