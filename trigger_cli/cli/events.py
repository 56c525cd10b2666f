"""``trigger-cli events``: show what is in a log, and suggest a trigger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.vocabulary import UNDELIVERED_NAMES, near_names

if TYPE_CHECKING:
    from trigger_cli.events.scan import Scanned
    from trigger_cli.history.event_profile import EventProfile
    from trigger_cli.history.survey import Survey
    from trigger_cli.model import BadLine
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli events events.jsonl
  trigger-cli events 'logs/*.zst' --format json
  trigger-cli events events.jsonl --suggest prefect.flow-run.Failed > trigger.json
"""


def events(
    paths: Annotated[
        list[str] | None, shared.argument("LOG", "Logs: paths, globs, or - for stdin; read as one.")
    ] = None,
    log: shared.LogPaths = None,
    suggest: Annotated[
        str | None,
        shared.valued("NAME", "Write a trigger for events of this name, as JSON with comments."),
    ] = None,
    output_format: shared.Format = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    strict: shared.Strict = False,
    tz: shared.Zone = UTC,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the event names.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Show what is in a log: event names, resources, labels, order, gaps and chains.

    Memory is bounded, however long the log is: counts beyond a limit are shown as more than that
    limit.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.inputs import report_log
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view, write_json
    from trigger_cli.history.event_profile import EventProfile
    from trigger_cli.history.survey_part import survey_part
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import AllLabels, Reading

    is_table = output_format == "table"
    if save is not None and suggest is not None:
        raise CommandError("--suggest writes a trigger, which --save cannot draw", USAGE)
    if suggest in UNDELIVERED_NAMES:
        raise CommandError(f"{suggest} events never reach triggers, so none fires on them", USAGE)
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    logs = [*(paths or []), *(log or [])]
    if not logs:
        raise CommandError("no log was given", USAGE, "give a path, a glob, or - for stdin")
    profile = None if suggest is None else EventProfile(suggest)
    # A profile needs the labels, too.
    digest = survey_part if profile is None else None
    reader = Log(logs, Reading(AllLabels(), "occurred", digest=digest))
    survey = _survey(reader, profile, quiet=quiet)
    if profile is not None and not profile.events:
        raise CommandError(f"no event is called {profile.name}", USAGE, _near(profile.name, survey))
    with open_output(output) as file:
        if profile is not None:
            from trigger_cli.render.history.suggestion import suggestion

            file.write(suggestion(profile))
        elif not is_table:
            from trigger_cli.render.history.survey_json import survey_object

            write_json(file, survey_object(survey, reader.sources))
        else:
            from trigger_cli.render.history.survey_table import render_survey
            from trigger_cli.render.history.view import TableOptions

            asked = TableOptions(
                zone=tz, sources=reader.sources, limit=limit, quiet=quiet, verbose=verbose
            )
            for console in consoles(file, "events", color=color, width=width, save=save):
                render_survey(survey, console, asked)
    raise typer.Exit(report_log(reader, stderr, strict=strict, quiet=quiet))


def _survey(reader: Log, profile: EventProfile | None, *, quiet: bool) -> Survey:
    from trigger_cli.cli.inputs import reading_in_rows
    from trigger_cli.events.batch import Rows
    from trigger_cli.history.survey import Surveyor
    from trigger_cli.history.survey_part import survey_part

    def noted(records: Iterable[Rows | BadLine]) -> Iterator[Rows | BadLine]:
        for record in records:
            if profile is not None and isinstance(record, Rows):
                for one in record.named({profile.name}):
                    profile.add(one)
            yield record

    def watch(stretches: Iterable[tuple[int, Scanned]]) -> Iterator[tuple[int, Scanned]]:
        for index, scanned in stretches:
            if scanned.events:
                rows = scanned.as_it_stands()
                surveyor.as_it_stands(rows, scanned.digest or survey_part(rows))
            yield index, scanned

    surveyor = Surveyor()
    with reading_in_rows(reader, quiet=quiet, watch=watch) as records:
        survey = surveyor.in_time(noted(records))
    survey.dropped_labels = reader.stats.dropped_labels
    return survey


def _near(name: str, survey: Survey) -> str | None:
    near = [one.name for one in near_names([name], {n: t.events for n, t in survey.names.items()})]
    if near:
        return f"did you mean: {', '.join(near)}"
    listed = sorted(survey.names, key=lambda one: -survey.names[one].events)[:5]
    hidden = len(survey.names) - len(listed)
    more = f" and {hidden:,} more; `trigger-cli events` lists them" if hidden else ""
    return f"there are: {', '.join(listed)}{more}" if listed else None
