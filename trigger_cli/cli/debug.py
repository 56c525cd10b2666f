"""``trigger-cli debug``: a time-travel debugger on the terminal."""

import gc
import os
import sys
from contextlib import ExitStack
from datetime import UTC
from typing import TYPE_CHECKING, BinaryIO

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli debug triggers.json events.jsonl
  trigger-cli debug triggers/ --log 'logs/*.zst' --dialect server
  trigger-cli debug triggers.json - < events.jsonl
"""

_ABANDONED: list[ExitStack] = []
"""Resources that a thread still uses when the command ends."""


def debug(
    paths: shared.TriggerPaths,
    log: shared.LogPaths = None,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    until_quiet: shared.UntilQuiet = False,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    tz: shared.Zone = UTC,
) -> None:
    """Step through a replay, forwards and backwards.

    Shows what the event under the cursor did, as `explain --event` tells it, the bucket before
    and after, a timeline, and the firings with what led to them. `?` shows every key. Commands
    that were copied (`y`) are printed at the end.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import (
        load_triggers,
        reading,
        report_log,
        reporting_endless,
        triggers_and_logs,
    )
    from trigger_cli.cli.output import make_stderr, note
    from trigger_cli.cli.same_replay import options_again
    from trigger_cli.debugger.app.app import Debugger
    from trigger_cli.debugger.edits import definitions_of
    from trigger_cli.debugger.loading import Loading
    from trigger_cli.debugger.recorder import record
    from trigger_cli.debugger.session import Given, Session
    from trigger_cli.interrupts import ends_deferred
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.garbage_collection import seldom_collecting
    from trigger_cli.read.log import Log
    from trigger_cli.read.log_range import with_labels
    from trigger_cli.read.reading import AllLabels, Reading
    from trigger_cli.render.common.inert import inert_lines

    stderr = make_stderr("auto")
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    # The screen is drawn on stderr.
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        raise CommandError(
            "debug is interactive and needs a terminal",
            USAGE,
            "use `trigger-cli replay` or `trigger-cli explain` for output to a file or a pipe",
        )
    definitions = load_triggers(trigger_paths, stderr, quiet=True, verbose=False)
    options = ReplayOptions(
        dialect=chosen_dialect(dialect, definitions.automations),
        order=order,
        start=start,
        until=until,
        until_quiet=until_quiet,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    given = Given(trigger_paths, log_paths, options_again(options, tz))
    piped = _take_terminal_as_stdin()
    reader = Log(log_paths, Reading(AllLabels(), options.order), stdin=piped)
    loading = Loading(reader.sources, reader.stats)
    with ExitStack() as stack:
        records = stack.enter_context(reading(reader, quiet=True, watch=loading.watch))

        def opened() -> Session:
            with seldom_collecting():
                taken = with_labels(records)
                recording = record(definitions.automations, taken, options, progress=loading.note)
            # The recording is kept; garbage collection would only pause the app.
            gc.freeze()
            if not recording.stops:
                if not reader.stats.events:
                    none = "the log has no events, so there is nothing to step through"
                    lost = [f"{one.source}: {one.message}" for one in reader.unreadable]
                    raise CommandError("; ".join(lost) or none, LOG)
                raise CommandError(
                    "no event of the log was taken", LOG, "see --from, --to and --until"
                )
            return Session(
                recording,
                options,
                definitions_of(definitions.automations, definitions.documents),
                given,
                tz,
                _incomplete(reader),
            )

        try:
            loading.start(opened)
            app = Debugger(loading)
            with ends_deferred(app.leave):
                app.run()
        finally:
            if not loading.stop():
                # Its files cannot be closed while it reads; they are closed when the process ends.
                _ABANDONED.append(stack.pop_all())
        if app.is_interrupted:
            raise typer.Exit(INTERRUPTED)
        with reporting_endless(reader):
            session = loading.session
    failed = 0
    if session is not None:
        failed = report_log(reader, stderr, lenient=True, quiet=False)
    for command, lacking in app.copied.items():
        if lacking:
            note(stderr, lacking)
        typer.echo(inert_lines(command))
    raise typer.Exit(failed)


def _incomplete(reader: "Log") -> str:
    """What the debugger says at first of lines that it does not have; all is told at the end."""
    from trigger_cli.render.common.words import counted

    if reader.unreadable:
        return "A log could not be read to its end: which one is told when you leave."
    if malformed := reader.stats.malformed:
        return f"{counted(malformed, 'malformed line')} left out: told when you leave."
    return ""


def _take_terminal_as_stdin() -> BinaryIO | None:
    """If the log comes from stdin, keys are read from the terminal itself.

    Returns:
        The former stdin; ``None`` if it is the terminal.
    """
    if sys.stdin.isatty():
        return None
    piped = os.fdopen(os.dup(0), "rb")
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        raise CommandError("there is no terminal to read keys from", USAGE) from None
    os.dup2(terminal, 0)
    os.close(terminal)
    return piped
