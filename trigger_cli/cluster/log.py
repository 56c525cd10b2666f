"""Logs on storage that this process and all workers of a cluster can read."""

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.storage import Address, find_stored, open_stored
from trigger_cli.cluster.tasks import Part, match_part
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, unpack_scanned
from trigger_cli.events.shards import can_be_cut
from trigger_cli.events.sources import STDIN, Source, find_sources, is_url
from trigger_cli.read.reading import Reading
from trigger_cli.read.stream import scan_stream

PART_BYTES = 32 * 1024 * 1024
"""A tenth of a second of work: large enough to limit requests to the storage and the scheduler."""
_LARGEST_WHOLE = 64 * 1024 * 1024
"""The largest log, in bytes, that a worker reads in one piece if it cannot be cut. Its contents are
one answer: half a million events for each ten megabytes of compressed log."""
_AHEAD = 4
"""How many parts per thread of a worker are read ahead."""
_ASKED_FOR_WORKERS = 64
"""After so many parts, new workers of the cluster are used too."""

_Task: TypeAlias = tuple[int, Part | Scanned]
"""The index of a log, and a part of it or the contents of a part."""


class SharedStorage:
    """Logs named by URLs of `fsspec` (``s3://``, ``gs://``, ``file://``), globs, or paths.

    Args:
        reading: What to keep of events.
        part_bytes: How many bytes of a log a worker reads at a time.
        largest_whole: The size in bytes up to which a worker reads a log that cannot be cut; this
            process reads larger ones.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        part_bytes: int = PART_BYTES,
        largest_whole: int = _LARGEST_WHOLE,
    ) -> None:
        self._reading = reading
        self._part_bytes = part_bytes
        self._largest_whole = largest_whole
        self._found: list[tuple[Source, Address]] = []

    def find(self, paths: Sequence[str]) -> tuple[Source, ...]:
        """The logs that `paths` name; pipes and standard input are refused."""
        for path in paths:
            self._found += (
                find_stored(path) if is_url(path) else map(_on_disk, find_sources([path], None))
            )
        return tuple(source for source, _ in self._found)

    def tasks(self) -> Iterator[_Task]:
        """The parts of the logs, or the contents of logs read here, each with the log's index."""
        for index, (source, address) in enumerate(self._found):
            if source.refusal is None:
                for part in self._parts_of(source, address):
                    yield index, part

    def _parts_of(self, source: Source, address: Address) -> Iterator[Part | Scanned]:
        size = source.size
        cut = False
        try:
            if size is not None:
                with open_stored(address) as file:
                    # A byte order mark, which is rare, would shift the line starts.
                    cut = can_be_cut(file) == 0
            if size is None or (not cut and size > self._largest_whole):
                with open_stored(address) as file:
                    yield from scan_stream(file, self._reading.scanner())
                return
        except OSError as error:
            yield Scanned(failure=system_reason(error))
            return
        if not cut:
            yield Part(address, 0, None)
            return
        for begin in range(0, size, self._part_bytes):
            yield Part(address, begin, min(begin + self._part_bytes, size))


def _on_disk(source: Source) -> tuple[Source, Address]:
    """A log on this machine; refused if it is not a file, which workers could read too."""
    if source.refusal is None and (source.size is None or source.name == STDIN):
        source = Source(source.name, "a cluster reads files, not what passes through this computer")
    return source, Address(None, str(Path(source.name).absolute()))


class ClusterWorkers:
    """Has a cluster match the parts of logs; if a worker dies, another repeats its part."""

    def __init__(self, cluster: Cluster, reading: Reading) -> None:
        self._cluster = cluster
        self._packed = pickle.dumps(reading)

    def in_order(self, tasks: Iterable[_Task]) -> Iterator[tuple[int, Scanned]]:
        """Yield the contents of each part in order, with the index of its log.

        If reading fails, the log ends there, as if one process had read it.

        Raises:
            ClusterError: The cluster is gone.
        """
        failed: set[int] = set()
        coming = iter(tasks)
        expected: deque[tuple[int, Scanned | Answer]] = deque()
        most = asked_for = 0
        while True:
            if asked_for % _ASKED_FOR_WORKERS == 0:
                most = _AHEAD * max(sum(self._cluster.threads().values()), 1)
            asked_for += 1
            while len(expected) < most and (task := next(coming, None)) is not None:
                index, part = task
                if index not in failed:
                    whole = isinstance(part, Scanned)
                    answer = part if whole else self._cluster.submit(match_part, part, self._packed)
                    expected.append((index, answer))
            if not expected:
                return
            index, answer = expected.popleft()
            for scanned in self._stretches(answer):
                if index not in failed:
                    if scanned.failure is not None:
                        failed.add(index)
                    yield index, scanned
            del answer  # so that the worker can free it

    def _stretches(self, answer: Scanned | Answer) -> Iterator[Scanned]:
        if isinstance(answer, Scanned):
            return iter((answer,))
        return map(unpack_scanned, self._cluster.result(answer))
