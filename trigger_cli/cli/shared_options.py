"""Options of every command that replays a log, declared once."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from trigger_cli.cli.options import (
    ColorMode,
    DialectName,
    LabelValue,
    Order,
    read_duration,
    read_label,
    read_moment,
    read_saved,
    read_zone,
)
from trigger_cli.times import TimePoint

LogPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--log",
        "-l",
        metavar="LOG",
        help="A log: path, glob, or - for stdin. JSON Lines, a JSON array, an API page or"
        " `prefect event stream` output, plain or gzip, bzip2, xz, zstandard. Repeatable.",
        show_default=False,
    ),
]
DialectChoice = Annotated[
    DialectName,
    typer.Option(
        help="Whose rules hold: docs as the documentation promises, server-3.9 as the open-source"
        " server of that version does (server: the newest), auto as the server that the"
        " automations were fetched from, else docs."
    ),
]
OrderChoice = Annotated[
    Order, typer.Option(help="Take events by time of occurrence, of receipt, or as logged.")
]
Start = Annotated[
    TimePoint | None,
    typer.Option(
        parser=read_moment,
        metavar="TIME",
        help="Where the clock starts: RFC 3339, or +5m after the log's start."
        "  [default: the first event]",
        show_default=False,
    ),
]
Until = Annotated[
    TimePoint | None,
    typer.Option(
        parser=read_moment,
        metavar="TIME",
        help="Where the replay ends; later deadlines are pending.  [default: the last event]",
        show_default=False,
    ),
]
UntilQuiet = Annotated[
    bool, typer.Option("--until-quiet", help="Continue until no deadline is pending.")
]
TakenFrom = Annotated[
    TimePoint | None,
    typer.Option(
        "--from",
        parser=read_moment,
        metavar="TIME",
        help="Take only events from this on.",
        show_default=False,
    ),
]
TakenTo = Annotated[
    TimePoint | None,
    typer.Option(
        "--to",
        parser=read_moment,
        metavar="TIME",
        help="Take only events up to this.",
        show_default=False,
    ),
]
BucketLabels = Annotated[
    list[LabelValue] | None,
    typer.Option(
        parser=read_label,
        metavar="LABEL=VALUE",
        help="Only buckets with this label of their key. Repeatable.",
        show_default=False,
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file.", show_default=False),
]
SavedView = Annotated[
    Path | None,
    typer.Option(
        "--save",
        parser=read_saved,
        metavar="FILE",
        help="Also save what is shown as a picture (.svg), a page (.html) or text (.txt), 120"
        " columns wide where there is no terminal and no --width. The file is in colour;"
        " --color and NO_COLOR are for the terminal.",
        show_default=False,
    ),
]
RowLimit = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Rows of each table.  [default: what fits]", show_default=False
    ),
]
ExpiredBucketBuffer = Annotated[
    int,
    typer.Option(
        parser=read_duration,
        metavar="DURATION",
        help="How long the server keeps a bucket past its end.  [default: 60s]",
        show_default=False,
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="A malformed log line is a failure (exit 3).")
]
Zone = Annotated[
    tzinfo,
    typer.Option(
        parser=read_zone,
        metavar="ZONE",
        help="Time zone of the tables.  [default: UTC]",
        show_default=False,
    ),
]
Color = Annotated[ColorMode, typer.Option(help="Colour; auto heeds NO_COLOR and FORCE_COLOR.")]
Width = Annotated[
    int | None,
    typer.Option(min=20, metavar="N", help="Columns of the tables.", show_default=False),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show more.")]
