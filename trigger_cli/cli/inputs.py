"""Loads the triggers and reads the logs of the command line, and reports their problems."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trigger_cli.cli.choosing import is_chosen
from trigger_cli.cli.failures import LOG, USAGE, CommandError
from trigger_cli.cli.output import note, warn
from trigger_cli.definitions import Definitions, advice_without_triggers, load
from trigger_cli.definitions.codes import UNREADABLE_FILE
from trigger_cli.engine.errors import EndlessError
from trigger_cli.events.batch import Rows
from trigger_cli.events.formats import first_line_of
from trigger_cli.events.problems import quoted
from trigger_cli.events.scan import Scanned
from trigger_cli.events.sources import Source, plain_text
from trigger_cli.events.store import LogSortError
from trigger_cli.model import BadLine, Finding, LogRecord
from trigger_cli.read.log import Log, Readers, Watch
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import counted
from trigger_cli.same_file import identity_of
from trigger_cli.times import format_instant
from trigger_cli.views.lost_leaders import lost_leaders_said

if TYPE_CHECKING:
    from rich.console import Console

_T = TypeVar("_T")
_Record = TypeVar("_Record", LogRecord, "Rows | BadLine")

STDIN = "-"
_SHOWN_LONE = 3


def triggers_and_logs(paths: Sequence[str], logs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate trigger paths from log paths: the log is ``--log``, else the second of two paths.

    Raises:
        CommandError: There is no log, or the paths are ambiguous.
    """
    triggers, found = list(paths), list(logs)
    if not found:
        if len(triggers) > 2:
            raise CommandError(
                f"{len(triggers)} paths were given, and none of them with --log",
                USAGE,
                "name each log with --log; with it, all other paths are definitions",
            )
        if len(triggers) < 2:
            raise CommandError(
                "no log was given" if triggers else "no triggers were given",
                USAGE,
                "use `TRIGGERS LOG`, or name each log with --log",
            )
        found = [triggers.pop()]
    elif both := [one for one in triggers if any(_is_same(one, log) for log in found)]:
        raise CommandError(
            f"{both[0]} is named as a definition and as a log",
            USAGE,
            "with --log, every path is a definition: leave out one",
        )
    if (triggers + found).count(STDIN) > 1:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    return triggers, found


def _is_same(path: str, other: str) -> bool:
    known = identity_of(path)
    return path == other or (known is not None and known == identity_of(other))


def load_triggers(
    paths: Sequence[str],
    stderr: Console,
    *,
    quiet: bool,
    verbose: bool,
    automation: str | Sequence[str] | None = None,
    each: bool = False,
) -> Definitions:
    """Load the definitions, and report findings on stderr.

    Args:
        paths: The paths from the command line.
        stderr: The console to write to.
        quiet: Report only errors.
        verbose: Show each finding with its source line.
        automation: The value of ``--automation``: of other automations only errors are reported.
        each: Report each finding; else the first of those that say the same, and their number.

    Raises:
        CommandError: A definition is wrong, or there is none.
    """
    definitions = load(paths)
    errors = [finding for finding in definitions.findings if finding.severity == "error"]
    if definitions.findings:
        from trigger_cli.render.common import findings as shown_as
    require_files(errors)
    if errors:
        wrong = {(one.file, one.automation) for one in errors}
        shown = (one for one in definitions.findings if (one.file, one.automation) in wrong)
        shown_as.render_findings(shown, stderr)
        raise CommandError(f"{counted(len(errors), 'error')} in the trigger definitions", USAGE)
    if not definitions.automations:
        raise CommandError(
            "no triggers were found in " + ", ".join(paths),
            USAGE,
            advice_without_triggers(paths[0] if paths else ""),
        )
    if not quiet:
        if definitions.findings:
            globs = [automation] if isinstance(automation, str) else automation or []
            if verbose:
                show = shown_as.render_findings
            elif each:
                show = shown_as.render_findings_concisely
            else:
                show = shown_as.render_findings_once
            show(
                (
                    one
                    for one in definitions.findings
                    if one.automation is None or is_chosen(one.automation, globs)
                ),
                stderr,
            )
        for file in definitions.without_triggers:
            note(stderr, f"{inert(file, 400)} holds no triggers")
    return definitions


