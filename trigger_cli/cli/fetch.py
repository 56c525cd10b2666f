"""``trigger-cli fetch``: write a server's automations and events to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.cli.server_options import (
    ApiKey,
    ApiUrl,
    Patience,
    Profile,
    WallClock,
    ago,
    find_settings,
)
from trigger_cli.times import DAY, MINUTE, SECOND, TimePoint, format_instant, parse_instant

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.render.server.fetch_summary import FetchSummary
    from trigger_cli.server.api import Client, EventFilter
    from trigger_cli.server.fetching import Fetched
    from trigger_cli.server.journal import Journal
    from trigger_cli.server.settings import ServerSettings

EXAMPLES = """\
Examples:

\b
  trigger-cli fetch --automations automations.json --output events.jsonl.zst
  trigger-cli fetch --output events.jsonl.zst --since 2h
  trigger-cli fetch --since 30m --name prefect.flow-run. | trigger-cli replay triggers.json -
  trigger-cli fetch --automations automations.json --no-events --profile cloud
"""
DEFAULT_SINCE = TimePoint(-DAY, after_start=True)
_PATIENCE = 20.0
"""The timeout for a server in a command with ``--server``, seconds."""

CompressionName: TypeAlias = Literal["none", "gz", "zst"]


def fetch(
    output: Annotated[
        Path | None,
        shared.written(
            "Write events to this file, or append new ones to it. .zst and .gz compress."
            "  [default: stdout]",
            "--output",
            "-o",
        ),
    ] = None,
    automations: Annotated[
        Path | None, shared.written("Write the automations to this file.")
    ] = None,
    events: Annotated[bool, typer.Option("--events/--no-events", help="Fetch events.")] = True,
    since: Annotated[
        TimePoint | None,
        ago(
            "Events from this on: RFC 3339, or 2h before now. An existing file is"
            " continued from its end.  [default: 1d]"
        ),
    ] = None,
    until: Annotated[TimePoint | None, ago("Events up to this.  [default: now]", "--to")] = None,
    event: Annotated[
        list[str] | None,
        shared.valued(
            "PREFIX",
            "Only events whose name starts with this; a * at its end is ignored. Repeatable.",
            "--name",
        ),
    ] = None,
    resource: Annotated[
        list[str] | None,
        shared.valued("ID", "Only events of the resource with this id. Repeatable."),
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
        shared.TableOrJson, shared.formats("How to show what was fetched.")
    ] = "table",
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("No progress, no summary.")] = False,
) -> None:
    """Fetch automations and events from a Prefect server or Cloud.

    The events come as JSON Lines, oldest first. Run it again with the same file to fetch new
    events; it resumes after any interruption. The server is the one that PREFECT_API_URL or your
    Prefect profile names.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.output import consoles, make_stderr, require_view, write_json
    from trigger_cli.render.server.fetch_summary import FetchSummary, render_summary, summary_object
    from trigger_cli.server.api import Client, EventFilter, ServerError

    is_table = output_format == "table" and not quiet
    require_view(save, shows_one=is_table, output_format="json" if not quiet else "none")
    if not events and automations is None:
        raise CommandError("there is nothing to fetch", USAGE, "name a file with --automations")
    if output is None and compress is not None:
        raise CommandError("--compress needs a file: --output FILE", USAGE)
    if str(output) == "-":
        output = None
    try:
        "".join([*(event or []), *(resource or [])]).encode()
    except UnicodeEncodeError:
        raise CommandError("--name and --resource must be UTF-8 text", USAGE) from None
    settings = find_settings(api_url, api_key, profile)
    stderr = make_stderr(color)
    clock = WallClock()
    now = clock.instant()
    # With a later end, the next run would skip the events up to it.
    last = min(now, until.resolve(now) if until else now)
    first = (since or DEFAULT_SINCE).resolve(now)
    if first > last:
        raise CommandError("--since lies after --to", USAGE)
    wanted = EventFilter(tuple(one.removesuffix("*") for one in event or []), tuple(resource or []))
    summary = FetchSummary(settings.url)
    interrupted = False

    notice = _notice(stderr, quiet=quiet)
    with Client(settings, clock, patience=patience / SECOND, notice=notice) as client:
        try:
            if automations is not None:
                _fetch_automations(client, automations, summary)
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
        # If events go to stdout, the summary goes to stderr.
        out = sys.stderr if events and output is None else sys.stdout
        if is_table:
            for console in consoles(out, "fetch", color=color, width=width, save=save):
                render_summary(summary, console)
        else:
            write_json(out, summary_object(summary))
    if interrupted:
        stderr.print("interrupted; run it again to continue", soft_wrap=True)
    raise typer.Exit(INTERRUPTED if interrupted else 0)


