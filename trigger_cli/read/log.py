"""All logs of a replay as one: the one reader of every command."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from trigger_cli.events.batch import Batch, Place, completed
from trigger_cli.events.scan import Scanned
from trigger_cli.events.shards import SHARD_BYTES, shards_of
from trigger_cli.events.sources import STDIN, Source, find_sources
from trigger_cli.events.store import HELD_BYTES, BatchStore
from trigger_cli.model import BadLine, Event, Heading, LogRecord, Match, Unmatched, event_in
from trigger_cli.read.log_range import one_by_one
from trigger_cli.read.lone import FAR, LoneEvents
from trigger_cli.read.reading import AS_IT_STANDS, Reading
from trigger_cli.read.stream import read_stream
from trigger_cli.read.tasks import Task, work_on

if TYPE_CHECKING:
    from trigger_cli.read.workers import Workers


class Readers(Protocol):
    """Who reads a log: the processes of `Workers`, or a cluster's."""

    def in_order(self, tasks: Iterable[tuple[int, Any]], /) -> Iterator[tuple[int, Scanned]]:
        """Each task's answers, beside what came with the task."""


class Storage(Protocol):
    """Where logs are that others read too: finds them, and cuts them up for `Readers`."""

    def find(self, paths: Sequence[str], /) -> tuple[Source, ...]:
        """The sources that `paths` name."""

    def tasks(self) -> Iterator[tuple[int, Any]]:
        """What `Readers` are given of them, each task with the place of its source."""


_WORTH_WORKERS = 16 * 1024 * 1024
"""Bytes of a log that take less time to read than processes take to start (40 ms)."""

Watch: TypeAlias = Callable[[Iterable[tuple[int, Scanned]]], Iterator[tuple[int, Scanned]]]


@dataclass(slots=True)
class LogStats:
    """How much has been read so far; it grows while the log is read."""

    lines: int = 0
    """Records: text lines, blank ones too, and elements of arrays and pages."""
    events: int = 0
    malformed: int = 0
    dropped_labels: int = 0
    """Labels whose value is no string, which are taken as absent (O6), of the labels read."""
    bytes_read: int = 0
    """As stored, so compressed bytes for a compressed log."""
    bytes_total: int | None = None
    """What `bytes_read` will be at the end; ``None`` if a source's size is unknown."""