def require_files(errors: Sequence[Finding], name: str | None = None) -> None:
    """Stop if files that cannot be read are all that is wrong.

    Args:
        errors: What is wrong.
        name: What to call the file; ``None``: by its name.

    Raises:
        CommandError: About the first of them.
    """
    if errors and all(one.code == UNREADABLE_FILE.code for one in errors):
        first = errors[0]
        raise CommandError(f"{name or first.file}: {first.message}", USAGE, first.help)


def require_readable(reader: Log) -> None:
    """Stop early if a log cannot be read, or is named twice.

    Raises:
        CommandError: A log cannot be opened, or several paths, globs and links name it.
    """
    if reader.unreadable:
        first = reader.unreadable[0]
        raise CommandError(f"{first.source}: {first.message}", LOG)
    if twice := reader.given_twice():
        known, name = twice
        other = "" if known == name else f", first as {known}"
        raise CommandError(f"the log {name} was given twice{other}", USAGE, "name each log once")


def reading(
    log: Log, *, quiet: bool, watch: Watch = iter
) -> AbstractContextManager[Generator[LogRecord, None, None]]:
    """The log's records, one by one, with progress on stderr unless `quiet`.

    Args:
        log: The log to read.
        quiet: Show no progress.
        watch: An iterator function that the stretches of the log pass through.

    Raises:
        CommandError: A log cannot be opened, the records cannot be sorted, none is an event, or a
            replay of them does not end.
    """
    return _reading(log, log.taken, log.workers(None), quiet=quiet, watch=watch)


def reading_in_rows(
    log: Log,
    *,
    quiet: bool,
    workers: AbstractContextManager[Readers | None] | None = None,
    watch: Watch = iter,
) -> AbstractContextManager[Generator[Rows | BadLine, None, None]]:
    """As `reading`, with consecutive events together.

    Args:
        log: The log to read.
        quiet: Show no progress.
        workers: Gives the readers of a long log; ``None``: a process for each core.
        watch: An iterator function that the stretches of the log pass through.
    """
    return _reading(log, log.in_rows, workers or log.workers(None), quiet=quiet, watch=watch)


@contextmanager
def _reading(
    log: Log,
    read: Callable[[Readers | None, Watch], Generator[_Record, None, None]],
    workers: AbstractContextManager[Readers | None],
    *,
    quiet: bool,
    watch: Watch,
) -> Iterator[Generator[_Record, None, None]]:
    require_readable(log)
    with (
        ExitStack() as processes,
        reporting_endless(log),
        _progress(log, wanted=not quiet) as progress,
    ):
        readers = processes.enter_context(workers)

        def watched(stretches: Iterable[tuple[int, Scanned]]) -> Iterator[tuple[int, Scanned]]:
            yield from watch(progress(stretches))
            # All is read: an idle process takes some 20 MB.
            processes.close()

        with closing(read(readers, watched)) as records:
            try:
                yield _with_an_event(records, log)
            except LogSortError as error:
                raise CommandError(str(error), LOG) from None


def _with_an_event(records: Iterable[_Record], log: Log) -> Generator[_Record, None, None]:
    """The records; an error if all lines are bad.

    Raises:
        CommandError: No line of the log is an event, or no event can be ordered.
    """
    for record in records:
        yield record
        if not isinstance(record, BadLine):
            yield from records
            return
    if log.first_bad is not None and not log.unreadable:
        raise no_event_in(log.first_bad, events=log.stats.events)


def no_event_in(first: BadLine, *, events: int = 0) -> CommandError:
    """The error that no line can be used; `events` lines are events that cannot be ordered."""
    told = f"{inert(first.source, 400)}:{first.line}: {inert(first.message, 400)}"
    if not events and Path(first.source).is_file():  # a pipe is not read again
        if load([first.source]).automations:
            return CommandError(
                f"{first.source}: the file is a definition, not a log of events",
                LOG,
                "a log belongs here; where a command takes both, triggers come first: TRIGGERS LOG",
            )
        log = plain_text(Source(first.source), None, count=lambda _: None, fail=lambda _: None)
        line, shape = first_line_of(log)
        kind = {"lines": "JSON Lines", "documents": "a JSON document"}[shape]
        told += f"; the log was taken for {kind}, its first line is {quoted(line)}"
    return CommandError(
        told,
        LOG,
        "no event of the log can be used: try --order occurred"
        if events
        else "no line of the log is an event: check that it is a log of Prefect events",
    )


