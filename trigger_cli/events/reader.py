"""All logs of a replay as one log: an iterator of `Event | BadLine`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from trigger_cli.events.formats import records
from trigger_cli.events.interpret import Interpreter
from trigger_cli.events.sources import STDIN, Source, find_sources, plain_text
from trigger_cli.model import BadLine, Event


@dataclass(slots=True)
class LogStats:
    """How much has been read so far; it grows while the log is read."""

    lines: int = 0
    """Records: text lines, blank ones too, and elements of arrays and pages."""
    events: int = 0
    malformed: int = 0
    dropped_labels: int = 0
    """Labels whose value is no string, which are taken as absent (O6)."""
    bytes_read: int = 0
    """As stored, so compressed bytes for a compressed log."""
    bytes_total: int | None = None
    """What `bytes_read` will be at the end; ``None`` if a source's size is unknown."""


class LogReader:
    """The events of several logs, one log after the other, in the order they stand.

    Iterating reads the logs; iterating again reads them again (standard input is then at
    its end). Nothing is kept of what was read.
    """

    stats: LogStats
    sources: tuple[str, ...]
    """Each log as it was given, or as a glob found it; ``-`` for standard input."""
    unreadable: list[BadLine]
    """Each log, or rest of one, that cannot be read, ``line`` being the last that could.

    What can be told without opening a log is known before the first is read.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        stdin: BinaryIO | None = None,
    ) -> None:
        """Find the logs.

        Args:
            paths: paths, globs (``**`` too), and ``-`` for standard input.
            stdin: what ``-`` stands for; ``None``: the process's own.
        """
        self._stdin = stdin
        self._sources = self._find(paths)
        self.sources = tuple(source.name for source in self._sources)
        sizes = [source.size for source in self._sources if source.refusal is None]
        known = [size for size in sizes if size is not None]
        self.stats = LogStats(bytes_total=sum(known) if len(known) == len(sizes) else None)
        self.unreadable = []
        self._starts: list[int] = []
        self._begin()

    def _find(self, paths: Sequence[str]) -> tuple[Source, ...]:
        """The sources that `paths` name."""
        return find_sources(paths, self._stdin)

    def __iter__(self) -> Iterator[Event | BadLine]:
        self._begin()
        for source in self._sources:
            if source.refusal is not None:  # already among the unreadable
                self._starts.append(self.stats.lines)
                continue
            before = self.stats.lines
            self._starts.append(before)
            failures: list[str] = []
            chunks = plain_text(source, self._stdin, count=self._count_bytes, fail=failures.append)
            yield from self._events(source.name, records(chunks), before)
            read = self.stats.lines - before
            self.unreadable.extend(BadLine(source.name, read, why) for why in failures)

    def check(self) -> tuple[BadLine, ...]:
        """The logs known so far to be unreadable."""
        return tuple(self.unreadable)

    def locate(self, line: int) -> tuple[str, int]:
        """Where the record stands that has the number `line` over all logs.

        Returns:
            The name of its source, and its number there.
        """
        # A log without lines begins where the next one does; the last of them holds the line.
        index = bisect_right(self._starts, line - 1) - 1
        return self.sources[index], line - self._starts[index]

    def _begin(self) -> None:
        """Forget what was read before; `stats` and `unreadable` stay the same objects."""
        stats = self.stats
        stats.lines = stats.events = stats.malformed = stats.dropped_labels = stats.bytes_read = 0
        self.unreadable[:] = [
            BadLine(source.name, 0, source.refusal)
            for source in self._sources
            if source.refusal is not None
        ]
        self._starts.clear()

    def _count_bytes(self, count: int) -> None:
        self.stats.bytes_read += count

    def _events(
        self, source: str, texts: Iterator[bytes | None], before: int
    ) -> Iterator[Event | BadLine]:
        """The events of one source, whose records have the JSON `texts`.

        `before` is how many lines precede the source.
        """
        stats = self.stats
        events, malformed, dropped = stats.events, stats.malformed, stats.dropped_labels
        reading = Interpreter(source, origin_of(source), before, before)
        for record in reading.read(texts):
            stats.lines = reading.lines
            stats.events = events + reading.events
            stats.malformed = malformed + reading.malformed
            stats.dropped_labels = dropped + reading.dropped_labels
            yield record
        stats.lines = reading.lines


def origin_of(source: str) -> str:
    """What the ids of events without one begin with."""
    return "stdin" if source == STDIN else source
