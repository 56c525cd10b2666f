"""The sources of `watch`, each in a thread: a server, a growing file, stdin."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.bounded_queue import BoundedQueue
from trigger_cli.cli.failures import LOG, CommandError
from trigger_cli.cli.server_options import WallClock
from trigger_cli.events.decoding import NotAnEvent, event_of, explain
from trigger_cli.events.problems import system_reason
from trigger_cli.live.following import FollowedFile
from trigger_cli.live.replay import AHEAD
from trigger_cli.model import BadLine, Event
from trigger_cli.read.log import Log
from trigger_cli.read.log_range import with_labels
from trigger_cli.times import SECOND

if TYPE_CHECKING:
    from trigger_cli.server.settings import ServerSettings
    from trigger_cli.server.stream import Report

_HELD_BACK = 10_000
"""The most events that may wait; a source blocks when there are more."""
_POLL = 0.1
_DESCRIPTORS = ("/dev/fd/", "/proc/")
"""Where a pipe without a name is found, as of ``<(command)``: nobody can open it to write again."""
_LONGEST_GOODBYE = 3.0
"""The timeout for closing a connection, seconds."""


class Live(Struct, frozen=True):
    """The state of a source: whether it has caught up, and a notice if it has not."""

    now: bool
    notice: str = ""
    reconnects: int = 0
    in_a_line: bool = False
    """Whether a log ends within a line, which is not taken before its end has come."""


class Ended(Struct, frozen=True):
    """The source has ended."""

    error: CommandError | None = None


class Noticed(Struct, frozen=True):
    """A message about the source for the user."""

    text: str


Item: TypeAlias = Event | BadLine | Live | Noticed | Ended
Inbox: TypeAlias = BoundedQueue[Item]


class LiveSource:
    """A source of events.

    Args:
        name: The name to show.
        work: Puts what arrives into the inbox; run in a thread.
        stopped: Asks the work to end, if it has a connection to close.
    """

    def __init__(
        self, name: str, work: Callable[[Inbox], None], stopped: threading.Event | None = None
    ) -> None:
        self.name = name
        self.inbox: Inbox = BoundedQueue(_HELD_BACK)
        self._work = work
        self._stopped = stopped
        self._thread = threading.Thread(target=self._run, name="watch-source", daemon=True)

    def start(self) -> None:
        """Start the thread; it ends with the process."""
        self._thread.start()

    def stop(self) -> None:
        """Let the source close its connection, if it has one; waits a short time for that."""
        if self._stopped is not None:
            self._stopped.set()
            self._thread.join(_LONGEST_GOODBYE)

    def _run(self) -> None:
        try:
            self._work(self.inbox)
        except CommandError as error:
            self.inbox.put(Ended(error))
        except Exception as error:  # noqa: BLE001  # a thread's traceback would reach the user
            kind = type(error).__name__
            self.inbox.put(Ended(CommandError(f"the source broke off ({kind}: {error})", LOG)))
        else:
            self.inbox.put(Ended())


# --- A log -----------------------------------------------------------------------------------


def log_source(path: str) -> LiveSource:
    """A growing file, or ``-`` for stdin; a pipe without a name ends with its writer, as stdin does.

    Raises:
        CommandError: It cannot be read.
    """
    if path == "-":
        # Unbuffered: at exit Python would wait for the lock of a buffer that this thread holds.
        stdin = cast("BinaryIO", getattr(sys.stdin.buffer, "raw", sys.stdin.buffer))
        return LiveSource("stdin", lambda inbox: _read_once(stdin, "stdin", inbox))
    file = Path(path)
    if file.is_dir():
        raise CommandError(f"{path} is a folder", LOG, "name the file that grows")
    try:
        if not file.is_fifo():  # it would lose its writer
            with file.open("rb"):
                pass
    except OSError as error:
        raise CommandError(f"{path}: {system_reason(error)}", LOG) from None
    if file.is_fifo() and os.path.realpath(path).startswith(_DESCRIPTORS):
        return LiveSource(path, lambda inbox: _read_pipe(file, path, inbox))
    return LiveSource(path, lambda inbox: _follow(path, inbox))


def _read_pipe(file: Path, name: str, inbox: Inbox) -> None:
    with file.open("rb", buffering=0) as stream:
        _read_once(cast("BinaryIO", stream), name, inbox)


def _read_once(stream: BinaryIO, name: str, inbox: Inbox) -> None:
    inbox.put(Live(now=True))
    _read(stream, name, inbox)


def _follow(path: str, inbox: Inbox) -> None:
    clock = WallClock()
    told: list[bool] = []

    def caught_up(in_a_line: bool) -> None:
        if told != [in_a_line]:
            told[:] = [in_a_line]
            inbox.put(Live(now=True, in_a_line=in_a_line))

    def notice(what: str) -> None:
        inbox.put(Noticed(f"{path} {what}"))

    file = Path(path)
    if not (file.stat().st_size or file.is_fifo()):
        inbox.put(Noticed(f"warning: the log has no events so far: {path}"))
    followed = FollowedFile(file, lambda: clock.sleep(_POLL), caught_up, notice)
    _read(cast("BinaryIO", followed), path, inbox)


def _read(stream: BinaryIO, name: str, inbox: Inbox) -> None:
    log = Log(["-"], stdin=stream)
    for record in with_labels(log):
        inbox.put(replace(record, source=name) if isinstance(record, BadLine) else record)
    for lost in log.unreadable:
        raise CommandError(f"{name}: {lost.message}", LOG)


# --- A server --------------------------------------------------------------------------------


def server_source(settings: ServerSettings, since: int, patience: int) -> LiveSource:
    """A server's live stream."""
    stopped = threading.Event()
    return LiveSource(
        settings.url, lambda inbox: _stream(settings, since, patience, inbox, stopped), stopped
    )


def _stream(
    settings: ServerSettings, since: int, patience: int, inbox: Inbox, stopped: threading.Event
) -> None:
    from trigger_cli.server.api import Client, EventFilter, ServerError
    from trigger_cli.server.stream import Connected, EventStream, LeftOut, connect_websocket

    clock = WallClock()
    lines = 0

    def deliver(record: Mapping[str, Any]) -> None:
        nonlocal lines
        lines += 1
        try:
            inbox.put(event_of(record, lines))
        except NotAnEvent:
            inbox.put(BadLine(settings.url, lines, explain(record)))

    def report(what: Report) -> None:
        nonlocal lines
        if isinstance(what, Connected):
            inbox.put(Live(now=True, reconnects=what.reconnects))
        elif isinstance(what, LeftOut):
            lines += 1
            inbox.put(BadLine(settings.url, lines, f"left out: {what.reason}"))
        else:
            again = f"trying again in {what.retry_in:g} s; deadlines wait"
            inbox.put(Live(now=False, notice=f"not connected: {what.reason}; {again}"))

    inbox.put(Live(now=False, notice="connecting"))

    def notice(text: str) -> None:
        inbox.put(Noticed(text))

    with Client(settings, clock, patience=patience / SECOND, notice=notice) as client:
        stream = EventStream(
            client,
            connect_websocket,
            clock,
            EventFilter(),
            since,
            deliver=deliver,
            report=report,
            tolerance=AHEAD,
            stopped=stopped,
        )
        try:
            stream.run()
        except ServerError as error:
            raise CommandError(str(error), LOG, error.help_text) from None
