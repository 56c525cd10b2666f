"""``trigger-cli explain``: why a trigger fired or did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_automation
from trigger_cli.cli.failures import INTERRUPTED, LOG, USAGE, CommandError
from trigger_cli.cli.options import ColorMode, DialectName, Order, read_moment
from trigger_cli.times import MINUTE, TimePoint

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.explain.evidence import Evidence
    from trigger_cli.explain.records import Explanation
    from trigger_cli.model import Automation, Event
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli explain triggers.json events.jsonl
  trigger-cli explain triggers/ --log events.jsonl --automation 'Two runs*'
  trigger-cli explain triggers.json events.jsonl --event 128
  trigger-cli explain triggers.json events.jsonl --at 2026-03-01T12:05:00Z
  trigger-cli explain triggers.json events.jsonl --firing 2 --format json
  trigger-cli explain --codes
"""
_NEAR = 5


class ExplainFormat(StrEnum):
    """How to show an explanation."""

    table = "table"
    json = "json"


def explain(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TRIGGERS",
            help="Definitions: files, directories, globs, or - for stdin. Without --log, two"
            " arguments are TRIGGERS and LOG.",
            show_default=False,
        ),
    ] = None,
    log: shared.LogPaths = None,
    automation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Explain only automations of this name. Repeatable.",
            show_default=False,
            autocompletion=complete_automation,
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            metavar="ID|LINE",
            help="What this event did: every clause, and what the buckets made of it.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        TimePoint | None,
        typer.Option(
            parser=read_moment,
            metavar="TIME",
            help="The state at this time: open buckets, stored firings, metrics.",
            show_default=False,
        ),
    ] = None,
    firing: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="What led to the Nth firing.", show_default=False),
    ] = None,
    bucket: shared.BucketLabels = None,
    codes: Annotated[
        bool, typer.Option("--codes", help="Print every cause with a paragraph, and exit.")
    ] = False,
    dialect: shared.DialectChoice = DialectName.auto,
    order: shared.OrderChoice = Order.occurred,
    start: shared.Start = None,
    until: shared.Until = None,
    until_quiet: shared.UntilQuiet = False,
    taken_from: shared.TakenFrom = None,
    taken_to: shared.TakenTo = None,
    output_format: Annotated[
        ExplainFormat, typer.Option("--format", "-f", help="How to show it.")
    ] = ExplainFormat.table,
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    expired_bucket_buffer: shared.ExpiredBucketBuffer = MINUTE,
    strict: shared.Strict = False,
    tz: shared.Zone = UTC,
    color: shared.Color = ColorMode.auto,
    width: shared.Width = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only the verdict and its cause.")
    ] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Explain why a trigger fired or did not fire on a log.

    First the verdict and its decisive cause; then the evidence: how far the events came, what came
    nearest, and which single changes would have made the difference, each of them replayed.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.choosing import chosen_automations
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import load_triggers, triggers_and_logs
    from trigger_cli.cli.output import make_stderr, open_output
    from trigger_cli.cli.replay import say_what_went_wrong
    from trigger_cli.cli.saving import consoles, require_view
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.render.explain.table import FULL, render_codes

    tables = output_format is ExplainFormat.table
    require_view(save, shows_one=tables or codes, output_format=output_format)
    title = "trigger-cli explain"
    if codes:
        with open_output(output) as file:
            for console in consoles(file, color=color, width=width, save=save, title=title):
                render_codes(console)
        raise typer.Exit
    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths or [], log or [])
    definitions = load_triggers(trigger_paths, stderr, quiet=quiet, verbose=verbose)
    automations = chosen_automations(definitions.automations, automation or [])
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
    wanted = None if event is None else _WantedEvent(event)
    reader, evidence, interrupted = _gather(automations, log_paths, options, wanted, quiet=quiet)
    is_brief = tables and (quiet or (len(automations) > FULL and not verbose))
    explanations = _explanations(
        evidence,
        automations,
        asked=_Asked(
            event=None if wanted is None else wanted.only(evidence),
            at=at,
            firing=firing,
            labels=tuple((one.label, one.value) for one in bucket or []),
            # If only verdicts are shown, changes are not needed.
            changes=not is_brief,
        ),
    )
    with open_output(output) as file:
        for console in consoles(file, color=color, width=width, save=save, title=title):
            _show(
                explanations,
                evidence,
                console,
                output_format=output_format,
                zone=tz,
                limit=limit,
                brief=is_brief,
                verbose=verbose,
            )
    say_what_went_wrong(evidence.report, reader, stderr, interrupted=interrupted, quiet=quiet)
    raise typer.Exit(INTERRUPTED if interrupted else _exit_code(evidence, reader, strict=strict))


# --- What is asked about ---------------------------------------------------------------------


