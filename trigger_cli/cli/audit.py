"""``trigger-cli audit``: compare a server's own firings with the simulated ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import FOUND, LOG, CommandError
from trigger_cli.times import MINUTE
from trigger_cli.vocabulary import AUTOMATION_TRIGGERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_cli.definitions import Definitions
    from trigger_cli.history.audit_log import BeforeReplay
    from trigger_cli.model import Automation

EXAMPLES = """\
Examples:

\b
  trigger-cli audit automations.json events.jsonl
  trigger-cli audit automations.json --log 'logs/*.zst' --automation 'nightly*'
  trigger-cli audit automations.json events.jsonl --format json --output audit.json
"""
_LONGEST_NAME = 40
_LONG = 2_000
"""For fewer events than this, an audit takes less time than the start of a process."""
_MOST_READ_AGAIN = 20_000
"""The most events of a log that is read again in other dialects, each time as long as a replay."""


def audit(
    paths: Annotated[
        list[str],
        shared.argument(
            "AUTOMATIONS",
            "The server's automations, as its API or CLI exports them: files, folders,"
            " globs, or - for stdin. Without --log, two arguments are AUTOMATIONS and LOG.",
        ),
    ],
    log: shared.LogPaths = None,
    automation: Annotated[
        list[str] | None,
        shared.automations("Audit only automations whose name matches this glob. Repeatable."),
    ] = None,
    dialect: shared.RecordedDialect = "auto",
    order: shared.OrderChoice = "received",
    until: shared.Until = None,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    output_format: shared.Format = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    strict: shared.Strict = False,
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the table of automations.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Compare a server's own firings with the simulated ones.

    The log's `prefect.automation.triggered` events are matched with the replay's firings. A firing
    on one side only is shown with its reason, if one is known; a reason is shown only after a
    replay with it gave the server's firing. Exit 1 if something stays unexplained.
    """
    # Heavy imports, which --help does not need.
    from msgspec.structs import replace

    from trigger_cli.cli.choosing import chosen_automations
    from trigger_cli.cli.dialect_choice import LogStart, chosen_dialect
    from trigger_cli.cli.inputs import (
        load_triggers,
        reading_in_rows,
        report_log,
        reporting_endless,
        triggers_and_logs,
    )
    from trigger_cli.cli.output import (
        consoles,
        make_stderr,
        note,
        open_output,
        require_view,
        write_json,
    )
    from trigger_cli.dialects import SERVER, Dialect
    from trigger_cli.engine.errors import EndlessError
    from trigger_cli.history.audit_log import AuditLog, Unpaired
    from trigger_cli.history.better_dialect import better_dialect
    from trigger_cli.history.kept_deliveries import LogTooLongError
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.garbage_collection import seldom_collecting
    from trigger_cli.read.log import Log, available_cores
    from trigger_cli.read.reading import Reading

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    definitions = load_triggers(
        trigger_paths, stderr, quiet=quiet, verbose=verbose, automation=automation
    )
    chosen = chosen_automations(definitions.automations, automation or [])
    start = LogStart(log_paths, getattr(sys.stdin, "buffer", None))
    options = ReplayOptions(
        dialect=chosen_dialect(
            dialect,
            definitions.automations,
            otherwise=lambda: start.dialect() or SERVER,
        ),
        order=order,
        until=until,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    audit_log = AuditLog(chosen, _server_ids(definitions, chosen), options)
    reader = Log(log_paths, Reading(audit_log.wanted, options.order), stdin=start.stdin)

    def unpaired_in(
        other: Dialect, automations: Sequence[Automation]
    ) -> dict[int, Unpaired] | None:
        ids = _server_ids(definitions, automations)
        again = AuditLog(automations, ids, replace(options, dialect=other))
        log_again = Log(log_paths, Reading(again.wanted, options.order))
        try:
            with reading_in_rows(log_again, quiet=True) as records:
                again.read(records)
            return again.unpaired()
        except (CommandError, EndlessError, LogTooLongError):
            return None

    # Many objects are kept and replayed again; garbage collection would find nothing.
    with seldom_collecting():
        with reading_in_rows(reader, quiet=quiet) as records:
            try:
                audit_log.read(records)
            except LogTooLongError as error:
                raise CommandError(
                    str(error), LOG, "take part of the log with --from and --to, or --automation"
                ) from None
        with (
            reporting_endless(reader),
            _progress(audit_log.evaluated, wanted=not quiet) as before_replay,
        ):
            processes = 1 if audit_log.events < _LONG else available_cores()
            found = audit_log.audited(processes, before_replay)
        # A pipe cannot be read again, and the table of automations alone has no room for it.
        is_asked = (
            found.unexplained > 0
            and found.events <= _MOST_READ_AGAIN
            and reader.is_files
            and not (is_table and quiet)
        )
        better = better_dialect(found, options.dialect, unpaired_in) if is_asked else None
    with open_output(output) as file:
        if not is_table:
            from trigger_cli.render.history.audit_json import audit_object

            write_json(file, audit_object(found, better, dialect=options.dialect.name, order=order))
        else:
            from trigger_cli.render.history.audit_table import render_audit
            from trigger_cli.render.history.view import TableOptions

            asked = TableOptions(
                zone=tz, sources=reader.sources, limit=limit, quiet=quiet, verbose=verbose
            )
            for console in consoles(file, "audit", color=color, width=width, save=save):
                render_audit(found, better, console, asked, dialect=options.dialect, order=order)
    failed = report_log(reader, stderr, leaderless=found.leaderless, strict=strict, quiet=quiet)
    if not start.is_searched and not quiet:
        text = "a pipe is searched for the server's version as standard input (-) alone, so"
        text += f" {options.dialect.name} was taken; --dialect chooses another"
        note(stderr, text)
    unpaired = any(one.missed or one.unrecorded for one in found.automations)
    if automation and found.others and unpaired and not quiet:
        text = "the firings of other automations, which may show when the server polled and which"
        text += " events it processed twice, are left out; without --automation they are not"
        note(stderr, text)
    if not failed and found.has_nothing_to_compare:
        is_part = any((taken_from, taken_to, until))
        place = "the part of the log that was taken" if is_part else "the log"
        raise CommandError(
            f"{place} has no firing recorded by a server: nothing to compare",
            LOG,
            f"these are events named {AUTOMATION_TRIGGERED}, in the server's own log; `trigger-cli"
            " replay` tells what would fire",
        )
    raise typer.Exit(failed or (FOUND if found.unexplained else 0))


def _server_ids(definitions: Definitions, chosen: Sequence[Automation]) -> dict[str, Automation]:
    """The automations by the id that the server gave them, where the definition contains it."""
    by_index = {one.index: one for one in chosen}
    found = {}
    for document in definitions.documents:
        for entry in document.entries:
            value = document.value_at(entry.pointer)
            server_id = value.get("id") if isinstance(value, dict) else None
            if isinstance(server_id, str) and entry.automation in by_index:
                found[server_id] = by_index[entry.automation]
    return found


@contextmanager
def _progress(automations: int, *, wanted: bool) -> Iterator[BeforeReplay]:
    """A callback to call before each replay; it shows how many automations have been audited."""
    if not wanted or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from trigger_cli.cli.consoles import console_for
    from trigger_cli.render.common.inert import inert

    progress = Progress(
        TextColumn("auditing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=console_for(sys.stderr, in_color=None, width=None),
        transient=True,
    )
    task = progress.add_task("", total=automations)

    def before_replay(audited: int, automation: Automation, replay: int) -> None:
        progress.start()  # not before the processes are copied, which a thread would prevent
        name = inert(automation.name, _LONGEST_NAME)
        progress.update(task, completed=audited, description=f"{name}, replay {replay:,}")

    try:
        yield before_replay
    finally:
        progress.stop()
