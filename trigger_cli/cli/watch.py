"""``trigger-cli watch``: run triggers on events as they happen."""

from __future__ import annotations

import queue
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, USAGE, CommandError
from trigger_cli.cli.server_options import (
    ApiKey,
    ApiUrl,
    Profile,
    WallClock,
    ago,
    find_settings,
)
from trigger_cli.model import BadLine, DeliveryTransition
from trigger_cli.times import MINUTE, SECOND, TimePoint, format_duration, format_instant

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live as LiveScreen

    from trigger_cli.cli.choosing import Shown
    from trigger_cli.cli.watch_sources import Item, LiveSource
    from trigger_cli.live.replay import LiveReplay
    from trigger_cli.model import Transition
    from trigger_cli.render.watch.board import Dashboard
    from trigger_cli.render.watch.lines import Status

EXAMPLES = """\
Examples:

\b
  trigger-cli watch triggers.json
  trigger-cli watch triggers.json --since 1h --dialect server
  trigger-cli watch triggers.json events.jsonl
  prefect event stream | trigger-cli watch triggers.json -
  trigger-cli watch triggers.json --format jsonl --duration 10m
"""
_PATIENT = 0.1
_SETTLED = SECOND // 2
_FRAME = SECOND // 4
_TOLD = 30 * SECOND
"""How long the dashboard shows a message."""
_HELD_BACK = 20
"""The most messages that are written when the dashboard ends, the latest ones."""


