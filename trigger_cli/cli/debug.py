"""``trigger-cli debug``: a time-travel debugger on the terminal."""

from __future__ import annotations

import gc
import os
import sys
from datetime import UTC
from typing import TYPE_CHECKING

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from trigger_cli.debugger.recording import Recording
    from trigger_cli.model import Automation
    from trigger_cli.pipeline import ReplayOptions

EXAMPLES = """\
Examples:

\b
  trigger-cli debug triggers.json events.jsonl
  trigger-cli debug triggers/ --log 'logs/*.zst' --dialect server
  trigger-cli debug triggers.json - < events.jsonl
"""


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
    from trigger_cli.cli.inputs import load_triggers, triggers_and_logs
    from trigger_cli.cli.output import make_stderr
    from trigger_cli.debugger.app.app import Debugger
    from trigger_cli.debugger.edits import definitions_of
    from trigger_cli.debugger.session import Given, Session
    from trigger_cli.pipeline import ReplayOptions

    stderr = make_stderr("auto")
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    if not sys.stdout.isatty():
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
    recording = _record(definitions.automations, log_paths, options)
    if not recording.stops:
        raise CommandError("no event of the log was taken", LOG, "see --from, --to and --until")
    _take_terminal_as_stdin()
    session = Session(
        recording,
        options,
        definitions_of(definitions.automations, definitions.documents),
        Given(trigger_paths, log_paths, _given_options(options, recording.log_start)),
        tz,
    )
    app = Debugger(session)
    app.run()
    for command in dict.fromkeys(app.copied):
        typer.echo(command)


def _record(
    automations: tuple[Automation, ...], log_paths: list[str], options: ReplayOptions
) -> Recording:
    """Read and replay the logs."""
    from trigger_cli.cli.inputs import reading
    from trigger_cli.debugger.recorder import record
    from trigger_cli.read.log import Log
    from trigger_cli.read.log_range import with_labels
    from trigger_cli.read.reading import AllLabels, Reading

    log = Log(log_paths, Reading(AllLabels(), options.order))
    with reading(log, quiet=False) as records:
        try:
            recording = record(automations, with_labels(records), options)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
    # The recording is kept; garbage collection would only pause the app.
    gc.collect()
    gc.freeze()
    return recording


def _take_terminal_as_stdin() -> None:
    """If the log comes from stdin, keys are read from the terminal itself."""
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        raise CommandError("there is no terminal to read keys from", USAGE) from None
    os.dup2(terminal, 0)
    os.close(terminal)


def _given_options(options: ReplayOptions, log_start: int) -> list[str]:
    """The options with which ``explain`` and ``replay`` give the same replay."""
    from trigger_cli.times import format_instant

    words: list[str] = []
    if options.order != "occurred":
        words += ["--order", options.order]
    for option, moment in (
        ("--start", options.start),
        ("--until", options.until),
        ("--from", options.taken_from),
        ("--to", options.taken_to),
    ):
        if moment is not None:
            after = f"+{moment.time / 1_000_000:g}s"
            fixed = format_instant(moment.resolve(log_start))
            words += [option, after if moment.after_start else fixed]
    if options.until_quiet:
        words.append("--until-quiet")
    if options.expired_bucket_buffer != MINUTE:
        words += ["--expired-bucket-buffer", f"{options.expired_bucket_buffer / 1_000_000:g}s"]
    return words
