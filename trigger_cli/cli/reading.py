"""Reads a log for a command: in order, with progress, and with its problems reported at the end."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from trigger_cli.cli.failures import LOG, CommandError
from trigger_cli.cli.inputs import require_readable
from trigger_cli.cli.progress import reading_progress
from trigger_cli.events.store import LogSortError
from trigger_cli.model import BadLine, LogRecord
from trigger_cli.read.log import Log, Readers, Watch
from trigger_cli.render.common.inert import inert

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def reading(
    log: Log,
    *,
    quiet: bool,
    jobs: int | None = None,
    workers: Readers | None = None,
    watch: Watch = iter,
) -> Iterator[Generator[LogRecord, None, None]]:
    """The log's records, with progress on stderr unless `quiet`.

    Args:
        log: What is read.
        quiet: Show no progress.
        jobs: How many processes read a long log; ``None``: as many as there are cores.
        workers: Who reads it instead.
        watch: Is shown each stretch of the log as it has been read.

    Raises:
        CommandError: A log cannot be opened, or the records cannot be sorted.
    """
    require_readable(log)
    with (
        log.workers(jobs) if workers is None else nullcontext(workers) as readers,
        reading_progress(log, wanted=not quiet) as progress,
        closing(log.taken(readers, lambda stretches: watch(progress(stretches)))) as records,
    ):
        try:
            yield records
        except LogSortError as error:
            raise CommandError(str(error), LOG) from None


def tell_of_bad_lines(
    reader: Log, problems: Sequence[BadLine], malformed: int, stderr: Console, *, quiet: bool
) -> None:
    """On stderr: logs that could not be read to their end, and lines that are no events."""
    for lost in reader.unreadable:
        text = f"error: {inert(lost.source, 400)}: {inert(lost.message, 1_000)}"
        stderr.print(text, soft_wrap=True)
    if problems and not quiet:
        first = problems[0]
        more = f" (and {malformed - 1:,} more)" if malformed > 1 else ""
        text = f"{inert(first.source, 400)}:{first.line}: {inert(first.message, 400)}{more}"
        stderr.print(f"warning: {text}", style="yellow", soft_wrap=True)


def log_exit_code(reader: Log, malformed: int, *, strict: bool) -> int:
    """3 if a log could not be read or used; else 0."""
    # The replay could not use an event without `received` (O1).
    has_no_place = malformed > reader.stats.malformed
    return LOG if reader.unreadable or has_no_place or (strict and malformed) else 0
