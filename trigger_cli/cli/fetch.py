"""``trigger-cli fetch``: write a server's automations and events to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.cli.options import ColorMode
from trigger_cli.cli.server_options import (
    Ago,
    ApiKey,
    ApiUrl,
    Patience,
    Profile,
    find_settings,
    read_ago,
)
from trigger_cli.times import DAY, MINUTE, SECOND

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.render.server.fetch_summary import FetchSummary
    from trigger_cli.server.api import Client
    from trigger_cli.server.fetching import Fetched
    from trigger_cli.server.filters import EventFilter
    from trigger_cli.server.journal import Journal

EXAMPLES = """\
Examples:

\b
  trigger-cli fetch --automations automations.json --output events.jsonl.zst
  trigger-cli fetch --output events.jsonl.zst --since 2h
  trigger-cli fetch --since 30m --event prefect.flow-run. | trigger-cli replay triggers.json -
  trigger-cli fetch --automations automations.json --no-events --profile cloud
"""
_DEFAULT_SINCE = Ago(DAY, before_now=True)


class FetchFormat(StrEnum):
    """How to show what was fetched."""

    table = "table"
    json = "json"


class CompressionName(StrEnum):
    """How to compress a new file."""

    none = "none"
    gz = "gz"
    zst = "zst"


def fetch(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write events to this file, or append new ones to it. .zst and .gz compress."
            "  [default: stdout]",
            show_default=False,
        ),
    ] = None,
    automations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the automations to this file.", show_default=False
        ),
    ] = None,
    events: Annotated[bool, typer.Option("--events/--no-events", help="Fetch events.")] = True,
    since: Annotated[
        Ago | None,
        typer.Option(
            parser=read_ago,
            metavar="TIME",
            help="Events from this on: RFC 3339, or 2h before now. An existing file is"
            " continued from its end.  [default: 1d]",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        Ago | None,
        typer.Option(
            parser=read_ago,
            metavar="TIME",
            help="Events up to this.  [default: now]",
            show_default=False,
        ),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PREFIX",
            help="Only events whose name starts with this; a * at its end is ignored. Repeatable.",
            show_default=False,
        ),
    ] = None,
    resource: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only events of the resource with this id. Repeatable.",
            show_default=False,
        ),
    ] = None,
    compress: Annotated[
        CompressionName | None,
        typer.Option(
            help="How to compress a new file.  [default: by its suffix]", show_default=False
        ),
    ] = None,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
    profile: Profile = None,
    patience: Patience = 2 * MINUTE,
    output_format: Annotated[
        FetchFormat, typer.Option("--format", "-f", help="How to show what was fetched.")
    ] = FetchFormat.table,
    save: shared.SavedView = None,
    color: shared.Color = ColorMode.auto,
    width: shared.Width = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")] = False,
) -> None:
    """Fetch automations and events from a Prefect server or Cloud.

    The events come as JSON Lines, oldest first. Run it again with the same file to fetch new
    events; it resumes after any interruption. The server is the one that PREFECT_API_URL or your
    Prefect profile names.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.output import make_stderr
    from trigger_cli.cli.saving import consoles, require_view
    from trigger_cli.cli.wall_clock import WallClock
    from trigger_cli.render.common.plain_json import json_document
    from trigger_cli.render.server.fetch_summary import FetchSummary, render_summary, summary_object
    from trigger_cli.server.api import Client, ServerError
    from trigger_cli.server.filters import EventFilter

    is_table = output_format is FetchFormat.table and not quiet
    require_view(save, shows_one=is_table, output_format="json" if not quiet else "none")
    if not events and automations is None:
        raise CommandError("there is nothing to fetch", USAGE, "name a file with --automations")
    if output is None and compress is not None:
        raise CommandError("--compress needs a file: --output FILE", USAGE)
    if str(output) == "-":
        output = None
    settings = find_settings(api_url, api_key, profile)
    stderr = make_stderr(color)
    clock = WallClock()
    now = clock.instant()
    # With a later instant, the next run would skip events up to then.
    last = min(now, until.resolve(now) if until else now)
    first = (since or _DEFAULT_SINCE).resolve(now)
    if first > last:
        raise CommandError("--since lies after --until", USAGE)
    wanted = EventFilter(tuple(one.removesuffix("*") for one in event or []), tuple(resource or []))
    summary = FetchSummary(settings.url)
    interrupted = False

    def notice(text: str) -> None:
        if not quiet:
            stderr.print(text, style="yellow", soft_wrap=True)

    with Client(settings, clock, patience=patience / SECOND, notice=notice) as client:
        try:
            if automations is not None:
                _write_automations(client, automations, summary)
            if events:
                with _progress(stderr, wanted=not quiet) as progress:
                    _fetch_events(
                        client,
                        wanted,
                        output,
                        compress,
                        first,
                        last,
                        asked=since is not None,
                        summary=summary,
                        progress=progress,
                    )
        except ServerError as error:
            raise CommandError(str(error), LOG, error.help_text) from None
        except KeyboardInterrupt:
            interrupted = True
    if not quiet:
        # If events go to stdout, the summary must not.
        file = sys.stderr if events and output is None else sys.stdout
        if is_table:
            title = "trigger-cli fetch"
            for console in consoles(file, color=color, width=width, save=save, title=title):
                render_summary(summary, console)
        else:
            file.write(json_document(summary_object(summary)))
    if interrupted:
        stderr.print("interrupted; run it again to continue", soft_wrap=True)
    raise typer.Exit(INTERRUPTED if interrupted else 0)


