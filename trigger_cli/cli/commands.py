"""The commands by name.

A command is imported only when it runs or when its help is shown. Importing all commands takes
longer than the rest of ``trigger-cli --help`` (100 ms; ``benchmarks/run.py``, lane "start-up").
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.help import ManualPage
from trigger_cli.cli.live_inputs import with_server
from trigger_cli.cli.parameters import choices_of, quickly_converted
from trigger_cli.cli.streams import is_write_failure
from trigger_cli.cli.variables import with_variables
from trigger_cli.root_help import COMMANDS, FIRST_STEPS, VERSION_OPTION, help_text
from trigger_cli.times import TimePoint
from trigger_cli.vocabulary import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class StreamFailedError(Exception):
    """Stdout is closed. Typer would exit with 1, which has another meaning here."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason)
        self.reason = reason


class LazyGroup(TyperGroup):
    """The group of all commands; each is created when it is looked up."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _LazyCommands()

    def get_params(self, ctx: Any) -> list[Any]:
        """The options."""
        return quickly_converted(super().get_params(ctx))

    def make_context(self, *arguments: Any, **settings: Any) -> Any:
        """Read the command line; ``--help`` and ``--version`` answer here."""
        with _stream_failures(), _usage_errors():
            return super().make_context(*arguments, **settings)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _stream_failures(), _usage_errors():
            return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The first steps, the options and the commands."""
        with formatter.section("First steps"):
            formatter.write_dl(list(FIRST_STEPS.items()))
        super().format_options(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names."""
        if args[0] not in COMMANDS:
            words = {"version": VERSION_OPTION, "help": "--help", "completion": "--show-completion"}
            near = words.get(args[0]) or nearest(args[0], COMMANDS, likeness=0.6)
            raise CommandError(
                f"there is no command {args[0]}",
                USAGE,
                f"did you mean {near}?" if near else "`trigger-cli --help` lists the commands",
            )
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: Any) -> str:
        """The top-level help; no command is imported for it."""
        return help_text(ctx.make_formatter().width)


@contextmanager
def _stream_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_write_failure(error):
            raise StreamFailedError(error) from None
        raise


_UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""The error that typer raises for a wrong command line."""


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Report a wrong command line in the form of all other errors.

    Raises:
        CommandError: The command line is wrong.
    """
    try:
        yield
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help
            raise
        raise _told(error) from None


def _told(error: Any) -> CommandError:
    """The error as a `CommandError`: the problem, and advice."""
    # From typer 0.29 on, pydantic adds the kind of error.
    found = error.format_message().rstrip(".").replace("': Value error, ", "': ", 1)
    for said, plain in _PLAIN:
        found = said.sub(plain, found)
    if error.ctx is None:
        return CommandError(f"{found[:1].lower()}{found[1:]}", USAGE)
    command, group = error.ctx.command, error.ctx.find_root().command
    advice = " ".join(command.get_usage(error.ctx).split()).replace("Usage", "usage", 1)
    if found.startswith("No such option"):
        option = error.option_name
        found = f"there is no option {option}"
        here = set(_options(command)) - _NEVER_SUGGESTED
        others = [name for name in COMMANDS if option in _options(group.commands.get(name))]
        near = MEANT.get(command.name, {}).get(option)
        # An option of other commands is not a spelling mistake.
        if near is None and option.startswith("--") and not others:
            near = nearest(option, sorted(here))
        if near:
            advice = f"did you mean {near}?"
        elif others:
            advice = f"{option} is an option of {', '.join(others)}; {advice}"
    elif extra := _EXTRA.match(found):
        found = f"unexpected argument: {extra[1]}"
        advice = _NO_ARGUMENT.get(command.name, advice)
    elif getattr(error, "param", None) is not None and error.param.param_type_name == "option":
        option = error.param.opts[0]
        advice = _dialect_advice(option, found) or (
            f"`{error.ctx.command_path} --help` explains {option}"
        )
    return CommandError(f"{found[:1].lower()}{found[1:]}", USAGE, advice)


def _dialect_advice(option: str, found: str) -> str | None:
    """Advice where the error is about a server's version that is no dialect."""
    given = _GIVEN.search(found)
    if given is None or option not in {"--dialect", "--between"}:
        return None
    from trigger_cli.dialects import advice_for

    return advice_for(given[1])


def _options(command: Any) -> list[str]:
    return [option for one in command.params for option in (*one.opts, *one.secondary_opts)]


class _LazyCommands(dict[str, Any]):
    """All command names; a command is created when it is looked up."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def get(self, name: str, default: Any = None) -> Any:
        if name in COMMANDS and self[name] is None:
            self[name] = _made(name)
        return super().get(name, default)


OLD_OPTIONS = {
    "fetch": {"--event": "--name", "--until": "--to"},
    "watch": {"--for": "--duration"},
}
"""Old names of options that still work, by command."""


MEANT = {"audit": {"--start": "--from"}, "diff": {"--dialects": "--between"}}
"""Options that a command lacks, and what to use instead, by command."""
_NEVER_SUGGESTED = {"--automations"}
"""Options that write a file although their names do not say so."""
_PLAIN = (
    (re.compile(r"\S+ is not in the range x>=(\S+)"), r"expected \1 or more"),
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"expected \1 or more"),
    (re.compile(r"Input should be less than or equal to (\S+)"), r"expected \1 or less"),
    (re.compile(r"Input should be a valid integer.*"), "expected a whole number"),
    (re.compile(r"Input should be a valid number.*"), "expected a number"),
)
"""Messages of typer, and of pydantic from typer 0.29 on, and how they are reported."""
_GIVEN = re.compile(r"'([^']*)' is (?:not one of|neither)")
_EXTRA = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)")
_MAY_BE_EMPTY = {"--select", "--ignore", "--run"}
"""Options that choose nothing in particular where their value is empty."""
_NO_ARGUMENT = {
    "fetch": "--name PREFIX chooses events by their name; --output FILE names the file for them"
}
"""Advice about an argument of a command that takes none, by command."""


class _Command(ManualPage):
    """A command that never overwrites a file that it reads.

    Without ``--format``, the output's file name decides the format.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; replaces old names of options.

        Raises:
            CommandError: A name is empty, which would stand for this folder, or for any resource.
        """
        for before, arg in zip(["", *args], args, strict=False):
            if not (arg or ctx.resilient_parsing or before in _MAY_BE_EMPTY):
                where = f" after {before}" if before.startswith("-") else ""
                advice = "a variable of the shell that is not set gives an empty argument"
                raise CommandError(f"there is an empty argument{where}", USAGE, advice)
        old = OLD_OPTIONS.get(str(self.name), {})
        for place, arg in enumerate(args):
            name, equals, value = arg.partition("=")
            if name in old:
                args[place] = f"{old[name]}{equals}{value}"
                typer.echo(f"note: {name} was renamed to {old[name]}", err=True)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        from trigger_cli.cli.output import keeping_what_is_read

        with keeping_what_is_read(ctx.params):
            self._prepare(ctx)
            return super().invoke(ctx)

    def _prepare(self, ctx: Any) -> None:
        """Put times into the zone, and choose the format by the name of the output."""
        from trigger_cli.cli.output import format_by_ending

        zone = ctx.params.get("tz") or UTC
        for name, value in ctx.params.items():
            if isinstance(value, TimePoint):
                ctx.params[name] = value.in_zone(zone)
        if any(isinstance(one, TimePoint) and one.lacks for one in ctx.params.values()):
            from trigger_cli.cli.log_dates import dated

            ctx.params.update(dated(ctx.params))
        output = ctx.params.get("output")
        by_name = {str(one.name): one for one in self.params}
        # The output file of `fetch` is a log; its `--format` is for the summary.
        if output and "output_format" in by_name and self.name != "fetch":
            source = ctx.get_parameter_source("output_format")
            if source is None or source.name != "COMMANDLINE":
                formats = choices_of(by_name["output_format"])
                form = format_by_ending(Path(output), formats, by_name)
                ctx.params["output_format"] = form


def _made(name: str) -> Any:
    module = import_module(f"trigger_cli.cli.{name}")
    # Tools take a function `test` for one of pytest's.
    function: Callable[..., Any] = getattr(module, "run_tests" if name == "test" else name)
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    page = alone.command(name, cls=_Command, epilog=module.EXAMPLES, short_help=COMMANDS[name])
    page(with_server(name, with_variables(name, function)))
    return typer.main.get_command(alone)
