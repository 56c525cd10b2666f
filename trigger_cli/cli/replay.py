"""``trigger-cli replay``: replay a log: transitions, firings and timelines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from trigger_cli.cli.completion import complete_automation
from trigger_cli.cli.failures import FOUND, INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.cli.options import ColorMode, DialectName, Order, read_duration
from trigger_cli.cli.shared_options import (
    BucketLabels,
    Color,
    DialectChoice,
    ExpiredBucketBuffer,
    LogPaths,
    OrderChoice,
    OutputFile,
    RowLimit,
    SavedView,
    Start,
    Strict,
    TakenFrom,
    TakenTo,
    Until,
    UntilQuiet,
    Verbose,
    Width,
    Zone,
)
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.cli.choosing import Shown
    from trigger_cli.model import Automation, Transition
    from trigger_cli.pipeline import MakeReplay, ReplayOptions
    from trigger_cli.read.log import Log, Readers
    from trigger_cli.render.replay.perfetto import PerfettoTrace
    from trigger_cli.report import ReplayReport

EXAMPLES = """\
Examples:

\b
  trigger-cli replay triggers.json events.jsonl
  trigger-cli replay prefect.yaml --log 'logs/*.zst' --dialect server
  trigger-cli replay triggers/ --log events.jsonl --from +1h --to +2h
  prefect event stream | trigger-cli replay triggers.json -
  trigger-cli replay triggers.json events.jsonl --format json --fail-on-fire
  trigger-cli replay triggers/ --log events.jsonl --format html -o replay.html
  trigger-cli replay triggers/ --log events.jsonl --format perfetto -o replay.trace.json
  trigger-cli replay triggers.json events.jsonl --save replay.svg
"""


class ReplayFormat(StrEnum):
    """How to show a replay."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    html = "html"
    perfetto = "perfetto"


_EXTENSIONS = {ReplayFormat.html: "html", ReplayFormat.perfetto: "trace.json"}