def fetch_to(
    automations: Path,
    output: Path,
    settings: ServerSettings,
    first: int,
    last: int,
    stderr: Console,
    *,
    quiet: bool,
) -> FetchSummary:
    """Fetch all automations, and the events from `first` to `last`, µs, into new files.

    Raises:
        CommandError: The server cannot be reached, or refuses the request.
    """
    from trigger_cli.render.server.fetch_summary import FetchSummary
    from trigger_cli.server.api import Client, EventFilter, ServerError

    summary = FetchSummary(settings.url)
    try:
        with (
            Client(
                settings, WallClock(), patience=_PATIENCE, notice=_notice(stderr, quiet=quiet)
            ) as client,
            _progress(stderr, wanted=not quiet) as progress,
        ):
            _fetch_automations(client, automations, summary)
            _fetch_events(
                client,
                EventFilter(),
                output,
                None,
                first,
                last,
                asked=True,
                summary=summary,
                progress=progress,
            )
    except ServerError as error:
        raise CommandError(str(error), LOG, error.help_text) from None
    return summary


def fetch_automations(path: Path, settings: ServerSettings) -> None:
    """Fetch all automations into a new file.

    Raises:
        CommandError: The server cannot be reached, or refuses the request.
    """
    from trigger_cli.render.server.fetch_summary import FetchSummary
    from trigger_cli.server.api import Client, ServerError

    try:
        with Client(settings, WallClock(), patience=_PATIENCE) as client:
            _fetch_automations(client, path, FetchSummary(settings.url))
    except ServerError as error:
        raise CommandError(str(error), LOG, error.help_text) from None


def _notice(stderr: Console, *, quiet: bool) -> Callable[[str], None] | None:
    """Shows what the client does meanwhile, such as waiting."""
    from trigger_cli.render.common.inert import inert

    return (
        None
        if quiet
        else lambda text: stderr.print(inert(text, 1_000), style="yellow", soft_wrap=True)
    )


def _fetch_automations(client: Client, path: Path, summary: FetchSummary) -> None:
    from trigger_cli.cli.output import open_output
    from trigger_cli.server.companion import write_companion
    from trigger_cli.server.journal import UnkeepableError, document_of

    found = client.automations()
    try:
        document = document_of(found)
    except UnkeepableError as error:
        raise CommandError(f"an automation of {client.settings.url} {error}", LOG) from None
    with open_output(path) as file:
        file.write(document)
    if path.is_file():
        write_companion(path, api=client.settings.url, version=client.known_version())
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

    def fetch_into(
        sink: _Stdout | Journal, since: int, doubt: Callable[[bool], None] = lambda _: None
    ) -> None:
        summary.since, summary.until = since, last
        if since > last:
            begins, ends = format_instant(since), format_instant(last)
            client.tell(f"nothing to fetch: the next events begin at {begins}, after --to, {ends}")
        else:
            count = fetch_events(
                client,
                sink,
                wanted,
                since,
                last,
                progress=progress,
                doubt=doubt,
            )
            summary.received, summary.new = count.received, count.new
            summary.missing, summary.left_out = count.missing, count.left_out

    if output is None:
        fetch_into(_Stdout(), first)
        return
    with _journal(output, compress) as journal:
        start = _start(journal, client, wanted, first, asked=asked)
        summary.events_file = str(output)
        summary.held, summary.repaired = journal.events, journal.torn
        try:
            fetch_into(
                journal, start, lambda doubted: journal.set_doubt(start if doubted else None)
            )
        finally:
            summary.new = journal.events - summary.held
    summary.is_restored = journal.is_restored


