"""``trigger-cli watch``: run triggers on events as they happen."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_automation
from trigger_cli.cli.failures import INTERRUPTED, USAGE, CommandError
from trigger_cli.cli.options import ColorMode, DialectName, read_duration
from trigger_cli.cli.server_options import (
    Ago,
    ApiKey,
    ApiUrl,
    Patience,
    Profile,
    find_settings,
    read_ago,
)
from trigger_cli.times import MINUTE, SECOND

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live as LiveScreen

    from trigger_cli.cli.choosing import Shown
    from trigger_cli.cli.watch_sources import Item, LiveSource
    from trigger_cli.live.replay import LiveReplay
    from trigger_cli.model import Transition
    from trigger_cli.render.watch.board import Dashboard

EXAMPLES = """\
Examples:

\b
  trigger-cli watch triggers.json
  trigger-cli watch triggers.json --since 1h --dialect server
  trigger-cli watch triggers.json events.jsonl
  prefect event stream | trigger-cli watch triggers.json -
  trigger-cli watch triggers.json --format jsonl --for 10m
"""
_PATIENT = 0.1
_SETTLED = SECOND // 2
_FRAME = SECOND // 4


class WatchFormat(StrEnum):
    """How to show what happens."""

    table = "table"
    jsonl = "jsonl"


class PaceName(StrEnum):
    """Which clock deadlines follow."""

    auto = "auto"
    wall = "wall"
    log = "log"


def watch(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="TRIGGERS",
            help="Definitions: files, directories, globs. A second argument is a LOG that grows,"
            " or - for stdin; without one, the server's live stream is watched.",
            show_default=False,
        ),
    ],
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            "-l",
            metavar="LOG",
            help="A growing file, followed like tail -F, or - for stdin.",
            show_default=False,
        ),
    ] = None,
    server: Annotated[
        bool, typer.Option("--server", help="Watch the server: all arguments are TRIGGERS.")
    ] = False,
    since: Annotated[
        Ago | None,
        typer.Option(
            parser=read_ago,
            metavar="TIME",
            help="Begin with events from this on: RFC 3339, or 1h before now."
            "  [default: now; of a LOG, all]",
            show_default=False,
        ),
    ] = None,
    stop_after: Annotated[
        int | None,
        typer.Option(
            "--for",
            parser=read_duration,
            metavar="DURATION",
            help="Stop after this time.",
            show_default=False,
        ),
    ] = None,
    firings: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Stop after this many firings.", show_default=False),
    ] = None,
    automation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Show only automations of this name. Repeatable.",
            show_default=False,
            autocompletion=complete_automation,
        ),
    ] = None,
    dialect: shared.DialectChoice = DialectName.docs,
    pace: Annotated[
        PaceName,
        typer.Option(
            help="Which clock deadlines follow: the wall clock, or the log's latest event."
            " auto is wall, unless that event is more than a day old."
        ),
    ] = PaceName.auto,
    grace: Annotated[
        int,
        typer.Option(
            parser=read_duration,
            metavar="DURATION",
            help="How long a deadline waits for events that are on their way.  [default: 2s]",
            show_default=False,
        ),
    ] = 2 * SECOND,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
    profile: Profile = None,
    output_format: Annotated[
        WatchFormat,
        typer.Option(
            "--format", "-f", help="A dashboard, or a line for each firing if there is no terminal."
        ),
    ] = WatchFormat.table,
    tz: shared.Zone = UTC,
    color: shared.Color = ColorMode.auto,
    width: shared.Width = None,
    patience: Patience = 2 * MINUTE,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only one line for each firing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="With jsonl: every transition.")
    ] = False,
) -> None:
    """Run triggers on events as they happen, and see deadlines pass by the clock.

    On a terminal, a dashboard of open buckets with their deadlines, and of the latest firings;
    elsewhere a line for each firing. If the connection breaks, missed events are fetched when it is
    back, and deadlines wait until then. Ctrl-C ends it.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.choosing import Shown, chosen_automations
    from trigger_cli.cli.inputs import load_triggers
    from trigger_cli.cli.output import make_console, make_stderr
    from trigger_cli.cli.wall_clock import WallClock
    from trigger_cli.dialects import DIALECTS
    from trigger_cli.live.pace import LogClock, Pace
    from trigger_cli.live.replay import LiveReplay

    stderr = make_stderr(color)
    triggers, log_path = _inputs(paths, log, server=server)
    definitions = load_triggers(triggers, stderr, quiet=quiet, verbose=False)
    shown = Shown(automation or [], [])
    chosen_automations(definitions.automations, automation or [])
    now = WallClock().instant()
    start = since.resolve(now) if since else None if log_path else now
    source = _source(
        log_path,
        start or 0,
        patience,
        api_url=api_url,
        api_key=api_key,
        profile=profile,
    )
    session = LiveReplay(
        definitions.automations,
        DIALECTS[dialect.value],
        LogClock(Pace(pace.value) if log_path else Pace.wall, grace),
        start=start,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    watching = _Watching(
        session,
        source,
        shown,
        stderr,
        since=start,
        stop_at=None if stop_after is None else now + stop_after,
        most_firings=firings,
        zone=tz,
        jsonl=output_format is WatchFormat.jsonl,
        verbose=verbose,
        quiet=quiet,
        dialect=dialect.value,
    )
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    console = make_console(sys.stdout, color=color, width=width)
    dashboard = output_format is WatchFormat.table and sys.stdout.isatty() and not quiet
    code = watching.run_on_screen(console) if dashboard else watching.run()
    raise typer.Exit(code)


def _inputs(paths: list[str], log: str | None, *, server: bool) -> tuple[list[str], str | None]:
    """Tell the triggers from the log."""
    if server and log is not None:
        raise CommandError("--server and --log exclude each other", USAGE)
    if server or log is not None:
        triggers = paths
    elif len(paths) <= 2:
        triggers, log = paths[:1], paths[1] if len(paths) == 2 else None
    else:
        raise CommandError(
            "more than two arguments", USAGE, "name the log with --log, or say --server"
        )
    if log is None and "-" in triggers:
        return triggers, None
    if log == "-" and "-" in triggers:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    return triggers, log


def _source(
    log: str | None,
    since: int,
    patience: int,
    *,
    api_url: str | None,
    api_key: str | None,
    profile: str | None,
) -> LiveSource:
    from trigger_cli.cli.watch_sources import log_source, server_source

    if log is not None:
        return log_source(log)
    return server_source(find_settings(api_url, api_key, profile), since, patience)


# --- The loop ------------------------------------------------------------------------------------


class _Watching:
    """One watch, from its beginning to its end."""

    def __init__(
        self,
        session: LiveReplay,
        source: LiveSource,
        shown: Shown,
        stderr: Console,
        *,
        since: int | None,
        stop_at: int | None,
        most_firings: int | None,
        zone: tzinfo,
        jsonl: bool,
        verbose: bool,
        quiet: bool,
        dialect: str,
    ) -> None:
        from trigger_cli.cli.wall_clock import WallClock

        self._session = session
        self._source = source
        self._shown = shown
        self._stderr = stderr
        self._since = since
        self._stop_at = stop_at
        self._most_firings = most_firings
        self._zone = zone
        self._jsonl = jsonl
        self._verbose = verbose
        self._quiet = quiet
        self._dialect = dialect
        self._clock = WallClock()
        self._screen: LiveScreen | None = None
        self._drawn = 0
        self._latest_arrival = 0
        self._notice = ""
        self._reconnects = 0
        self._malformed = 0
        self._ended = False
        self._error: CommandError | None = None

    def run(self) -> int:
        """Watch until the end and write lines; returns the exit code."""
        interrupted = False
        try:
            self._source.start()
            while not self._is_over():
                self._step()
        except KeyboardInterrupt:
            interrupted = True
        if self._ended and self._error is None:
            self._show(self._session.finish())
        self._sum_up(interrupted=interrupted)
        if self._error is not None:
            raise self._error
        return INTERRUPTED if interrupted else 0

    def run_on_screen(self, console: Console) -> int:
        """Watch until the end with a dashboard, which stays on screen; returns the exit code."""
        from rich.live import Live

        with Live(
            console=console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as screen:
            self._screen = screen
            self._draw()
            try:
                code = self.run()
            finally:
                self._screen = None
        console.print(self._dashboard(console.height - 1))  # a new line for the prompt
        return code

    def _is_over(self) -> bool:
        if self._ended:
            return True
        if self._most_firings is not None and self._session.board.firings >= self._most_firings:
            return True
        return self._stop_at is not None and self._clock.instant() >= self._stop_at

    def _step(self) -> None:
        """Take the next items, or advance the clock."""
        inbox = self._source.inbox
        with suppress(queue.Empty):
            self._handle(inbox.get(timeout=_PATIENT))
        now = self._clock.instant()
        # A pipe may be read more slowly than it is written: what comes next may be older.
        if inbox.empty() and now - self._latest_arrival >= _SETTLED:
            self._show(self._session.tick(now))
        if self._screen is not None and now - self._drawn >= _FRAME:
            self._draw()

    def _handle(self, item: Item) -> None:
        from trigger_cli.cli.watch_sources import Ended, Live
        from trigger_cli.model import BadLine

        match item:
            case Live(now=is_live, notice=notice, reconnects=reconnects):
                self._session.live = is_live
                if notice and notice != self._notice:
                    self._say(notice)
                elif is_live and self._notice:
                    self._say("connected")
                self._notice = notice
                self._reconnects = max(self._reconnects, reconnects)
            case Ended(error=error):
                self._ended, self._error = True, error
            case BadLine():
                self._malformed += 1
                if self._malformed == 1:
                    self._say(f"warning: {item.source}:{item.line}: {item.message}")
            case event:
                if self._since is not None and event.occurred < self._since:
                    return
                now = self._clock.instant()
                self._latest_arrival = now
                self._show(self._session.take(event, now))

    # --- What it shows -----------------------------------------------------------------------

    def _show(self, transitions: Iterable[Transition]) -> None:
        from trigger_cli.model import DeliveryTransition
        from trigger_cli.render.replay.firing_list import firing_line
        from trigger_cli.render.watch.lines import transition_line

        lines = []
        for one in transitions:
            if not (isinstance(one, DeliveryTransition) or self._shown.automation(one.automation)):
                continue
            if one.kind == "fired" and one.is_own:
                if self._jsonl:
                    lines.append(transition_line(one))
                elif self._screen is None:
                    lines.append(firing_line(one.firing, self._zone))
            elif self._jsonl and self._verbose:
                lines.append(transition_line(one))
        if lines:
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()

    def _say(self, text: str) -> None:
        from trigger_cli.render.common.inert import inert

        if self._screen is None and not self._quiet:
            self._stderr.print(inert(text, 1_000), style="yellow", soft_wrap=True)

    def _draw(self) -> None:
        assert self._screen is not None
        self._drawn = self._clock.instant()
        height = self._screen.console.height
        self._screen.update(self._dashboard(height), refresh=True)

    def _dashboard(self, height: int) -> Dashboard:
        from trigger_cli.live.board import Held, Measured, OpenBucket
        from trigger_cli.render.watch.board import Dashboard, Line, Status

        session = self._session
        now = session.log_time(self._clock.instant())
        lines = []
        for row in session.rows(self._clock.instant()):
            if not self._shown.automation(row.automation):
                continue
            match row:
                case OpenBucket():
                    lines.append(
                        Line(row.automation, row.trigger, row.due(now), row.key, row.bucket)
                    )
                case Held():
                    lines.append(Line(row.automation, row.trigger, row.due, held=len(row.firings)))
                case Measured():
                    lines.append(
                        Line(row.automation, row.trigger, row.due, value=row.value, state=row.state)
                    )
        status = Status(
            source=self._source.name,
            dialect=self._dialect,
            now=now,
            started=session.started is not None,
            connected=session.live,
            notice=self._notice,
            events=session.events,
            matched=session.matched,
            firings=session.board.firings,
            reconnects=self._reconnects,
            automations=len(session.automations),
        )
        recent = [one for one in session.board.recent if self._shown.automation(one.automation)]
        return Dashboard(status, lines, recent, zone=self._zone, height=height)

    def _sum_up(self, *, interrupted: bool) -> None:
        session = self._session
        if self._jsonl:
            from trigger_cli.render.watch.lines import summary_line

            text = summary_line(
                source=self._source.name,
                dialect=self._dialect,
                started=session.started,
                ended=session.clock,
                events=session.events,
                matched=session.matched,
                duplicates=session.duplicates,
                malformed=self._malformed,
                reconnects=self._reconnects,
                firings={
                    one.name: session.board.by_automation.get(one.index, 0)
                    for one in session.automations
                    if self._shown.automation(one)
                },
                pending=[
                    one for one in session.pending() if self._shown.automation(one.automation)
                ],
            )
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        elif self._screen is None and not self._quiet:
            counts = f"{session.events:,} events, {session.board.firings:,} firings"
            more = f", {self._malformed:,} malformed" if self._malformed else ""
            again = f", {self._reconnects:,} reconnects" if self._reconnects else ""
            end = "interrupted after " if interrupted else ""
            self._stderr.print(f"{end}{counts}{more}{again}", style="dim", soft_wrap=True)