class Log:
    """The events of several logs in the order asked for (O1).

    An event whose labels are wanted comes as `Event`; the others come as headings in columns,
    `Unmatched`. A `BadLine` has no time and comes as soon as it is read, so before all events of a
    sorted log. So does an event without ``received`` in that order, as the `BadLine` it is then.

    The records, their order and all counts are the same however many workers there are. Memory
    is bounded: what a sorted log holds beyond `held_bytes` goes to an unnamed temporary file.
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
            paths: paths, globs (``**`` too), and ``-`` for standard input.
            reading: what to keep of events, and the order; all of each, as they stand.
            stdin: what ``-`` stands for; ``None``: the process's own.
            one_by_one: no `Unmatched`, and `stats` never ahead of the record that has come.
            shard_bytes: how much of a file one worker reads at a time.
            held_bytes: how much of a log that must be sorted is held in memory.
            worth_workers: from how many bytes on workers are worth their start.
            storage: where the logs are; ``None``: files and streams of this process.
        """
        self.reading = reading
        self._stdin = stdin
        self._one_by_one = one_by_one
        self._shard_bytes = shard_bytes
        self._held_bytes = held_bytes
        self._worth_workers = worth_workers
        self._storage = storage
        self._sources = find_sources(paths, stdin) if storage is None else storage.find(paths)
        self.sources = tuple(source.name for source in self._sources)
        """Each log as it was given, or as a glob found it; ``-`` for standard input."""
        sizes = [source.size for source in self._sources if source.refusal is None]
        known = [size for size in sizes if size is not None]
        self.stats = LogStats(bytes_total=sum(known) if len(known) == len(sizes) else None)
        self.unreadable: list[BadLine] = []
        """Each log, or rest of one, that cannot be read, ``line`` being the last that could.

        What can be told without opening a log is known before the first is read.
        """
        self.first_bad: BadLine | None = None
        """The first line that is no event."""
        self.lone = LoneEvents()
        """The events read so far that are far from all others; not of a log by ``received``."""
        self._starts: list[int] = []
        self._begin()

    def locate(self, line: int) -> tuple[str, int]:
        """Where the record stands that has the number `line` over all logs.

        Returns:
            The name of its source, and its number there.
        """
        # A log without lines begins where the next one does; the last of them holds the line.
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
        """Forget what was read before; `stats` and `unreadable` stay the same objects."""
        stats = self.stats
        stats.lines = stats.events = stats.malformed = stats.dropped_labels = stats.bytes_read = 0
        self.unreadable[:] = [
            BadLine(source.name, 0, source.refusal)
            for source in self._sources
            if source.refusal is not None
        ]
        self.first_bad = None
        self._starts.clear()
        self.lone = LoneEvents()

    def _count_bytes(self, count: int) -> None:
        self.stats.bytes_read += count

    @contextmanager
    def workers(self, jobs: int | None) -> Iterator[Workers | None]:
        """Processes to read the logs, `jobs` of them (``None``: as many as there are cores).

        None for one job, and for logs so small that processes would take longer to start.
        """
        count = _cores() if jobs is None else jobs
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
            workers: who is to read them; ``None``: this process alone.
            watch: is shown each stretch of the logs as it has been read.

        Raises:
            LogSortError: the temporary file of a large log cannot be made, written or read.
        """
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
                    self._look_for_lone(scanned, place)
                    store.add(scanned, place)
                self._begin_source(len(self._sources) - 1)
                for batch, start, stop in store.drain():
                    yield from self._rows(batch, start, stop)
        self._begin_source(len(self._sources) - 1)

    def __iter__(self) -> Iterator[LogRecord]:
        """Read the logs, in this process alone."""
        return self.taken()

    # --- Reading -----------------------------------------------------------------------

    def _in_order(self, workers: Readers | None) -> Iterator[tuple[int, Scanned]]:
        """Each stretch of the logs, with the place of its source."""
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
            if source.refusal is not None:  # already among the unreadable
                continue
            shards = shards_of(source, self._shard_bytes)
            for task in shards if shards is not None else self._whole(source, spread=spread):
                yield index, task

    def _whole(self, source: Source, *, spread: bool) -> Iterator[Task | Scanned]:
        """A source that cannot be cut into shards, read here."""
        # A stream is taken as it comes: who watches one in the order of the log does not want
        # to wait for the next megabyte.
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
        """Note that what comes now is of the source at `index`; those between had no lines."""
        while len(self._starts) <= index:
            self._starts.append(self.stats.lines)

    def _place(self, index: int, scanned: Scanned) -> Place:
        self._begin_source(index)
        self.stats.bytes_read += scanned.bytes_read
        return Place(self.stats.lines, self.sources[index], self._starts[index])

    def _bad(self, place: Place, line: int, message: str) -> BadLine:
        bad = place.bad(line, message)
        self.first_bad = self.first_bad or bad
        return bad

    def _end_stretch(self, scanned: Scanned, place: Place) -> None:
        self.stats.lines = place.before + scanned.lines
        self.stats.dropped_labels += scanned.dropped_labels
        if scanned.failure is not None:
            self.unreadable.append(place.bad(scanned.lines, scanned.failure))

    # --- Taking ------------------------------------------------------------------------

    def _as_they_stand(self, scanned: Scanned, place: Place) -> Iterator[LogRecord]:
        """A stretch's events and bad lines, by line."""
        stats = self.stats
        events = stats.events + scanned.events
        if not self._one_by_one:
            # Before the first of them, as in a sorted log: whoever takes them may stop early.
            stats.events = events
        batch = completed(scanned.batch, place)
        self.lone.add(batch.occurred, batch.lines)
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

    def _look_for_lone(self, scanned: Scanned, place: Place) -> None:
        """Of a sorted stretch, which is unpacked only where its events are far apart."""
        if scanned.first is None or scanned.last is None or self.reading.order != "occurred":
            return
        (first, line), (last, _) = scanned.first, scanned.last
        if last - first <= FAR:
            ends = [first, last] if scanned.events > 1 else [first]
            self.lone.add(ends, [place.before + line] * len(ends))
            return
        batch = completed(scanned.batch, None)
        self.lone.add(batch.occurred, [place.before + line for line in batch.lines])

    def _rows(
        self, batch: Batch, start: int, stop: int
    ) -> Iterator[Event | Match | Heading | Unmatched]:
        if not self._one_by_one:
            yield from batch.events(start, stop)
            return
        stats = self.stats
        streams = self.reading.order == "log"
        for some in batch.events(start, stop):
            for event in one_by_one(some):
                if streams:
                    stats.lines = event_in(event).line
                    stats.events += 1
                yield event


def _cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