@contextmanager
def _journal(path: Path, compress: CompressionName | None) -> Iterator[Journal]:
    """The open file; on an error it keeps the events fetched so far."""
    from trigger_cli.server.frames import Compression
    from trigger_cli.server.journal import Journal, JournalError

    compression = None if compress is None else Compression(compress)
    try:
        with closing(Journal(path, compression)) as journal:
            yield journal
    except JournalError as error:
        raise CommandError(str(error), USAGE, error.help_text) from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}", USAGE) from None


def _start(
    journal: Journal, client: Client, wanted: EventFilter, first: int, *, asked: bool
) -> int:
    """The instant from which to fetch, µs: it leaves no gap in the file.

    Raises:
        CommandError: The file is from another source, or begins later than wanted.
    """
    from trigger_cli.server.seen_ids import OVERLAP

    api = client.settings.url
    origin = journal.origin
    since = first
    if origin is not None and journal.events:
        other = "give --output another name; a replay takes several logs as one"
        if origin.get("api") != api:
            raise CommandError(f"{journal.path} was fetched from {origin.get('api')}", USAGE, other)
        if origin.get("filter") != wanted.describe():
            raise CommandError(f"{journal.path} was fetched with other filters", USAGE, other)
        since = _instant_of(journal, origin, "since", client.clock.instant())
        if asked and first < since:
            began = format_instant(since)
            raise CommandError(f"{journal.path} begins only at {began}", USAGE, other)
    latest = journal.seen.latest
    if latest is not None and latest - OVERLAP > client.clock.instant():
        when = format_instant(latest)
        raise CommandError(
            f"{journal.path} holds an event of {when}, which is still to come",
            USAGE,
            "give --output another name: what follows its latest event is what is fetched",
        )
    if origin is None or not journal.events:
        journal.set_origin(
            api,
            since if latest is None else journal.first or since,
            wanted.describe(),
            client.known_version(),
        )
    if latest is None:
        return since
    start = latest - OVERLAP
    # Only if all ids of the file are known: others would be added twice.
    if origin is not None and "doubt" in origin and journal.seen.is_whole:
        start = min(start, _instant_of(journal, origin, "doubt", client.clock.instant()))
    return max(since, start)


def _instant_of(journal: Journal, origin: Mapping[str, Any], key: str, now: int) -> int:
    """An instant from the companion of the file, µs.

    Raises:
        CommandError: The value is not an instant, or is later than `now`.
    """
    from trigger_cli.server.companion import companion_of

    text = str(origin.get(key))
    try:
        instant = parse_instant(text)
    except ValueError as error:
        what = str(error)
    else:
        if instant <= now:
            return instant
        what = "which is still to come"
    where = companion_of(journal.path)
    help_text = "correct it, or give --output another name"
    raise CommandError(f"{where}: `{key}` is {text[:60]!r}, {what}", USAGE, help_text)


class _Stdout:
    """Writes events to stdout, one a line; to a terminal with what could control it escaped."""

    def __init__(self) -> None:
        from trigger_cli.server.seen_ids import SeenIds

        self.seen = SeenIds()
        self._is_terminal = sys.stdout.isatty()

    def add(self, record: Mapping[str, Any]) -> bool:
        """Write an event, unless it was written already."""
        from trigger_cli.render.common.plain_json import inert_json
        from trigger_cli.server.journal import line_of
        from trigger_cli.server.seen_ids import identity

        line = line_of(record)
        if not self.seen.add(*identity(record)):
            return False
        if self._is_terminal:
            line = inert_json(line.decode()).encode()
        sys.stdout.buffer.write(line)
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
