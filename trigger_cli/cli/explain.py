"""``trigger-cli explain``: why a trigger fired or did not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import INTERRUPTED, USAGE, CommandError
from trigger_cli.model import key_labels
from trigger_cli.times import MINUTE, TimePoint, format_instant
from trigger_cli.vocabulary import is_shortened

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.explain.evidence import Evidence
    from trigger_cli.explain.explain import Question
    from trigger_cli.explain.records import Conclusion, Explanation
    from trigger_cli.explain.scope import Scope
    from trigger_cli.model import Automation, Event
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli explain triggers.json events.jsonl
  trigger-cli explain triggers/ --log events.jsonl --automation 'Two runs*'
  trigger-cli explain triggers.json events.jsonl --for wise-owl
  trigger-cli explain triggers.json events.jsonl --event 128
  trigger-cli explain triggers.json events.jsonl --at 2026-03-01T12:05:00Z
  trigger-cli explain triggers.json events.jsonl --firing 2 --format json
  trigger-cli explain --codes
"""
_NEAR = 5
_LIKE = 4
"""Characters of an id from which similar ids are listed."""
_LONG = 20_000
"""For more events than this, replays take longer than the start of a process."""


def explain(
    paths: shared.OptionalTriggerPaths = None,
    log: shared.LogPaths = None,
    automation: Annotated[
        list[str] | None,
        shared.automations("Explain only automations whose name matches this glob. Repeatable."),
    ] = None,
    event: Annotated[
        str | None,
        shared.valued(
            "ID|LINE", "What this event did: every clause, and what the buckets made of it."
        ),
    ] = None,
    at: Annotated[
        TimePoint | None,
        shared.last_instant("The state at this time: open buckets, stored firings, metrics."),
    ] = None,
    firing: Annotated[int | None, shared.valued("N", "What led to the Nth firing.", min=1)] = None,
    bucket: shared.BucketLabels = None,
    resource: Annotated[
        str | None,
        shared.valued(
            "NAME|ID",
            "Only what happened to this resource: its name, its id, the id's end, or the id as"
            " tables show it.",
            "--for",
        ),
    ] = None,
    codes: Annotated[
        bool, typer.Option("--codes", help="Print every cause with a paragraph, and exit.")
    ] = False,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    until_quiet: shared.UntilQuiet = False,
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
    quiet: Annotated[bool, shared.quiet("Show only the verdict and its cause.")] = False,
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
    from trigger_cli.cli.output import (
        consoles,
        make_stderr,
        note,
        open_output,
        require_view,
        write_json,
    )
    from trigger_cli.cli.replay import say_what_went_wrong
    from trigger_cli.explain.explain import Question, conclude
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.render.common.view import are_many
    from trigger_cli.render.explain.table import (
        render_codes,
        render_conclusions,
        render_explanations,
    )

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    if codes:
        with open_output(output) as file:
            if not is_table:
                from trigger_cli.render.explain.json_report import codes_object

                write_json(file, codes_object())
                raise typer.Exit
            for console in consoles(file, "explain", color=color, width=width, save=save):
                render_codes(console)
        raise typer.Exit
    stderr = make_stderr(color)
    if is_table and event is not None and firing is not None and not quiet:
        note(stderr, "--event is answered, and not --firing: --format json has both")
    trigger_paths, log_paths = triggers_and_logs(paths or [], log or [])
    definitions = load_triggers(
        trigger_paths, stderr, quiet=quiet, verbose=verbose, automation=automation
    )
    automations = chosen_automations(definitions.automations, automation or [])
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
    wanted = None if event is None else _WantedEvent(event)
    scope = _scope(automations, bucket or [], resource)
    if scope is not None and scope.labels:
        automations = tuple(filter(scope.may_have_buckets, automations)) or automations
    reader, evidence, interrupted = gather_evidence(
        automations, log_paths, options, wanted, scope, quiet=quiet
    )
    require_found(scope, evidence)
    instant = None if at is None else _time_in(evidence, at)
    question = Question(
        event=None if wanted is None else wanted.only(evidence),
        at=None if is_table and quiet else instant,
        firing=firing,
        scope=scope,
    )
    _require_firing(evidence, automations, question)
    conclusions: list[Conclusion] = []
    explanations: list[Explanation] = []
    is_cut_short = False
    tells_together = are_many(automations) or (wanted is not None and len(automations) > 1)
    if is_table and (quiet or (tells_together and not verbose)):
        conclusions = [conclude(evidence, one, question) for one in automations]
    else:
        explanations, is_cut_short = _explanations(
            evidence, automations, question, stderr, quiet=quiet
        )
    with open_output(output) as file:
        if not is_table:
            from trigger_cli.render.explain.json_report import explain_object

            write_json(
                file, explain_object(explanations, dialect=evidence.dialect.name, order=order)
            )
        else:
            from trigger_cli.render.explain.view import view_of

            for console in consoles(file, "explain", color=color, width=width, save=save):
                view = view_of(
                    evidence.report,
                    tz,
                    dialect=evidence.dialect,
                    width=console.width,
                    verbose=verbose,
                    limit=limit,
                    line_of=definitions.line_of,
                )
                if conclusions:
                    render_conclusions(conclusions, console, view)
                else:
                    render_explanations(explanations, console, view)
    failed = say_what_went_wrong(
        evidence.report, reader, stderr, strict=strict, interrupted=interrupted, quiet=quiet
    )
    raise typer.Exit(INTERRUPTED if interrupted or is_cut_short else failed)


# --- The question ----------------------------------------------------------------------------


class _WantedEvent:
    """The event that ``--event`` names: by its id, the id's beginning, or its line over all logs."""

    def __init__(self, text: str) -> None:
        self._text = text
        line = text.removeprefix("#")
        self._line = int(line) if line.isdecimal() and len(line) < 20 else None
        self._near: list[str] = []
        self._last_line = 0

    def find(self, event: Event) -> bool:
        """Whether this may be the event; keeps similar ids for the error message."""
        self._last_line = max(self._last_line, event.line)
        if event.id == self._text or event.line == self._line or is_shortened(self._text, event.id):
            return True
        start = self._text[:8]
        is_near = len(start) >= _LIKE and event.id.startswith(start)
        if is_near and len(self._near) < _NEAR:
            self._near.append(event.id)
        return False

    def only(self, evidence: Evidence) -> Event:
        """The event; an id takes precedence over a line, and a line over an id's beginning.

        Raises:
            CommandError: The log has no such event, or several whose ids begin so.
        """
        from trigger_cli.cli.choosing import which_of

        found = sorted(
            evidence.found, key=lambda one: (one.id != self._text, one.line != self._line)
        )
        ids = list(dict.fromkeys(one.id for one in found))
        if found and (self._text == ids[0] or found[0].line == self._line or len(ids) == 1):
            return found[0]
        if found:
            raise which_of(self._text, ids)
        near = f"ids like it: {', '.join(self._near)}" if self._near else None
        raise CommandError(
            f"no event has the id or line {self._text}",
            USAGE,
            near
            or f"give an event's id or line; the log's last event is on line {self._last_line}",
        )


def _require_firing(
    evidence: Evidence, automations: Sequence[Automation], question: Question
) -> None:
    """Refuse a question about a firing that there is not.

    Raises:
        CommandError: No automation fired so often.
    """
    from trigger_cli.explain.explain import firing_count

    if question.firing is None:
        return
    most = max(firing_count(evidence, one, question) for one in automations)
    if question.firing > most:
        raise CommandError(
            f"there is no firing {question.firing}",
            USAGE,
            "nothing fired" if not most else f"firings are counted from 1 to {most}",
        )


def _explanations(
    evidence: Evidence,
    automations: Sequence[Automation],
    question: Question,
    stderr: Console,
    *,
    quiet: bool,
) -> tuple[list[Explanation], bool]:
    """The explanation of each automation, and whether the user ended the search for changes."""
    from trigger_cli.explain.alternatives import alternatives
    from trigger_cli.explain.case import Case
    from trigger_cli.explain.explain import explain
    from trigger_cli.read.log import available_cores

    with ExitStack() as stack:
        trying = stack.enter_context(_trying(stderr, wanted=not quiet))
        asked = replace(question, trying=trying)
        if evidence.kept.count <= _LONG:
            return [explain(evidence, one, asked) for one in automations], trying.is_interrupted
        from trigger_cli.processes import aside, spread_out  # 15 ms

        if len(automations) == 1:
            (only,) = automations
            case = Case(evidence, only, only.trigger, question.scope)
            found = stack.enter_context(aside(lambda: alternatives(case)))
            explanations = [explain(evidence, only, replace(asked, alternatives=found))]
        else:
            explanations = spread_out(
                lambda place: explain(evidence, automations[place], question),
                len(automations),
                processes=available_cores(),
                here=lambda place: explain(evidence, automations[place], asked),
            )
    return explanations, trying.is_interrupted


def _time_in(evidence: Evidence, given: TimePoint) -> int:
    """The instant of ``--at``, µs, which the replay must cover.

    Raises:
        CommandError: It is before the replay's start, or after its end.
    """
    start, end = evidence.report.start, evidence.report.end
    at = given.resolve(evidence.log_start)
    if start is None or end is None:
        return at
    if at - given.slack <= end:
        at = min(at, end)
    if start <= at <= end:
        return at
    where = "before the replay's start" if at < start else "after the replay's end"
    raise CommandError(
        f"--at {format_instant(at)} is {where}",
        USAGE,
        f"the replay is from {format_instant(start)} to {format_instant(end)};"
        " --start and --until move these",
    )


def _scope(
    automations: Sequence[Automation], bucket: Sequence[shared.LabelValue], resource: str | None
) -> Scope | None:
    """The bucket or resource that the question is limited to.

    Raises:
        CommandError: No trigger has buckets by a label asked for, or both options were given.
    """
    from trigger_cli.cli.choosing import with_whole_labels
    from trigger_cli.explain.scope import Scope

    if resource is not None:
        if bucket:
            raise CommandError("--bucket and --for exclude each other", USAGE)
        return Scope(resource=resource)
    if not bucket:
        return None
    wanted = with_whole_labels(automations, bucket)
    return Scope(tuple((one.label, one.value) for one in wanted))


def require_found(scope: Scope | None, evidence: Evidence) -> None:
    """Refuse a question about a bucket or a resource that there is not, or that may be several.

    Raises:
        CommandError: No event belongs to it, or a part of several ids was given.
    """
    from trigger_cli.cli.choosing import no_such_bucket, which_of, written_labels

    if scope is None:
        return
    if len(scope.alike) > 1:
        what = scope.resource or written_labels(scope.labels)
        raise which_of(what, [" ".join(one) for one in scope.alike])
    if scope.events:
        return
    if scope.resource:
        raise CommandError(
            f"no event is about a resource called {scope.resource}",
            USAGE,
            "a resource has a prefect.resource.id and perhaps a prefect.resource.name;"
            " `trigger-cli events LOG` shows what there is",
        )
    raise no_such_bucket(
        scope.labels,
        (
            key_labels(record.trigger, record.key)
            for records in evidence.records.values()
            for record in records
        ),
    )


class _Trying:
    """Shows how many changes have been tried."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self.is_interrupted = False

    def tried(self, done: int, total: int) -> None:
        """Show that `done` changes have been tried."""
        self._show(f"trying changes: {done} of {total}")


@contextmanager
def _trying(stderr: Console, *, wanted: bool) -> Iterator[_Trying]:
    if not wanted or not sys.stderr.isatty():
        yield _Trying(lambda _text: None)
        return
    status = stderr.status("explaining")

    def show(text: str) -> None:
        status.start()  # not before the process is copied, which a thread would prevent
        status.update(text)

    try:
        yield _Trying(show)
    finally:
        status.stop()


# --- Reading ---------------------------------------------------------------------------------


def gather_evidence(
    automations: Sequence[Automation],
    log_paths: list[str],
    options: ReplayOptions,
    wanted: _WantedEvent | None,
    scope: Scope | None,
    *,
    quiet: bool,
) -> tuple[Log, Evidence, bool]:
    """Read and replay the logs; returns whether it was interrupted."""
    from trigger_cli.cli.inputs import reading
    from trigger_cli.explain.evidence import NearNames
    from trigger_cli.explain.gathering import gather
    from trigger_cli.read.garbage_collection import seldom_collecting
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import AllLabels, Reading

    near = NearNames(automations)
    # The event or resource is not known before the labels are read.
    narrowed = wanted is not None or scope is not None
    reader = Log(log_paths, Reading(AllLabels() if narrowed else near, options.order))
    interrupted: list[bool] = []
    with reading(reader, quiet=quiet) as records, seldom_collecting():
        evidence = gather(
            automations,
            records,
            options,
            needs=near.needs(),
            find=None if wanted is None else wanted.find,
            scope=scope,
            interrupted=lambda: interrupted.append(True),
        )
    evidence.without_offset = reader.stats.without_offset
    return reader, evidence, bool(interrupted)
