"""``trigger-cli sweep``: replay a grid of a trigger's variants in one pass."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_never

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_field
from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.times import MINUTE

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.history.grid import Axis

_LINTED = 100
"""The most values of an axis that are linted."""
EXAMPLES = """\
Examples:

\b
  trigger-cli sweep trigger.json --log events.jsonl --threshold 1..5 --within 1m,5m,1h
  trigger-cli sweep trigger.json --log events.jsonl --within 30,60,90 --format csv
  trigger-cli sweep compound.json --log events.jsonl --set /triggers/0/within=10,20,30
  trigger-cli sweep trigger.json --log events.jsonl --set '/expect=["a"];["a", "b"]'
"""


def sweep(
    paths: Annotated[
        list[str],
        shared.argument(
            "TRIGGER",
            "A definition: a file, or - for stdin. Without --log, two arguments are TRIGGER"
            " and LOG.",
        ),
    ],
    log: shared.LogPaths = None,
    threshold: Annotated[
        str | None, shared.valued("VALUES", "Values of `threshold`: 1..5, or 1,2,10.")
    ] = None,
    within: Annotated[
        str | None, shared.valued("DURATIONS", "Values of `within`: 1m,5m,1h.")
    ] = None,
    fields: Annotated[
        list[str] | None,
        shared.valued(
            "POINTER=VALUES",
            "Values of any field, by its JSON Pointer within the trigger: numbers and"
            " durations between commas, JSON between semicolons. Repeatable.",
            "--set",
            autocompletion=complete_field,
        ),
    ] = None,
    automation: Annotated[
        str | None,
        shared.automations(
            "The one automation whose name matches this glob; needed if there are several."
        ),
    ] = None,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    output_format: Annotated[Literal["table", "json", "csv"], shared.formats()] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    strict: shared.Strict = False,
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the map.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Replay a grid of a trigger's variants over a log, and show how often each fires.

    The log is read, ordered and matched once for all variants. Where neighbouring variants fire
    equally often, the number is stable: the largest such plateau is named.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.choosing import the_automation, written_trigger
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import (
        load_triggers,
        reading_in_rows,
        report_log,
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
    from trigger_cli.history.grid import GridError, cells_of, value_at, variants
    from trigger_cli.history.plateau import plateau_of
    from trigger_cli.history.sweep import sweep as sweep_log
    from trigger_cli.pipeline import ReplayOptions, replayed
    from trigger_cli.read.garbage_collection import seldom_collecting
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading
    from trigger_cli.render.common.words import quoted

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    definitions = load_triggers(
        trigger_paths, stderr, quiet=quiet, verbose=verbose, automation=automation
    )
    chosen = the_automation(definitions.automations, automation)
    trigger = written_trigger(definitions, chosen)
    try:
        axes = _axes(threshold, within, fields or [])
        cells = cells_of(axes)
        automations = variants(trigger, axes, cells)
    except GridError as error:
        raise CommandError(str(error), USAGE) from None
    options = ReplayOptions(
        dialect=chosen_dialect(dialect, definitions.automations),
        order=order,
        start=start,
        until=until,
        taken_from=taken_from,
        taken_to=taken_to,
        expired_bucket_buffer=expired_bucket_buffer,
    )
    reader = Log(
        log_paths,
        Reading(replayed(automations, options.dialect), options.order, with_received=False),
        # The replay can stop before all of the log has been read only in the log's own order.
        one_by_one=until is not None and options.order == "log",
    )
    with reading_in_rows(reader, quiet=quiet) as records, seldom_collecting():
        done = sweep_log(axes, cells, automations, records, options)
    plateau = plateau_of(done)
    if not quiet:
        if not chosen.enabled:
            note(stderr, f"{quoted(chosen.name)} is disabled, and swept as if it were not (O5)")
        for axis in axes:
            _report_values(trigger, axis, options.dialect.name, stderr)
    defined = tuple(_defined(axis, value_at(trigger, axis.pointer)) for axis in axes)
    with open_output(output) as file:
        match output_format:
            case "csv":
                from trigger_cli.render.history.sweep_data import sweep_csv

                file.write(sweep_csv(done))
            case "json":
                from trigger_cli.render.history.sweep_data import sweep_object

                value = sweep_object(
                    done,
                    plateau,
                    automation=chosen.name,
                    defined=defined,
                    dialect=options.dialect.name,
                    order=order,
                )
                write_json(file, value)
            case "table":
                from trigger_cli.render.history.sweep_table import render_sweep
                from trigger_cli.render.history.view import TableOptions

                asked = TableOptions(
                    zone=tz, sources=reader.sources, limit=limit, quiet=quiet, verbose=verbose
                )
                for console in consoles(file, "sweep", color=color, width=width, save=save):
                    render_sweep(
                        done,
                        plateau,
                        console,
                        asked,
                        automation=chosen.name,
                        defined=defined,
                        dialect=options.dialect,
                        order=options.order,
                    )
            case _:
                assert_never(output_format)
    failed = report_log(reader, stderr, leaderless=done.leaderless, strict=strict, quiet=quiet)
    raise typer.Exit(failed)


def _axes(threshold: str | None, within: str | None, fields: list[str]) -> list[Axis]:
    from trigger_cli.history.grid import GridError, parse_axis

    given = [("/threshold", threshold), ("/within", within)]
    axes = [parse_axis(pointer, text) for pointer, text in given if text is not None]
    for one in fields:
        pointer, equals, values = one.partition("=")
        if not equals:
            raise GridError(f"{one} is not of the form POINTER=VALUES")
        axes.append(parse_axis(pointer, values))
    if not axes:
        raise GridError("nothing to vary: give --threshold, --within or --set POINTER=VALUES")
    return axes


def _report_values(trigger: Any, axis: Axis, dialect: str, stderr: Console) -> None:
    """Report on stderr what lint finds wrong with the axis's values, and not with the defined."""
    from trigger_cli.cli.output import warn
    from trigger_cli.definitions import load_text
    from trigger_cli.history.grid import FILE, cells_of, written
    from trigger_cli.lint.runner.linter import Settings, lint_file
    from trigger_cli.render.common.inert import inert

    cells = cells_of([axis])[:_LINTED]
    found = [
        finding
        for text in written(trigger, [axis], cells)
        for finding in lint_file(
            load_text(text, file=FILE, format="json"), text, FILE, Settings(dialect=dialect)
        )
    ]
    for finding in found:
        if finding.severity != "info" and finding.pointer.endswith(f"/trigger{axis.pointer}"):
            said = f"with {axis.name} {finding.automation}: {finding.message} ({finding.code})"
            warn(stderr, inert(said, 400))


def _defined(axis: Axis, value: Any) -> Any:
    """The definition's own value, as the grid writes values."""
    from trigger_cli.history.grid import GridError, parse_axis

    if value is None:
        value = {"/threshold": 1, "/within": 0}.get(axis.pointer)
    if axis.is_duration and value is not None:
        try:
            return parse_axis(axis.pointer, str(value)).values[0]
        except GridError:
            return value
    return value
