"""``trigger-cli replay``: replay a log: transitions, firings and timelines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from datetime import UTC, tzinfo
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Literal, TextIO, TypeAlias, assert_never

import typer
from msgspec.structs import replace

from trigger_cli import __version__
from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import FOUND, INTERRUPTED, USAGE, CommandError
from trigger_cli.engine.errors import EndlessError
from trigger_cli.model import DeliveryTransition, FiredTransition, HeldTransition, key_labels
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.cli.choosing import Shown
    from trigger_cli.model import Automation, Transition, TriggerTransition
    from trigger_cli.parallel.replay import Helpers
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

ReplayFormat: TypeAlias = Literal["table", "json", "jsonl", "html", "perfetto"]
_PATIENCE = 2 * MINUTE
_EXTENSIONS = {"html": "html", "perfetto": "trace.json"}


def replay(
    paths: shared.TriggerPaths,
    log: shared.LogPaths = None,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    until_quiet: shared.UntilQuiet = False,
    endless: Annotated[
        bool,
        typer.Option(
            "--endless",
            help="Go on where more than a million windows of a bucket end without an event.",
        ),
    ] = False,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    automation: shared.ShownAutomations = None,
    bucket: shared.BucketLabels = None,
    output_format: Annotated[
        ReplayFormat,
        shared.formats(
            "How to show it; html is one self-contained page, perfetto a trace for"
            " ui.perfetto.dev.",
        ),
    ] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    jobs: Annotated[
        int | None,
        shared.valued(
            "N",
            "Processes that read large logs and evaluate triggers; the output is the same for any"
            " number."
            "  [default: the number of cores]",
            "--jobs",
            "-j",
            min=1,
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        shared.valued(
            "ADDRESS",
            "Have the workers of this Dask scheduler read the logs, which may be URLs such"
            " as s3://… (extra `cluster`).",
        ),
    ] = None,
    patience: Annotated[
        int | None,
        shared.duration("How long the --cluster may be without workers.  [default: 2m]"),
    ] = None,
    strict: shared.Strict = False,
    fail_on_fire: Annotated[
        bool, typer.Option("--fail-on-fire", help="Exit 1 if a shown automation fired.")
    ] = False,
    fail_on_no_fire: Annotated[
        bool, typer.Option("--fail-on-no-fire", help="Exit 1 if a shown automation did not fire.")
    ] = False,
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the firings, one a line.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Replay event logs against trigger definitions on a simulated clock.

    Shows for each automation what it waits for, how its buckets changed, a timeline, and its
    firings. The same triggers, logs and options always give the same output.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.choosing import Shown, chosen_automations, with_whole_labels
    from trigger_cli.cli.clusters import cluster_log
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import (
        endless_replay,
        load_triggers,
        triggers_and_logs,
    )
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view
    from trigger_cli.pipeline import ReplayOptions

    if fail_on_fire and fail_on_no_fire:
        raise CommandError("--fail-on-fire and --fail-on-no-fire exclude each other", USAGE)
    if cluster is None and patience is not None:
        raise CommandError("--patience needs --cluster", USAGE)
    if cluster is not None and jobs is not None:
        raise CommandError(
            "--cluster and --jobs exclude each other", USAGE, "the cluster's workers read the logs"
        )
    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    extension = _EXTENSIONS.get(output_format)
    if extension and output is None and _is_terminal():
        raise CommandError(
            f"a terminal cannot show --format {output_format}",
            USAGE,
            f"write it to a file with --output replay.{extension}",
        )
    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    definitions = load_triggers(
        trigger_paths, stderr, quiet=quiet, verbose=verbose, automation=automation
    )
    bucket = with_whole_labels(
        chosen_automations(definitions.automations, automation or []), bucket or []
    )
    shown = Shown(automation or [], bucket)
    options = ReplayOptions(
        dialect=chosen_dialect(dialect, definitions.automations),
        order=order,
        start=start,
        until=until,
        until_quiet=until_quiet,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
        endless=endless,
    )
    shows_tables = is_table and not quiet
    # Tables and pages also show the result in the other dialect.
    compares = shows_tables or output_format == "html"
    brief = shows_tables and not (verbose or automation or bucket or limit or output or save)
    if brief:
        from trigger_cli.render.common.view import are_many

        brief = are_many(definitions.automations)
    reader = replay_log(
        definitions.automations,
        log_paths,
        options,
        compares=compares,
        make_log=None if cluster is None else cluster_log,
    )
    with open_output(output) as file:
        trace = None
        if output_format == "perfetto":
            from trigger_cli.render.replay.perfetto import PerfettoTrace

            trace = PerfettoTrace(file.write, shows_firing=shown.firing)
        report, interrupted, stopped = run_replay(
            definitions.automations,
            reader,
            options,
            _each_record(file, shown, trace, output_format),
            jobs=jobs,
            cluster=cluster,
            patience=_PATIENCE if patience is None else patience,
            output_format=output_format,
            quiet=quiet,
            brief=brief,
            keeps_buckets=bool(bucket),
        )
        if bucket and not interrupted:
            _require_bucket(report, shown, bucket)
        if is_table:
            from trigger_cli.render.replay.table import render_firings, render_replay

            explain = _explaining(trigger_paths, log_paths, dialect, options, tz)
            for console in consoles(file, "replay", color=color, width=width, save=save):
                if quiet:
                    render_firings(report, console, zone=tz, shows=shown)
                else:
                    render_replay(
                        report,
                        console,
                        zone=tz,
                        verbose=verbose,
                        limit=limit,
                        shows=shown,
                        brief=brief,
                        explain=explain,
                    )
        else:
            _write_ending(report, file, shown, trace, output_format=output_format, zone=tz)
    failed = say_what_went_wrong(
        report, reader, stderr, strict=strict, interrupted=interrupted, quiet=quiet
    )
    if stopped is not None and not interrupted:
        raise endless_replay(stopped, reader)
    if not failed and (fail_on_fire or fail_on_no_fire):
        failed = FOUND if _is_unwanted(report, shown, fires=fail_on_fire) else 0
    raise typer.Exit(INTERRUPTED if interrupted else failed)


def _explaining(
    trigger_paths: Sequence[str],
    log_paths: Sequence[str],
    dialect: shared.DialectName,
    options: ReplayOptions,
    zone: tzinfo,
) -> list[str]:
    """The command that explains this replay; empty if it could not read the same."""
    from trigger_cli.cli.same_replay import options_again
    from trigger_cli.events.sources import is_url

    named = (*trigger_paths, *log_paths)
    if "-" in named or any(map(is_url, named)):
        return []
    logs = [word for path in log_paths for word in ("--log", path)]
    rules = [] if dialect == "auto" else ["--dialect", dialect]
    return ["explain", *trigger_paths, *logs, *rules, *options_again(options, zone)]


def _is_unwanted(report: ReplayReport, shown: Shown, *, fires: bool) -> bool:
    """Whether a shown automation fired (`fires`), or one that is enabled, or all of none, did not."""
    of_interest = [one for one in report.automations if shown.automation(one.automation)]
    if fires:
        return any(one.firings for one in of_interest)
    enabled = [one for one in of_interest if one.automation.enabled]
    return not enabled or not all(one.firings for one in enabled)


def replay_log(
    automations: Sequence[Automation],
    log_paths: Sequence[str],
    options: ReplayOptions,
    *,
    compares: bool,
    make_log: Callable[..., Log] | None = None,
) -> Log:
    """The logs, prepared for `run_replay`.

    Args:
        automations: The automations to replay.
        log_paths: The paths from the command line.
        options: The options of the replay.
        compares: Whether the other dialect is replayed too.
        make_log: Creates the reader, if it is not a `Log`.

    Raises:
        CommandError: A log cannot be opened.
    """
    from trigger_cli.cli.inputs import require_readable
    from trigger_cli.pipeline import replayed
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading

    sides = replayed(automations, options.dialect, compare_dialects=compares)
    sides = replace(sides, only_shown=True)
    # The replay can stop before all of the log has been read only in the log's own order.
    stops_early = options.until is not None and options.order == "log"
    wanted = Reading(sides, options.order, with_received=False)
    reader = (make_log or Log)(log_paths, wanted, one_by_one=stops_early)
    require_readable(reader)
    return reader


def _require_bucket(report: ReplayReport, shown: Shown, wanted: list[shared.LabelValue]) -> None:
    """Refuse to show a bucket that does not exist, if there are buckets.

    Raises:
        CommandError: No bucket and no firing has the labels, or they are a part of several ids.
    """
    from trigger_cli.cli.choosing import no_such_bucket, which_of

    are_shown = chain(map(shown.bucket, report.buckets), map(shown.firing, report.firings))
    if report.buckets and not any(are_shown):
        labels = tuple((one.label, one.value) for one in wanted)
        raise no_such_bucket(labels, (one.labels for one in report.buckets))
    buckets = [dict(one.labels) for one in report.buckets if shown.bucket(one)]
    for one in wanted:
        values = list(dict.fromkeys(labels[one.label] for labels in buckets))
        if len(values) > 1 and one.value not in values:
            raise which_of(one.value, values)


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def run_replay(
    automations: Sequence[Automation],
    reader: Log,
    options: ReplayOptions,
    each: Callable[[Transition], None] | None,
    *,
    jobs: int | None,
    cluster: str | None = None,
    patience: int = _PATIENCE,
    output_format: ReplayFormat,
    quiet: bool,
    brief: bool = False,
    keeps_buckets: bool = False,
    in_silence: bool = False,
) -> tuple[ReplayReport, bool, EndlessError | None]:
    """Replay and call `each` with every record; returns whether it was interrupted or endless.

    Args:
        automations: The automations to replay.
        reader: The logs, from `replay_log`.
        options: The options of the replay.
        each: Called with every record.
        jobs: How many processes read long logs and evaluate triggers; ``None``: one for each core.
        cluster: The address of a cluster to use instead of processes.
        patience: How long the cluster may be without workers, µs.
        output_format: The format of the report; it decides what the report contains.
        quiet: The report is only for the firings.
        brief: The report is only for an overview of many automations.
        keeps_buckets: The report has all buckets, whatever the format shows of them.
        in_silence: Show no progress.
    """
    from trigger_cli.cli.clusters import cluster_workers
    from trigger_cli.cli.inputs import reading_in_rows
    from trigger_cli.engine.replay import Replay
    from trigger_cli.interrupts import interrupts_after
    from trigger_cli.pipeline import ReplayRun
    from trigger_cli.read.garbage_collection import seldom_collecting
    from trigger_cli.report import KEPT, Reporter

    bounds = KEPT
    is_page = output_format == "html"
    if is_page:
        from trigger_cli.render.replay.html.data import KEPT as PAGE_BOUNDS

        bounds = PAGE_BOUNDS
    tables = output_format == "table" and not quiet
    with_buckets = keeps_buckets or is_page or (tables and not brief)
    firings_only = each is None and not with_buckets
    interrupted = False
    stopped: EndlessError | None = None
    with ExitStack() as stack:
        readers: Readers | None
        helpers: Helpers | None
        if cluster is not None:
            readers, helpers = stack.enter_context(
                cluster_workers(cluster, reader, patience=patience)
            )
        else:
            readers = helpers = stack.enter_context(reader.workers(jobs))
            if options.order == "log":
                # In this order, records are shown as the events of the log arrive.
                helpers = None
        make_replay: MakeReplay = Replay
        if helpers is not None:
            from trigger_cli.parallel.replay import shared_replay

            # If all transitions are shown, this process makes them: it knows their order.
            make_replay = partial(shared_replay, helpers=helpers)
        records = stack.enter_context(
            reading_in_rows(reader, quiet=quiet or in_silence, workers=nullcontext(readers))
        )
        stack.enter_context(seldom_collecting())
        run = ReplayRun(
            automations,
            records,
            options,
            with_buckets=with_buckets,
            compare_dialects=tables or is_page,
            firings_only=firings_only,
            make_replay=make_replay,
            bounds=bounds,
        )
        try:
            with interrupts_after(Reporter.add, Reporter.add_block):
                for transition in run:
                    if each is not None:
                        each(transition)
        except KeyboardInterrupt:
            # Results so far are shown first.
            interrupted = True
        except EndlessError as error:
            stopped = error
    report = run.report()
    report.log.sources = reader.sources
    report.log.lines = reader.stats.lines
    report.log.events = reader.stats.events
    return report, interrupted, stopped


def _each_record(
    file: TextIO, shown: Shown, trace: PerfettoTrace | None, output_format: ReplayFormat
) -> Callable[[Transition], None] | None:
    """The handler of each record, for formats that stream."""
    if trace is None and output_format != "jsonl":
        return None
    from trigger_cli.render.common.plain_json import dump_json
    from trigger_cli.render.replay.json_report import transition_object

    def is_shown(one: TriggerTransition) -> bool:
        return shown.automation(one.automation) and (
            shown.labels(dict(key_labels(one.trigger, one.key)))
            or (isinstance(one, HeldTransition | FiredTransition) and shown.firing(one.firing))
        )

    def write(one: Transition) -> None:
        if not isinstance(one, DeliveryTransition) and not is_shown(one):
            return
        if trace is not None:
            trace.add(one)
        else:
            file.write(dump_json(transition_object(one)) + "\n")

    return write


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
    match output_format:
        case "html":
            from trigger_cli.render.replay.html.page import replay_page

            file.write(replay_page(report, zone=zone, shows=shown, version=__version__))
        case "json":
            from trigger_cli.render.replay.json_report import replay_document

            file.writelines(replay_document(report, shown))
        case "jsonl" | "perfetto":
            from trigger_cli.render.common.plain_json import dump_json
            from trigger_cli.render.replay.json_report import replay_summary

            summary = replay_summary(report, shown)
            if trace is None:
                file.write(dump_json({"kind": "summary", **summary}) + "\n")
            else:
                trace.finish(summary, report.end)
        case "table":
            pass  # shown on consoles
        case _:
            assert_never(output_format)


def say_what_went_wrong(
    report: ReplayReport,
    reader: Log,
    stderr: Console,
    *,
    strict: bool = False,
    interrupted: bool,
    quiet: bool,
) -> int:
    """On stderr: bad lines, unreadable logs, lost leaders, and that it was interrupted; the exit code."""
    from trigger_cli.cli.inputs import report_log

    failed = report_log(
        reader,
        stderr,
        leaderless=report.log.leaderless,
        strict=strict,
        quiet=quiet or interrupted,
    )
    if interrupted:
        stderr.print(f"interrupted after {reader.stats.events} events; the rest was not replayed")
    return failed