class _WantedEvent:
    """The event that ``--event`` names by its id, or by its line over all logs."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = int(text) if text.isdecimal() and len(text) < 20 else None
        self._near: list[str] = []
        self._last_line = 0

    def find(self, event: Event) -> bool:
        """Whether it may be the event; similar ids are kept for the error message."""
        self._last_line = max(self._last_line, event.line)
        if event.id == self._text or event.line == self._line:
            return True
        if len(self._near) < _NEAR and event.id.startswith(self._text[:8]):
            self._near.append(event.id)
        return False

    def only(self, evidence: Evidence) -> Event:
        """The event; an id takes precedence over a line.

        Raises:
            CommandError: The log has no such event.
        """
        found = sorted(evidence.found, key=lambda one: one.id != self._text)
        if found:
            return found[0]
        near = f"ids like it: {', '.join(self._near)}" if self._near else None
        raise CommandError(
            f"no event has the id or line {self._text}",
            USAGE,
            near or f"the log's last event is on line {self._last_line}",
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    event: Event | None
    at: TimePoint | None
    firing: int | None
    labels: tuple[tuple[str, str], ...]
    changes: bool


def _explanations(
    evidence: Evidence, automations: Sequence[Automation], asked: _Asked
) -> list[Explanation]:
    from trigger_cli.explain.explain import Question, explain, firing_count

    question = Question(
        event=asked.event,
        at=None if asked.at is None else asked.at.resolve(evidence.log_start),
        firing=asked.firing,
        labels=asked.labels,
        changes=asked.changes,
    )
    if asked.firing is not None:
        most = max(firing_count(evidence, one, question) for one in automations)
        if asked.firing > most:
            raise CommandError(
                f"there is no firing {asked.firing}",
                USAGE,
                "nothing fired" if not most else f"firings are counted from 1 to {most}",
            )
    if asked.labels and not any(_has_bucket(evidence, one, asked.labels) for one in automations):
        text = " ".join(f"{label}={value}" for label, value in asked.labels)
        raise CommandError(f"there is no bucket {text}", USAGE, _buckets(evidence, automations))
    return [explain(evidence, one, question) for one in automations]


def _has_bucket(
    evidence: Evidence, automation: Automation, labels: tuple[tuple[str, str], ...]
) -> bool:
    return any(set(labels) <= set(own) for own in _keys(evidence, automation))


def _keys(evidence: Evidence, automation: Automation) -> list[tuple[tuple[str, str], ...]]:
    from trigger_cli.model import key_labels

    keys = {key_labels(one.trigger, one.key): None for one in evidence.records[automation.index]}
    return list(keys)


def _buckets(evidence: Evidence, automations: Sequence[Automation]) -> str:
    """Advice that names the first few buckets."""
    keys = [key for one in automations for key in _keys(evidence, one) if key]
    shown = [" ".join(f"{label}={value}" for label, value in key) for key in keys[:_NEAR]]
    return f"there are: {'; '.join(shown)}" if shown else "no trigger has buckets by for_each"


# --- Reading and showing -----------------------------------------------------------------------


def _gather(
    automations: Sequence[Automation],
    log_paths: list[str],
    options: ReplayOptions,
    wanted: _WantedEvent | None,
    *,
    quiet: bool,
) -> tuple[Log, Evidence, bool]:
    """Read and replay the logs; returns whether it was interrupted."""
    from trigger_cli.cli.reading import reading
    from trigger_cli.explain.evidence import NearNames, gather
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import AllLabels, Reading

    near = NearNames(automations)
    # Which event is asked about is not known before its labels are.
    reader = Log(log_paths, Reading(near if wanted is None else AllLabels(), options.order))
    interrupted: list[bool] = []
    with reading(reader, quiet=quiet) as records:
        evidence = gather(
            automations,
            records,
            options,
            needs=near.needs(),
            find=None if wanted is None else wanted.find,
            interrupted=lambda: interrupted.append(True),
        )
    return reader, evidence, bool(interrupted)


def _show(
    explanations: list[Explanation],
    evidence: Evidence,
    console: Console,
    *,
    output_format: ExplainFormat,
    zone: tzinfo,
    limit: int | None,
    brief: bool,
    verbose: bool,
) -> None:
    match output_format:
        case ExplainFormat.json:
            from trigger_cli.render.common.plain_json import json_document
            from trigger_cli.render.explain.json_report import explain_object

            value = explain_object(
                explanations, dialect=evidence.dialect.name, order=evidence.options.order
            )
            console.file.write(json_document(value))
        case ExplainFormat.table:
            from trigger_cli.render.explain.table import render_explanations
            from trigger_cli.render.explain.view import view_of

            view = view_of(
                evidence.report,
                zone,
                dialect=evidence.dialect,
                width=console.width,
                verbose=verbose,
                limit=limit,
            )
            render_explanations(explanations, console, view, brief=brief)


def _exit_code(evidence: Evidence, reader: Log, *, strict: bool) -> int:
    """`explain` never exits with 1."""
    malformed = evidence.report.log.malformed
    has_no_place = malformed > reader.stats.malformed
    return LOG if reader.unreadable or has_no_place or (strict and malformed) else 0
