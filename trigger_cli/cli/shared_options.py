"""Options of several commands, declared once, and readers of their values."""

import inspect
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import typer
from msgspec import Struct

from trigger_cli.cli.completion import complete_automation, complete_zone
from trigger_cli.model import DeliveryOrder
from trigger_cli.times import (
    SHOWN_FORMS,
    TimePoint,
    parse_duration,
    parse_shown_end,
    parse_shown_time,
)

_T = TypeVar("_T")
_SHOWN = 200
"""The most characters of a value that an error message shows."""

DialectName: TypeAlias = Literal[
    "auto",
    "docs",
    "docs-2026-08",
    "server",
    "server-3.9",
    "server-3.8",
    "server-3.6",
    "server-3.4",
]
ColorMode: TypeAlias = Literal["auto", "always", "never"]
TableOrJson: TypeAlias = Literal["table", "json"]


# --- Values ----------------------------------------------------------------------------------


def reader(parse: Callable[[str], _T]) -> Callable[[str | _T], _T]:
    """A reader for ``typer.Option(parser=…)`` whose errors state what was expected."""

    def read(text: str | _T) -> _T:
        # Defaults are not converted.
        if not isinstance(text, str):
            return text
        try:
            return parse(text)
        except ValueError as error:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            raise typer.BadParameter(f"{shown!r} is {error}.") from None

    return read


_FIXED = re.compile(r"(?:UTC)?([+-])(\d\d):?(\d\d)?")
_LOCALTIME = Path("/etc/localtime")