def watch(
    paths: Annotated[
        list[str],
        shared.argument(
            "TRIGGERS",
            "Definitions: files, folders, globs. A second argument is a LOG that grows,"
            " or - for stdin; without one, the server's live stream is watched.",
        ),
    ],
    log: Annotated[
        str | None,
        shared.valued(
            "LOG",
            "A growing file that is there, followed like tail -F, or - for stdin.",
            "--log",
            "-l",
        ),
    ] = None,
    server: Annotated[
        bool, typer.Option("--server", help="Watch the server: all arguments are TRIGGERS.")
    ] = False,
    since: Annotated[
        TimePoint | None,
        ago(
            "Begin with events from this on: RFC 3339, or 1h before now."
            "  [default: now; of a LOG, all]"
        ),
    ] = None,
    stop_after: Annotated[
        int | None, shared.duration("Stop after this time.", "--duration")
    ] = None,
    firings: Annotated[
        int | None, shared.valued("N", "Stop after this many firings.", min=1)
    ] = None,
    automation: shared.ShownAutomations = None,
    dialect: shared.DialectChoice = "auto",
    pace: Annotated[
        Literal["auto", "wall", "log"],
        typer.Option(
            help="Which clock deadlines follow: the wall clock, or the log's latest event."
            " auto is wall, unless that event is more than a day old."
        ),
    ] = "auto",
    grace: Annotated[
        int,
        shared.duration(
            "How long a deadline waits for events that are on their way.  [default: 2s]"
        ),
    ] = 2 * SECOND,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
    profile: Profile = None,
    output_format: Annotated[
        Literal["table", "jsonl"],
        shared.formats("A dashboard, or a line for each firing if there is no terminal."),
    ] = "table",
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    patience: Annotated[
        int,
        shared.duration(
            "How long the server may take for one answer; a lost connection is tried again without"
            " end.  [default: 2m]",
        ),
    ] = 2 * MINUTE,
    quiet: Annotated[bool, shared.quiet("Only one line for each firing.")] = False,
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
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import load_triggers
    from trigger_cli.cli.output import make_console, make_stderr
    from trigger_cli.cli.watch_sources import log_source, server_source
    from trigger_cli.live.replay import LiveReplay, LogClock, Pace

    stderr = make_stderr(color)
    triggers, log_path = _inputs(paths, log, server=server)
    if log_path is None and pace == "log":
        raise CommandError("--pace log needs a log, and a server's events are watched", USAGE)
    if log_path is not None and any((api_url, api_key, profile)):
        raise CommandError(
            "--api-url, --api-key and --profile are of a server, and a log is watched",
            USAGE,
            "leave out the log, or these",
        )
    definitions = load_triggers(triggers, stderr, quiet=quiet, verbose=False, automation=automation)
    shown = Shown(automation or [], [])
    chosen_automations(definitions.automations, automation or [])
    rules = chosen_dialect(dialect, definitions.automations)
    now = WallClock().instant()
    first = since.resolve(now) if since else None if log_path else now
    if log_path is not None:
        source = log_source(log_path)
    else:
        settings = find_settings(api_url, api_key, profile)
        source = server_source(settings, first or 0, patience)
    session = LiveReplay(
        definitions.automations,
        rules,
        LogClock(Pace(pace) if log_path else Pace.wall, grace),
        # Events count from --since (T7); the clock starts with the first of them (T3), because the
        # server may be newer than that.
        start=None if since else first,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    watching = _Watching(
        session=session,
        source=source,
        shown=shown,
        stderr=stderr,
        # The first event of a log completes a time without a date, as for --from.
        since=since if since and since.lacks and log_path else first,
        is_server=log_path is None,
        stop_at=None if stop_after is None else now + stop_after,
        most_firings=firings,
        zone=tz,
        jsonl=output_format == "jsonl",
        verbose=verbose,
        quiet=quiet,
        dialect=rules.name,
    )
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    console = make_console(sys.stdout, color=color, width=width)
    dashboard = output_format == "table" and sys.stdout.isatty() and not quiet
    with ExitStack() as ending:
        code = watching.run_on_screen(console, ending) if dashboard else watching.run(ending)
    raise typer.Exit(code)


def _inputs(paths: list[str], log: str | None, *, server: bool) -> tuple[list[str], str | None]:
    """Separate the triggers from the log."""
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
    if log == "-" and "-" in triggers:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    return triggers, log


# --- The loop ------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Watching:
    """One run of `watch`."""

    session: LiveReplay
    source: LiveSource
    shown: Shown
    stderr: Console
    since: int | TimePoint | None
    is_server: bool
    stop_at: int | None
    most_firings: int | None
    zone: tzinfo
    jsonl: bool
    verbose: bool
    quiet: bool
    dialect: str
    clock: WallClock = field(default_factory=WallClock)
    screen: LiveScreen | None = None
    drawn: int = 0
    latest_arrival: int = 0
    notice: str = ""
    reconnects: int = 0
    in_a_line: bool = False
    held_back: deque[str] = field(default_factory=lambda: deque(maxlen=_HELD_BACK))
    told_at: int = 0
    malformed: int = 0
    first_bad: BadLine | None = None
    ended: bool = False
    error: CommandError | None = None

    def run(self, ending: ExitStack) -> int:
        """Watch until the end and write lines; returns the exit code.

        Args:
            ending: Closed when all is shown: until then a further interrupt waits, and the next does not.
        """
        from trigger_cli.cli.inputs import no_event_in
        from trigger_cli.interrupts import ends_deferred

        interrupted = False
        try:
            self.source.start()
            while not self._is_over():
                self._step()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            ending.enter_context(ends_deferred(lambda: None))
            self.source.stop()
        if self.ended and self.error is None:
            self._show(self.session.finish())
        elif self.in_a_line:
            self._say(f"warning: {self.source.name} ends within a line, which is not counted")
        self._sum_up(interrupted=interrupted)
        if self.error is not None:
            raise self.error
        may_be_no_log = not (self.is_server or self.session.events or interrupted)
        if may_be_no_log and self.first_bad is not None:
            raise no_event_in(self.first_bad)
        return INTERRUPTED if interrupted else 0

    def run_on_screen(self, console: Console, ending: ExitStack) -> int:
        """As `run`, with a dashboard, which stays on screen."""
        from rich.live import Live

        try:
            with Live(
                console=console,
                screen=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            ) as screen:
                self.screen = screen
                self._draw()
                try:
                    code = self.run(ending)
                finally:
                    self.screen = None
            console.print(self._dashboard(console.height - 1))  # a new line for the prompt
        finally:
            for text in self.held_back:
                self._say(text)
        return code

    def _is_over(self) -> bool:
        if self.ended:
            return True
        if self.most_firings is not None and self.session.board.firings >= self.most_firings:
            return True
        return self.stop_at is not None and self.clock.instant() >= self.stop_at

    def _step(self) -> None:
        """Take the next items, or advance the clock."""
        inbox = self.source.inbox
        with suppress(queue.Empty):
            self._handle(inbox.get(timeout=_PATIENT))
        now = self.clock.instant()
        # The reader of a pipe may lag behind its writer: the next event may be older.
        if inbox.empty() and now - self.latest_arrival >= _SETTLED:
            self._show(self.session.tick(now))
        if self.screen is not None and now - self.drawn >= _FRAME:
            self._draw()

    def _handle(self, item: Item) -> None:
        from trigger_cli.cli.watch_sources import Ended, Live, Noticed
        from trigger_cli.live.replay import AHEAD

        match item:
            case Live(now=is_live, notice=notice, reconnects=reconnects, in_a_line=in_a_line):
                self.session.live, self.in_a_line = is_live, in_a_line
                if is_live and self.is_server and self.session.started is None:
                    self.session.start(self.clock.instant())  # no events to catch up on
                if notice and notice != self.notice:
                    self._say(notice)
                elif is_live and self.notice:
                    self._say("connected")
                self.notice = notice
                self.reconnects = max(self.reconnects, reconnects)
            case Ended(error=error):
                self.ended, self.error = True, error
            case Noticed(text=text):
                self._say(text)
            case BadLine():
                self.malformed += 1
                if self.first_bad is None:
                    self.first_bad = item
                    self._say(f"warning: {item.source}:{item.line}: {item.message}")
            case event:
                if isinstance(self.since, TimePoint):
                    self.since = self.since.resolve(event.occurred)
                if self.since is not None and event.occurred < self.since:
                    return
                now = self.clock.instant()
                self.latest_arrival = now
                ahead = self.session.ahead
                self._show(self.session.take(event, now))
                if self.session.ahead > ahead == 0:
                    self._say(
                        f"warning: an event of {format_instant(event.occurred)} is set aside, being"
                        f" more than {format_duration(AHEAD)} ahead of this machine's clock"
                    )

    # --- What it shows -----------------------------------------------------------------------

    def _show(self, transitions: Iterable[Transition]) -> None:
        from trigger_cli.render.replay.firing_list import firing_line
        from trigger_cli.render.watch.lines import transition_line

        lines = []
        for one in transitions:
            if not (isinstance(one, DeliveryTransition) or self.shown.automation(one.automation)):
                continue
            if one.kind == "fired" and one.is_own:
                if self.jsonl:
                    lines.append(transition_line(one))
                elif self.screen is None:
                    lines.append(firing_line(one.firing, self.zone))
            elif self.jsonl and self.verbose:
                lines.append(transition_line(one))
        if lines:
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()

    def _say(self, text: str) -> None:
        from trigger_cli.render.common.inert import inert

        if self.screen is not None:
            self.held_back.append(text)
            self.told_at = self.clock.instant()
        elif not self.quiet:
            self.stderr.print(inert(text, 1_000), style="yellow", soft_wrap=True)

    def _draw(self) -> None:
        assert self.screen is not None
        self.drawn = self.clock.instant()
        self.screen.update(self._dashboard(self.screen.console.height), refresh=True)

    def _dashboard(self, height: int) -> Dashboard:
        from trigger_cli.live.board import Held, Measured, OpenBucket
        from trigger_cli.render.watch.board import Dashboard, Line

        session = self.session
        status = self._status()
        now = status.now
        lines = []
        for row in session.rows(self.clock.instant()):
            if not self.shown.automation(row.automation):
                continue
            about = (row.automation, row.trigger)
            match row:
                case OpenBucket():
                    line = Line(*about, row.due(now), row.key, row.bucket)
                case Held():
                    line = Line(*about, row.due, held=len(row.firings))
                case Measured():
                    line = Line(*about, row.due, value=row.status.value, state=row.state)
            lines.append(line)
        recent = [one for one in session.board.recent if self.shown.automation(one.automation)]
        return Dashboard(status, lines, recent, zone=self.zone, height=height)

    def _status(self) -> Status:
        from trigger_cli.render.watch.lines import Status

        session = self.session
        now = self.clock.instant()
        is_told = self.screen is not None and self.held_back and now - self.told_at < _TOLD
        return Status(
            source=self.source.name,
            dialect=self.dialect,
            now=session.log_time(now),
            started=session.started is not None,
            connected=session.live,
            notice=self.notice or (self.held_back[-1] if is_told else ""),
            events=session.events,
            matched=session.matched,
            firings=session.board.firings,
            malformed=self.malformed,
            ahead=session.ahead,
            reconnects=self.reconnects,
            automations=len(session.automations),
        )

    def _sum_up(self, *, interrupted: bool) -> None:
        session = self.session
        if self.jsonl:
            from trigger_cli.render.watch.lines import summary_line

            text = summary_line(
                self._status(),
                started=session.started,
                ended=session.clock,
                duplicates=session.duplicates,
                firings={
                    one.name: session.board.by_automation.get(one.index, 0)
                    for one in session.automations
                    if self.shown.automation(one)
                },
                pending=[one for one in session.pending() if self.shown.automation(one.automation)],
            )
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        elif self.screen is None and not self.quiet:
            from trigger_cli.render.common.words import counted

            firings = counted(session.board.firings, "firing")
            counts = f"{counted(session.events, 'event')}, {firings}"
            more = f", {counted(self.malformed, 'malformed line')}" if self.malformed else ""
            more += f", {session.ahead:,} ahead of the clock" if session.ahead else ""
            again = f", {counted(self.reconnects, 'reconnect')}" if self.reconnects else ""
            end = "interrupted after " if interrupted else ""
            self.stderr.print(f"{end}{counts}{more}{again}", style="dim", soft_wrap=True)
