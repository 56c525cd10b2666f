"""All logs of a replay as one log; every command reads logs through this module."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from msgspec import Struct

from trigger_cli.events.batch import Batch, Place, Rows, completed
from trigger_cli.events.scan import Scanned
from trigger_cli.events.shards import SHARD_BYTES, shards_of
from trigger_cli.events.sources import STDIN, Source, find_sources
from trigger_cli.events.store import HELD_BYTES, BatchStore
from trigger_cli.model import BadLine, LogRecord
from trigger_cli.read.isolated_events import FAR, IsolatedEvents
from trigger_cli.read.log_range import one_by_one
from trigger_cli.read.reading import AS_IT_STANDS, Reading
from trigger_cli.read.stream import read_stream
from trigger_cli.read.tasks import Task, work_on
from trigger_cli.same_file import require_no_output

if TYPE_CHECKING:
    from trigger_cli.read.workers import Workers


class Readers(Protocol):
    """Worker processes that read a log: those of `Workers`, or a cluster's."""

    def in_order(self, tasks: Iterable[tuple[int, Any]], /) -> Iterator[tuple[int, Scanned]]:
        """Yield each task's results, with the value that came with the task."""


class Storage(Protocol):
    """Shared storage with logs: finds them and cuts them into tasks for `Readers`."""

    def find(self, paths: Sequence[str], /) -> tuple[Source, ...]:
        """The sources that `paths` name."""

    def tasks(self) -> Iterator[tuple[int, Any]]:
        """The tasks for `Readers`, each with the index of its source."""


_WORTH_WORKERS = 16 * 1024 * 1024
"""The size in bytes below which reading a log is faster than starting processes (40 ms)."""

Watch: TypeAlias = Callable[[Iterable[tuple[int, Scanned]]], Iterator[tuple[int, Scanned]]]


class LogStats(Struct):
    """How much has been read so far; updated while the log is read."""

    lines: int = 0
    """The number of records: text lines, blank ones too, and elements of arrays and pages."""
    events: int = 0
    malformed: int = 0
    unusable: int = 0
    """Each `BadLine`: malformed lines, and events without what the order needs."""
    dropped_labels: int = 0
    """Labels with a value that is no string, taken as absent (O6); counts only labels read."""
    without_offset: int = 0
    """Events whose time has no offset, taken as UTC (T1)."""
    bytes_read: int = 0
    """As stored: compressed bytes for a compressed log."""
    bytes_total: int | None = None
    """The final value of `bytes_read`; ``None`` if a source's size is unknown."""