def _parse_zone(text: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    if text.upper() in {"UTC", "Z"}:
        return UTC
    if text.lower() == "local":
        return _local_zone()
    try:
        if fixed := _FIXED.fullmatch(text):
            offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
            return timezone(-offset if fixed[1] == "-" else offset)
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("no known time zone; try UTC, Europe/Berlin, +02:00 or local") from None


def _local_zone() -> tzinfo:
    """The machine's time zone: that of TZ, else the system's."""
    from zoneinfo import ZoneInfo

    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        name = str(_LOCALTIME.resolve()).rpartition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no file has this name, or there is no zone database
        return datetime.now(UTC).astimezone().tzinfo or UTC


class LabelValue(Struct, frozen=True):
    """A label and the value it must have."""

    label: str
    value: str


def _parse_label(text: str) -> LabelValue:
    label, equals, value = text.partition("=")
    if not equals or not label:
        raise ValueError("not of the form LABEL=VALUE")
    return LabelValue(label, value)


def _parse_variable(text: str) -> LabelValue:
    from trigger_cli.definitions.templates import is_variable_name

    name, equals, value = text.partition("=")
    if not equals or not is_variable_name(name):
        raise ValueError("not of the form NAME=VALUE")
    return LabelValue(name, value)


def _parse_written(text: str) -> Path:
    # A path forgets a slash at its end, and the folder would become a file.
    if text.endswith(("/", os.sep)):
        raise ValueError("a folder, expected a file: name one in it")
    return Path(text)


def _parse_saved(text: str) -> Path:
    path = _parse_written(text)
    if path.suffix.lower() not in {".svg", ".html", ".txt"}:
        raise ValueError("no file to save a view in; its name must end in .svg, .html or .txt")
    return path


def with_options(
    command: Callable[..., Any],
    parameters: Iterable[inspect.Parameter],
    options: Mapping[str, tuple[Any, Any]],
) -> Callable[..., Any]:
    """A command with these parameters, followed by the options.

    Args:
        command: The wrapper of a command's function.
        parameters: The parameters of that function.
        options: Annotation and default of each option, by name.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    all_of_them = [
        *parameters,
        *(
            inspect.Parameter(name, kind, default=default, annotation=annotation)
            for name, (annotation, default) in options.items()
        ),
    ]
    command.__signature__ = inspect.Signature(all_of_them)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in all_of_them}
    del command.__wrapped__  # type: ignore[attr-defined]  # its signature is not this one's
    return command


# --- Options ---------------------------------------------------------------------------------


def argument(metavar: str, help_text: str, **settings: Any) -> Any:
    """An argument without a default; `settings` are more arguments of ``typer.Argument``."""
    return typer.Argument(metavar=metavar, help=help_text, show_default=False, **settings)


def valued(metavar: str, help_text: str, *names: str, **settings: Any) -> Any:
    """An option with a value; its help states the default.

    Args:
        metavar: The placeholder for the value.
        help_text: The help.
        names: The names of the option, if they differ from the parameter's.
        settings: More arguments of ``typer.Option``.
    """
    return typer.Option(*names, metavar=metavar, help=help_text, show_default=False, **settings)


def instant(help_text: str, *names: str) -> Any:
    """An option for a time: RFC 3339, as tables show it, or after the log's start."""
    return valued("TIME", help_text, *names, parser=reader(parse_shown_time))


def last_instant(help_text: str, *names: str) -> Any:
    """As `instant`, for an upper limit: a time as tables print it includes its last second."""
    return valued("TIME", help_text, *names, parser=reader(parse_shown_end))


def duration(help_text: str, *names: str) -> Any:
    """An option for a duration, in µs."""
    return valued("DURATION", help_text, *names, parser=reader(parse_duration))


def written(help_text: str, *names: str) -> Any:
    """An option for a file to write."""
    return valued("FILE", help_text, *names, parser=reader(_parse_written))


def formats(help_text: str = "How to show it.") -> Any:
    """The option ``--format``."""
    return typer.Option("--format", "-f", help=help_text)


def quiet(help_text: str) -> Any:
    """The option ``--quiet``."""
    return typer.Option("--quiet", "-q", help=help_text)


_TRIGGERS = argument(
    "TRIGGERS",
    "Definitions: files, folders, globs, or - for stdin. Without --log, two arguments are"
    " TRIGGERS and LOG.",
)
TriggerPaths = Annotated[list[str], _TRIGGERS]
OptionalTriggerPaths = Annotated[list[str] | None, _TRIGGERS]
LogPaths = Annotated[
    list[str] | None,
    valued(
        "LOG",
        "A log: path, glob, or - for stdin. JSON Lines, a JSON array, an API page or"
        " `prefect event stream` output, plain or gzip, bzip2, xz, zstandard. Repeatable.",
        "--log",
        "-l",
    ),
]


def automations(help_text: str) -> Any:
    """The option ``--automation``."""
    return valued("GLOB", help_text, "--automation", autocompletion=complete_automation)


ShownAutomations = Annotated[
    list[str] | None, automations("Show only automations whose name matches this glob. Repeatable.")
]
_DIALECTS = (
    "The rules to apply: docs or docs-2026-08 as the documentation promises; server-3.9, server-3.8,"
    " server-3.6 or server-3.4 as the open-source server of that version does (server: the newest);"
    " auto as the server that the automations were fetched from, else"
)
DialectChoice = Annotated[DialectName, typer.Option(metavar="DIALECT", help=f"{_DIALECTS} docs.")]
RecordedDialect = Annotated[
    DialectName,
    typer.Option(
        metavar="DIALECT",
        help=f"{_DIALECTS} the version that the log shows, else the newest server.",
    ),
]
OrderChoice = Annotated[
    DeliveryOrder,
    typer.Option(help="Take events by time of occurrence, of receipt, or as logged."),
]
Start = Annotated[
    TimePoint | None,
    instant(f"Where the clock starts: {SHOWN_FORMS}.  [default: the first event]"),
]
Until = Annotated[
    TimePoint | None,
    last_instant("Where the replay ends; later deadlines are pending.  [default: the last event]"),
]
UntilQuiet = Annotated[
    bool, typer.Option("--until-quiet", help="Continue until no deadline is pending.")
]
TakenFrom = Annotated[
    TimePoint | None, instant(f"Take only events from this on: {SHOWN_FORMS}.", "--from")
]
TakenTo = Annotated[
    TimePoint | None, last_instant("Take only events up to this; forms as of --from.", "--to")
]
BucketLabels = Annotated[
    list[LabelValue] | None,
    valued(
        "LABEL=VALUE",
        "Only buckets whose key has this label with this value. Repeatable.",
        parser=reader(_parse_label),
    ),
]
Format = Annotated[TableOrJson, formats()]
OutputFile = Annotated[Path | None, written("Write to this file.", "--output", "-o")]
SavedView = Annotated[
    Path | None,
    valued(
        "FILE",
        "Also save what is shown as a picture (.svg), a page (.html) or text (.txt), 120"
        " columns wide where there is no terminal and no --width. The file is in colour;"
        " --color and NO_COLOR are for the terminal.",
        "--save",
        parser=reader(_parse_saved),
    ),
]
RowLimit = Annotated[int | None, valued("N", "Rows of each table.  [default: what fits]", min=1)]
ExpiredBucketBuffer = Annotated[
    int, duration("How long the server keeps a bucket past its end.  [default: 60s]")
]
Variables = Annotated[
    list[LabelValue] | None,
    valued(
        "NAME=VALUE",
        "What {{ prefect.variables.NAME }} stands for in definitions, as JSON or text. Repeatable.",
        "--var",
        parser=reader(_parse_variable),
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="A malformed log line is an error (exit 3).")
]
Zone = Annotated[
    tzinfo,
    valued(
        "ZONE",
        "Time zone of the tables, and of times given without one: Europe/Berlin, +02:00, local."
        "  [default: UTC]",
        parser=reader(_parse_zone),
        autocompletion=complete_zone,
    ),
]
Color = Annotated[ColorMode, typer.Option(help="Colour; auto respects NO_COLOR and FORCE_COLOR.")]
Width = Annotated[int | None, valued("N", "Columns of the tables.", min=20)]
PlainWidth = Annotated[int | None, valued("N", "Columns.", min=20)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show more.")]