def _write_automations(client: Client, path: Path, summary: FetchSummary) -> None:
    from trigger_cli.cli.output import open_output
    from trigger_cli.server.journal import document_of

    found = client.automations()
    with open_output(path) as file:
        file.write(document_of(found))
    summary.automations, summary.automations_file = len(found), str(path)


# --- Events --------------------------------------------------------------------------------------


def _fetch_events(
    client: Client,
    wanted: EventFilter,
    output: Path | None,
    compress: CompressionName | None,
    first: int,
    last: int,
    *,
    asked: bool,
    summary: FetchSummary,
    progress: Callable[[Fetched], None],
) -> None:
    from trigger_cli.server.fetching import fetch_events

    if output is None:
        sink = _Stdout()
        summary.since, summary.until = first, last
        count = fetch_events(
            client,
            sink,
            wanted,
            first,
            last,
            progress=progress,
            again=lambda: sink.seen.is_whole,
        )
        summary.take(received=count.received, new=count.new, missing=count.missing)
        return
    with _journal(output, compress) as journal:
        start = _start(journal, client.settings.url, wanted, first, asked=asked)
        summary.since, summary.until, summary.events_file = start, last, str(output)
        summary.held, summary.repaired = journal.events, journal.torn
        if start > last:
            return
        try:
            count = fetch_events(
                client,
                journal,
                wanted,
                start,
                last,
                progress=progress,
                again=lambda: journal.seen.is_whole,
            )
            summary.take(received=count.received, new=count.new, missing=count.missing)
        finally:
            summary.new = journal.events - summary.held


@contextmanager
def _journal(path: Path, compress: CompressionName | None) -> Iterator[Journal]:
    """The open file; fetched events are written to it in any case."""
    from trigger_cli.server.frames import Compression
    from trigger_cli.server.journal import Journal, JournalError

    try:
        journal = Journal(path, None if compress is None else Compression(compress.value))
        try:
            yield journal
        finally:
            journal.close()
    except JournalError as error:
        raise CommandError(str(error), USAGE, error.help_text) from None
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(f"cannot write {path}: {reason}", USAGE) from None


def _start(journal: Journal, api: str, wanted: EventFilter, first: int, *, asked: bool) -> int:
    """From when to fetch, so that the file has neither a gap nor events of another source.

    Raises:
        CommandError: The file is from another source, or begins later than wanted.
    """
    from trigger_cli.server.seen import OVERLAP
    from trigger_cli.times import format_instant, parse_instant

    origin = journal.origin()
    since = first
    if origin is not None:
        other = "give --output another name; a replay takes several logs as one"
        if origin.get("api") != api and journal.events:
            raise CommandError(f"{journal.path} was fetched from {origin.get('api')}", USAGE, other)
        if origin.get("filter") != wanted.describe() and journal.events:
            raise CommandError(f"{journal.path} was fetched with other filters", USAGE, other)
        if journal.events:
            since = parse_instant(str(origin.get("since")))
            if asked and first < since:
                began = format_instant(since)
                raise CommandError(f"{journal.path} begins only at {began}", USAGE, other)
    latest = journal.seen.latest
    if origin is None or not journal.events:
        journal.set_origin(
            api, since if latest is None else journal.first or since, wanted.describe()
        )
    return since if latest is None else max(since, latest - OVERLAP)


class _Stdout:
    """Events on stdout, one a line."""

    def __init__(self) -> None:
        from trigger_cli.server.seen import SeenIds

        self.seen = SeenIds()

    def add(self, record: Mapping[str, Any]) -> bool:
        """Write an event, unless it was written already."""
        from trigger_cli.server.journal import identity, line_of

        if not self.seen.add(*identity(record)):
            return False
        sys.stdout.buffer.write(line_of(record))
        sys.stdout.buffer.flush()
        return True


@contextmanager
def _progress(stderr: Console, *, wanted: bool) -> Iterator[Callable[[Fetched], None]]:
    if not wanted or not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("fetching"), BarColumn(), MofNCompleteColumn(), TextColumn("events"))
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("fetching", total=None)
        yield lambda count: bar.update(task, total=count.total, completed=count.received)
