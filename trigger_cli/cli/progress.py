"""A progress display on stderr, only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from trigger_cli.model import Automation

if TYPE_CHECKING:
    from trigger_cli.history.audit_log import BeforeReplay
    from trigger_cli.read.log import Log

_T = TypeVar("_T")

_LONGEST_NAME = 40


@contextmanager
def reading_progress(
    reader: Log, *, wanted: bool
) -> Iterator[Callable[[Iterable[_T]], Iterator[_T]]]:
    """A wrapper for the stretches of logs, which shows how much has been read."""
    if not wanted or not sys.stderr.isatty():
        yield iter
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]:,} events"),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
    task = progress.add_task("reading", total=reader.stats.bytes_total, events=0)

    def watched(records: Iterable[_T]) -> Iterator[_T]:
        for record in records:
            progress.update(task, completed=reader.stats.bytes_read, events=reader.stats.events)
            yield record

    with progress:
        yield watched


@contextmanager
def audit_progress(automations: int, *, wanted: bool) -> Iterator[BeforeReplay]:
    """What shows, told before each replay, how many of the automations have been audited."""
    if not wanted or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from trigger_cli.render.common.inert import inert

    progress = Progress(
        TextColumn("auditing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=sys.stderr),
        transient=True,
    )
    task = progress.add_task("", total=automations)

    def before_replay(audited: int, automation: Automation, replay: int) -> None:
        name = inert(automation.name, _LONGEST_NAME)
        progress.update(task, completed=audited, description=f"{name}, replay {replay:,}")

    with progress:
        yield before_replay