def report_log(
    reader: Log,
    stderr: Console,
    *,
    leaderless: int = 0,
    strict: bool = False,
    lenient: bool = False,
    quiet: bool,
) -> int:
    """Report on stderr: unread parts of logs, malformed lines, lost leaders, lone events.

    Args:
        reader: The logs that were read.
        stderr: The console to write to.
        leaderless: How many events waited in vain for the event that they follow (O4).
        strict: Whether a malformed line is an error.
        lenient: Whether an event that cannot be ordered is none: it is told of, and left out.
        quiet: Report only errors.

    Returns:
        The exit code: 3 for an error, else 0.
    """
    # The replay cannot use an event without `received` (O1).
    stats, first = reader.stats, reader.first_bad
    bad = stats.malformed if lenient else stats.unusable
    fails = bad > (0 if strict else stats.malformed)
    for lost in reader.unreadable:
        text = f"error: {inert(lost.source, 400)}: {inert(lost.message, 1_000)}"
        stderr.print(text, soft_wrap=True)
    if not quiet:
        _warn_of_isolated(reader, stderr)
    if first is not None and (fails or not quiet):
        text = f"{inert(first.source, 400)}:{first.line}: {inert(first.message, 400)}"
        more = f" (and {bad - 1:,} more)" if bad > 1 else ""
        if fails:
            stderr.print(f"error: {text}{more}", soft_wrap=True)
        else:
            warn(stderr, f"{text}{more}")
    failed = LOG if fails or reader.unreadable else 0
    if quiet:
        return failed
    if first is None and not (stats.events or reader.unreadable):
        warn(stderr, f"the log has no events: {inert(', '.join(reader.sources), 400)}")
    if leaderless:
        warn(stderr, lost_leaders_said(leaderless))
    return failed


def _warn_of_isolated(reader: Log, stderr: Console) -> None:
    isolated = reader.isolated.found()
    for line, occurred in isolated[:_SHOWN_LONE]:
        source, number = reader.locate(line)
        text = (
            f"{inert(source, 400)}:{number}: this event occurred more than a year from all others"
        )
        warn(stderr, f"{text}, on {format_instant(occurred)[:10]}")
    if len(isolated) > _SHOWN_LONE:
        warn(stderr, f"{len(isolated) - _SHOWN_LONE:,} more events so far from all others")


@contextmanager
def reporting_endless(reader: Log) -> Iterator[None]:
    """Turn an `EndlessError` into the command's error, which names the event in `reader`.

    Raises:
        CommandError: A replay inside does not end.
    """
    try:
        yield
    except EndlessError as error:
        raise endless_replay(error, reader) from None


def endless_replay(error: EndlessError, reader: Log | None = None) -> CommandError:
    """The error for a replay that does not end; names the event in `reader` that causes it."""
    help_text = "end the replay before that with --until, or go on with `replay --endless`"
    if error.line is None:
        return CommandError(error.message, LOG, help_text)
    isolated = {} if reader is None else dict(reader.isolated.found())
    before = [line for line, occurred in isolated.items() if occurred < error.until]
    if reader is not None and before and error.line not in isolated:
        source, line = reader.locate(before[-1])
        return CommandError(
            f"{source}:{line}: after this event, which occurred more than a year from all others,"
            f" {error.message}",
            LOG,
            "if the event is dated wrongly, correct or leave out that line; else begin after it with"
            " --from, or go on with `replay --endless`",
        )
    source, line = ("line", error.line) if reader is None else reader.locate(error.line)
    place = f"{source} {line:,}" if reader is None else f"{source}:{line}"
    return CommandError(
        f"{place}: before this event {error.message}",
        LOG,
        f"if the event is dated wrongly, correct or leave out that line; else {help_text}",
    )


@contextmanager
def _progress(reader: Log, *, wanted: bool) -> Iterator[Callable[[Iterable[_T]], Iterator[_T]]]:
    """A wrapper for the stretches of logs; it shows how much has been read."""
    if not wanted or not sys.stderr.isatty():
        yield iter
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from trigger_cli.cli.consoles import console_for

    progress = Progress(
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]:,} events"),
        TimeRemainingColumn(),
        console=console_for(sys.stderr, in_color=None, width=None),
        transient=True,
    )
    task = progress.add_task("reading", total=reader.stats.bytes_total, events=0)

    def watched(records: Iterable[_T]) -> Iterator[_T]:
        for record in records:
            progress.update(task, completed=reader.stats.bytes_read, events=reader.stats.events)
            yield record

    with progress:
        yield watched