def replay(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="TRIGGERS",
            help="Definitions: files, directories, globs, or - for stdin. Without --log, two"
            " arguments are TRIGGERS and LOG.",
            show_default=False,
        ),
    ],
    log: LogPaths = None,
    dialect: DialectChoice = DialectName.auto,
    order: OrderChoice = Order.occurred,
    start: Start = None,
    until: Until = None,
    until_quiet: UntilQuiet = False,
    taken_from: TakenFrom = None,
    taken_to: TakenTo = None,
    automation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Show only automations of this name. Repeatable.",
            show_default=False,
            autocompletion=complete_automation,
        ),
    ] = None,
    bucket: BucketLabels = None,
    output_format: Annotated[
        ReplayFormat,
        typer.Option(
            "--format",
            "-f",
            help="How to show it; html is one self-contained page, perfetto a trace for"
            " ui.perfetto.dev.",
        ),
    ] = ReplayFormat.table,
    output: OutputFile = None,
    save: SavedView = None,
    limit: RowLimit = None,
    expired_bucket_buffer: ExpiredBucketBuffer = MINUTE,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            metavar="N",
            help="Processes that read large logs; the output is the same for any number."
            "  [default: the number of cores]",
            show_default=False,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Have the workers of this Dask scheduler read the logs, which may be URLs such"
            " as s3://… (extra `cluster`).",
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        int,
        typer.Option(
            parser=read_duration,
            metavar="DURATION",
            help="How long a cluster may be without workers.  [default: 2m]",
            show_default=False,
        ),
    ] = 2 * MINUTE,
    strict: Strict = False,
    fail_on_fire: Annotated[
        bool, typer.Option("--fail-on-fire", help="Exit 1 if a shown automation fired.")
    ] = False,
    fail_on_no_fire: Annotated[
        bool, typer.Option("--fail-on-no-fire", help="Exit 1 if a shown automation did not fire.")
    ] = False,
    tz: Zone = UTC,
    color: Color = ColorMode.auto,
    width: Width = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only the firings, one a line.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Replay event logs against trigger definitions on a simulated clock.

    Shows for each automation what it waits for, how its buckets changed, a timeline, and its
    firings. The same triggers, logs and options always give the same output.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.choosing import Shown, chosen_automations
    from trigger_cli.cli.clusters import cluster_log
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import load_triggers, require_readable, triggers_and_logs
    from trigger_cli.cli.output import make_stderr, open_output
    from trigger_cli.cli.saving import consoles, require_view
    from trigger_cli.pipeline import ReplayOptions, replayed
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading

    if fail_on_fire and fail_on_no_fire:
        raise CommandError("--fail-on-fire and --fail-on-no-fire exclude each other", USAGE)
    is_table = output_format is ReplayFormat.table
    require_view(save, shows_one=is_table, output_format=output_format)
    to_terminal = output is None and _is_terminal()
    if output_format in {ReplayFormat.html, ReplayFormat.perfetto} and to_terminal:
        raise CommandError(
            f"a terminal cannot show --format {output_format}",
            USAGE,
            f"write it to a file with --output replay.{_EXTENSIONS[output_format]}",
        )
    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    definitions = load_triggers(trigger_paths, stderr, quiet=quiet, verbose=verbose)
    shown = Shown(automation or [], bucket or [])
    chosen_automations(definitions.automations, automation or [])
    options = ReplayOptions(
        dialect=chosen_dialect(dialect, definitions.automations),
        order=order.of_model,
        start=start,
        until=until,
        until_quiet=until_quiet,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    # Tables also show what the other dialect would do.
    compares = is_table and not quiet
    sides = replayed(definitions.automations, options.dialect, compare_dialects=compares)
    # Only in the log's own order may the end come before all of the log has been read.
    stops_early = until is not None and options.order == "log"
    make_log = Log if cluster is None else cluster_log
    wanted = Reading(sides, options.order, with_received=False)
    reader = make_log(log_paths, wanted, one_by_one=stops_early)
    require_readable(reader)
    with open_output(output) as file:
        trace = _trace(file, shown) if output_format is ReplayFormat.perfetto else None
        report, interrupted = _run(
            definitions.automations,
            reader,
            options,
            _each_record(file, shown, trace, output_format),
            jobs=jobs,
            cluster=cluster,
            patience=patience,
            output_format=output_format,
            quiet=quiet,
        )
        if is_table:
            title = "trigger-cli replay"
            for console in consoles(file, color=color, width=width, save=save, title=title):
                _draw(report, console, shown, zone=tz, limit=limit, quiet=quiet, verbose=verbose)
        else:
            _write_ending(report, file, shown, trace, output_format=output_format, zone=tz)
    say_what_went_wrong(report, reader, stderr, interrupted=interrupted, quiet=quiet)
    code = _exit_code(
        report,
        reader,
        shown,
        strict=strict,
        fail_on_fire=fail_on_fire,
        fail_on_no_fire=fail_on_no_fire,
    )
    raise typer.Exit(INTERRUPTED if interrupted else code)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _run(
    automations: tuple[Automation, ...],
    reader: Log,
    options: ReplayOptions,
    each: Callable[[Transition], None] | None,
    *,
    jobs: int | None,
    cluster: str | None,
    patience: int,
    output_format: ReplayFormat,
    quiet: bool,
) -> tuple[ReplayReport, bool]:
    """Replay and call `each` with every record; returns whether it was interrupted."""
    from trigger_cli.cli.clusters import cluster_workers
    from trigger_cli.cli.reading import reading
    from trigger_cli.engine.replay import Replay
    from trigger_cli.pipeline import ReplayRun
    from trigger_cli.read.garbage import seldom_collecting
    from trigger_cli.report import KEPT

    bounds = KEPT
    page = output_format is ReplayFormat.html
    if page:
        from trigger_cli.render.replay.html.data import KEPT as PAGE_BOUNDS

        bounds = PAGE_BOUNDS
    tables = output_format is ReplayFormat.table and not quiet
    with_buckets = tables or page
    firings_only = each is None and not with_buckets
    interrupted = False
    with ExitStack() as stack:
        workers: Readers | None = None
        make_replay: MakeReplay = Replay
        if cluster is not None:
            workers, elsewhere = stack.enter_context(
                cluster_workers(cluster, reader, patience=patience)
            )
            # A view of every transition has them made here, where their order is known.
            if firings_only:
                make_replay = elsewhere
        records = stack.enter_context(reading(reader, quiet=quiet, jobs=jobs, workers=workers))
        stack.enter_context(seldom_collecting())
        run = ReplayRun(
            automations,
            records,
            options,
            with_buckets=with_buckets,
            compare_dialects=tables,
            firings_only=firings_only,
            make_replay=make_replay,
            bounds=bounds,
        )
        try:
            for transition in run:
                if each is not None:
                    each(transition)
        except KeyboardInterrupt:
            # Results so far are shown first.
            interrupted = True
    report = run.report()
    report.log.sources = reader.sources
    report.log.lines = reader.stats.lines
    report.log.events = reader.stats.events
    return report, interrupted


def _each_record(
    file: TextIO, shown: Shown, trace: PerfettoTrace | None, output_format: ReplayFormat
) -> Callable[[Transition], None] | None:
    """The handler of each record, for formats that stream."""
    write: Callable[[Transition], None]
    if trace is not None:
        write = trace.add
    elif output_format is ReplayFormat.jsonl:
        from trigger_cli.render.common.plain_json import dump_json
        from trigger_cli.render.replay.json_report import transition_object

        def write_line(transition: Transition) -> None:
            file.write(dump_json(transition_object(transition)) + "\n")

        write = write_line

    else:
        return None
    from trigger_cli.model import DeliveryTransition, FiredTransition, HeldTransition, key_labels

    def write_shown(transition: Transition) -> None:
        if not isinstance(transition, DeliveryTransition):
            if not shown.automation(transition.automation):
                return
            if not shown.labels(dict(key_labels(transition.trigger, transition.key))):
                if not isinstance(transition, HeldTransition | FiredTransition):
                    return
                if not shown.firing(transition.firing):
                    return
        write(transition)

    return write_shown


def _trace(file: TextIO, shown: Shown) -> PerfettoTrace:
    from trigger_cli.render.replay.perfetto import PerfettoTrace

    return PerfettoTrace(file.write, shows_firing=shown.firing)


def _draw(
    report: ReplayReport,
    console: Console,
    shown: Shown,
    *,
    zone: tzinfo,
    limit: int | None,
    quiet: bool,
    verbose: bool,
) -> None:
    from trigger_cli.render.replay.table import render_firings, render_replay

    if quiet:
        render_firings(report, console, zone=zone, shows=shown)
    else:
        render_replay(report, console, zone=zone, verbose=verbose, limit=limit, shows=shown)


def _write_ending(
    report: ReplayReport,
    file: TextIO,
    shown: Shown,
    trace: PerfettoTrace | None,
    *,
    output_format: ReplayFormat,
    zone: tzinfo,
) -> None:
    """Write the output at the end of the replay."""
    if output_format is ReplayFormat.html:
        from trigger_cli import __version__
        from trigger_cli.render.replay.html import replay_page

        file.write(replay_page(report, zone=zone, shows=shown, version=__version__))
        return
    from trigger_cli.render.common.plain_json import dump_json, json_document
    from trigger_cli.render.replay.json_report import replay_object, replay_summary

    if output_format is ReplayFormat.json:
        value = replay_object(report, shows_automation=shown.automation, shows_firing=shown.firing)
        file.write(json_document(value))
        return
    summary = replay_summary(report, shows_automation=shown.automation)
    if trace is not None:
        trace.finish(summary, report.end)
    else:
        file.write(dump_json({"kind": "summary", **summary}) + "\n")


def say_what_went_wrong(
    report: ReplayReport, reader: Log, stderr: Console, *, interrupted: bool, quiet: bool
) -> None:
    """On stderr: bad lines and unreadable logs, and that the replay was interrupted."""
    from trigger_cli.render.common.inert import inert

    for lost in reader.unreadable:
        stderr.print(
            f"error: {inert(lost.source, 400)}: {inert(lost.message, 1_000)}", soft_wrap=True
        )
    if report.problems and not quiet:
        first = report.problems[0]
        count = report.log.malformed
        more = f" (and {count - 1} more)" if count > 1 else ""
        place = f"{inert(first.source, 400)}:{first.line}"
        stderr.print(
            f"warning: {place}: {inert(first.message, 400)}{more}", style="yellow", soft_wrap=True
        )
    if interrupted:
        stderr.print(f"interrupted after {reader.stats.events} events; the rest was not replayed")


def _exit_code(
    report: ReplayReport,
    reader: Log,
    shown: Shown,
    *,
    strict: bool,
    fail_on_fire: bool,
    fail_on_no_fire: bool,
) -> int:
    # The replay could not use an event without `received` (O1).
    has_no_place = report.log.malformed > reader.stats.malformed
    if reader.unreadable or has_no_place or (strict and report.log.malformed):
        return LOG
    of_interest = [one for one in report.automations if shown.automation(one.automation)]
    if fail_on_fire and any(one.firings for one in of_interest):
        return FOUND
    if fail_on_no_fire and not all(one.firings for one in of_interest if one.automation.enabled):
        return FOUND
    return 0
