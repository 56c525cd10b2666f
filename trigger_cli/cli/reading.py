"""A log as commands read it: ordered, with progress, and what was wrong with it told at the end."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from trigger_cli.cli.failures import LOG, CommandError
from trigger_cli.cli.inputs import require_readable
from trigger_cli.cli.progress import reading_progress
from trigger_cli.events import LogReader, LogSortError, in_order
from trigger_cli.model import BadLine, DeliveryOrder, Event, LogRecord
from trigger_cli.render.common.inert import inert

if TYPE_CHECKING:
    from trigger_cli.parallel import MatchedLog


@contextmanager
def reading(
    reader: LogReader, order: DeliveryOrder, *, quiet: bool
) -> Iterator[Generator[Event | BadLine, None, None]]:
    """The log's records in `order`, with progress on stderr unless `quiet`.

    Raises:
        CommandError: A log cannot be opened, or the records cannot be sorted.
    """
    require_readable(reader)
    with reading_progress(reader, wanted=not quiet) as watched:
        records = in_order(watched(reader), order, locate=reader.locate)
        try:
            yield records
        except LogSortError as error:
            raise CommandError(str(error), LOG) from None
        finally:
            records.close()


@contextmanager
def reading_matched(
    reader: MatchedLog, *, quiet: bool
) -> Iterator[Generator[LogRecord, None, None]]:
    """The log's records as its matching has them, with progress on stderr unless `quiet`.

    Long logs are read by several processes.

    Raises:
        CommandError: A log cannot be opened, or the records cannot be sorted.
    """
    require_readable(reader)
    with (
        reader.workers(None) as workers,
        reading_progress(reader, wanted=not quiet, every=1) as watched,
        closing(reader.taken(workers, watched)) as records,
    ):
        try:
            yield records
        except LogSortError as error:
            raise CommandError(str(error), LOG) from None


def tell_of_bad_lines(
    reader: LogReader, problems: Sequence[BadLine], malformed: int, stderr: Console, *, quiet: bool
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


def log_exit_code(reader: LogReader, malformed: int, *, strict: bool) -> int:
    """3 where a log could not be read, or could not be used as asked; else 0."""
    # What the reader found sound and the replay could not use has no `received` (O1).
    has_no_place = malformed > reader.stats.malformed
    return LOG if reader.unreadable or has_no_place or (strict and malformed) else 0