class Log:
    """The events of several logs in the requested order (O1).

    An event whose labels are wanted comes as `Event`; the others come as headings in columns,
    `Unmatched`. A `BadLine` has no time and comes as soon as it is read, so before all events of a
    sorted log. An event without ``received`` is a `BadLine` in that order.

    The records, their order and all counts do not depend on the number of workers. Memory is
    bounded: a sorted log keeps at most `held_bytes` in memory and the rest in an unnamed temporary
    file.
    """

    def __init__(
        self,
        paths: Sequence[str],
        reading: Reading = AS_IT_STANDS,
        *,
        stdin: BinaryIO | None = None,
        one_by_one: bool = False,
        shard_bytes: int = SHARD_BYTES,
        held_bytes: int = HELD_BYTES,
        worth_workers: int = _WORTH_WORKERS,
        storage: Storage | None = None,
    ) -> None:
        """Find the logs.

        Args:
            paths: Paths, globs (``**`` too), and ``-`` for standard input.
            reading: What to keep of events, and in which order to read them.
            stdin: The stream for ``-``; ``None``: the standard input of the process.
            one_by_one: Yield no `Unmatched`, and keep `stats` no further than the current record.
            shard_bytes: How many bytes of a file a worker reads at a time.
            held_bytes: How many bytes of a log that must be sorted are kept in memory.
            worth_workers: From how many bytes on to start workers.
            storage: Where the logs are; ``None``: files and streams of this process.

        Raises:
            InputIsOutputError: A log is an output of the running command.
        """
        self.reading = reading
        self._stdin = stdin
        self._one_by_one = one_by_one
        self._shard_bytes = shard_bytes
        self._held_bytes = held_bytes
        self._worth_workers = worth_workers
        self._storage = storage
        self._sources = find_sources(paths, stdin) if storage is None else storage.find(paths)
        for source in self._sources:
            require_no_output(source.identity)
        self.sources = tuple(source.name for source in self._sources)
        """Each log's name as given or as found by a glob; ``-`` for standard input."""
        sizes = [source.size for source in self._sources if source.refusal is None]
        known = [size for size in sizes if size is not None]
        self.stats = LogStats(bytes_total=sum(known) if len(known) == len(sizes) else None)
        self.unreadable: list[BadLine] = []
        """Each log that cannot be read (further), with ``line`` as the last line read.

        Errors that can be found without opening a log are known before reading starts.
        """
        self.first_bad: BadLine | None = None
        """The first line that is no event."""
        self.isolated = IsolatedEvents()
        """The events read so far that are far from all others; unused in the order ``received``."""
        self._starts: list[int] = []
        self._begin()

    def locate(self, line: int) -> tuple[str, int]:
        """Return the place of the record with the number `line` over all logs.

        Returns:
            The name of its source, and its line number there.
        """
        # A log without lines begins where the next one does; the last log found has the line.
        index = bisect_right(self._starts, line - 1) - 1
        return self.sources[index], line - self._starts[index]

    def given_twice(self) -> tuple[str, str] | None:
        """The first two names of one log, which are equal or are those of one file."""
        names: dict[object, str] = {}
        for source in self._sources:
            identity = source.identity or source.name
            if identity in names:
                return names[identity], source.name
            names[identity] = source.name
        return None

    def _begin(self) -> None:
        """Reset the state for a new reading; `stats` and `unreadable` stay the same objects."""
        stats = self.stats
        stats.lines = stats.events = stats.malformed = stats.bytes_read = 0
        stats.unusable = stats.dropped_labels = stats.without_offset = 0
        self.unreadable[:] = [
            BadLine(source.name, 0, source.refusal)
            for source in self._sources
            if source.refusal is not None
        ]
        self.first_bad = None
        self._starts.clear()
        self.isolated = IsolatedEvents()

    def _count_bytes(self, count: int) -> None:
        self.stats.bytes_read += count

    @property
    def is_files(self) -> bool:
        """Whether all logs are files, which can be read again: a pipe or stdin cannot."""
        return self.stats.bytes_total is not None and STDIN not in self.sources

    @contextmanager
    def workers(self, jobs: int | None) -> Iterator[Workers | None]:
        """Start `jobs` processes to read the logs (``None``: one for each core).

        Yields ``None`` for one job, and for logs that are too small to be worth the start.
        """
        count = available_cores() if jobs is None else jobs
        total = self.stats.bytes_total
        is_small = total is not None and total < self._worth_workers
        if count == 1 or is_small or all(source.name == STDIN for source in self._sources):
            yield None
            return
        from trigger_cli.read.workers import Workers  # noqa: PLC0415  # 15 ms

        with Workers(count, self.reading) as workers:
            yield workers

    def taken(
        self, workers: Readers | None = None, watch: Watch = iter
    ) -> Generator[LogRecord, None, None]:
        """Read the logs.

        Args:
            workers: The processes that read; ``None``: this process reads alone.
            watch: Wraps the iterator over the parts of the logs as they are read.

        Raises:
            LogSortError: The temporary file of a large log cannot be made, written or read.
        """
        for record in self.in_rows(workers, watch):
            if not isinstance(record, Rows):
                yield record
            elif self._one_by_one:
                yield from one_by_one(record)
            else:
                yield from record.events()

    def in_rows(
        self, workers: Readers | None = None, watch: Watch = iter
    ) -> Generator[Rows | BadLine, None, None]:
        """As `taken`, with consecutive events together."""
        self._begin()
        found = (
            (scanned, self._place(index, scanned))
            for index, scanned in watch(self._in_order(workers))
        )
        if self.reading.order == "log":
            for scanned, place in found:
                yield from self._as_they_stand(scanned, place)
        else:
            with BatchStore(self._held_bytes) as store:
                for scanned, place in found:
                    for line, message in scanned.bad:
                        yield self._bad(place, line, message)
                    self.stats.malformed += scanned.malformed
                    self.stats.events += scanned.events
                    self._end_stretch(scanned, place)
                    self._find_isolated(scanned, place)
                    store.add(scanned, place)
                self._begin_source(len(self._sources) - 1)
                yield from store.drain()
        self._begin_source(len(self._sources) - 1)

    def __iter__(self) -> Iterator[LogRecord]:
        """Read the logs in this process alone."""
        return self.taken()

    # --- Reading -----------------------------------------------------------------------

    def _in_order(self, workers: Readers | None) -> Iterator[tuple[int, Scanned]]:
        """Each part of the logs, with the index of its source."""
        if workers is not None:
            storage = self._storage
            tasks = self._tasks(spread=True) if storage is None else storage.tasks()
            return workers.in_order(tasks)
        scanner = self.reading.scanner()
        return (
            (index, task if isinstance(task, Scanned) else work_on(task, scanner))
            for index, task in self._tasks(spread=False)
        )

    def _tasks(self, *, spread: bool) -> Iterator[tuple[int, Task | Scanned]]:
        for index, source in enumerate(self._sources):
            if source.refusal is not None:  # already in `unreadable`
                continue
            shards = shards_of(source, self._shard_bytes)
            for task in shards if shards is not None else self._whole(source, spread=spread):
                yield index, task

    def _whole(self, source: Source, *, spread: bool) -> Iterator[Task | Scanned]:
        """Read a source that cannot be cut into shards."""
        # Read a stream as it comes: whoever follows one in the order of the log does not want to
        # wait for the next megabyte.
        streams = source.size is None or source.name == STDIN
        at_once = self._shard_bytes // 4 if spread else self._shard_bytes
        return read_stream(
            source,
            self._stdin,
            self.reading.scanner(),
            at_once=1 if streams and self.reading.order == "log" else at_once,
            ahead=not streams,
            count=self._count_bytes,
        )

    def _begin_source(self, index: int) -> None:
        """Note that the source at `index` begins; the sources skipped since had no lines."""
        while len(self._starts) <= index:
            self._starts.append(self.stats.lines)

    def _place(self, index: int, scanned: Scanned) -> Place:
        self._begin_source(index)
        self.stats.bytes_read += scanned.bytes_read
        return Place(self.stats.lines, self.sources[index], self._starts[index])

    def _bad(self, place: Place, line: int, message: str) -> BadLine:
        bad = place.bad(line, message)
        self.stats.unusable += 1
        self.first_bad = self.first_bad or bad
        return bad

    def _end_stretch(self, scanned: Scanned, place: Place) -> None:
        self.stats.lines = place.before + scanned.lines
        self.stats.dropped_labels += scanned.dropped_labels
        self.stats.without_offset += scanned.without_offset
        if scanned.failure is not None:
            self.unreadable.append(place.bad(scanned.lines, scanned.failure))

    # --- Taking ------------------------------------------------------------------------

    def _as_they_stand(self, scanned: Scanned, place: Place) -> Iterator[Rows | BadLine]:
        """A part's events and bad lines, by line."""
        stats = self.stats
        events = stats.events + scanned.events
        if not self._one_by_one:
            # Before the first of them, as in a sorted log, since the caller may stop early.
            stats.events = events
        batch = completed(scanned.batch, place)
        self.isolated.add(batch.occurred, batch.lines)
        row = 0
        for line, message in scanned.bad:
            stop = bisect_left(batch.lines, place.before + line, row)
            yield from self._rows(batch, row, stop)
            row = stop
            stats.lines = place.before + line
            stats.malformed += 1
            yield self._bad(place, line, message)
        yield from self._rows(batch, row, len(batch))
        stats.events = events
        self._end_stretch(scanned, place)

    def _find_isolated(self, scanned: Scanned, place: Place) -> None:
        """Look for lone events in a sorted part, which is unpacked only if it has a wide span."""
        if scanned.first is None or scanned.last is None or self.reading.order != "occurred":
            return
        (first, line), (last, _) = scanned.first, scanned.last
        if last - first <= FAR:
            ends = [first, last] if scanned.events > 1 else [first]
            self.isolated.add(ends, [place.before + line] * len(ends))
            return
        batch = completed(scanned.batch, None)
        self.isolated.add(batch.occurred, [place.before + line for line in batch.lines])

    def _rows(self, batch: Batch, start: int, stop: int) -> Iterator[Rows]:
        if not self._one_by_one:
            if start < stop:
                yield Rows(batch, None, start, stop)
            return
        stats = self.stats
        for row in range(start, stop):
            stats.lines = batch.lines[row]
            stats.events += 1
            yield Rows(batch, None, row, row + 1)


def available_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
