"""Logs that a cluster reads: on storage that all of its workers and this process can reach."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.storage import Address, find_stored, open_stored
from trigger_cli.cluster.tasks import Part, match_part, scan_whole
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, unpack_scanned
from trigger_cli.events.shards import can_be_cut
from trigger_cli.events.sources import STDIN, Source, find_sources, is_url
from trigger_cli.read.reading import Reading

PART_BYTES = 32 * 1024 * 1024
"""A tenth of a second's work for a worker: storage and scheduler are asked seldom enough."""
_LARGEST_WHOLE = 64 * 1024 * 1024
"""What is in a log that cannot be cut is one answer of one worker, so it must not be too much:
half a million events for each ten megabytes of compressed log."""
_AHEAD = 4
"""Parts for each thread of a worker that are read before their turn has come."""
_ASKED_FOR_WORKERS = 64
"""After so many parts, workers that have joined the cluster get some too."""

_Task: TypeAlias = tuple[int, Part | Scanned]
"""The place of a log, and a part of it or what there is in it."""


class SharedStorage:
    """Logs named by URLs of `fsspec` (``s3://``, ``gs://``, ``file://``), globs, or paths.

    Args:
        reading: What to keep of events.
        part_bytes: How much of a log one worker reads at a time.
        largest_whole: Up to how many bytes a log that cannot be cut is read by a worker; a larger
            one is read here.
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
        """The logs that `paths` name; what passes through this computer alone is refused."""
        for path in paths:
            self._found += (
                find_stored(path) if is_url(path) else map(_on_disk, find_sources([path], None))
            )
        return tuple(source for source, _ in self._found)

    def tasks(self) -> Iterator[_Task]:
        """The logs cut into parts, or what there is in those read here, each with its place."""
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
                    # After a byte order mark, which is rare, lines would begin elsewhere.
                    cut = can_be_cut(file) == 0
            if size is None or (not cut and size > self._largest_whole):
                with open_stored(address) as file:
                    yield from scan_whole(file, self._reading.scanner())
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
    """A log of this machine, refused if it is no file, which another could read too."""
    if source.refusal is None and (source.size is None or source.name == STDIN):
        source = Source(source.name, "a cluster reads files, not what passes through this computer")
    return source, Address(None, str(Path(source.name).absolute()))


class ClusterWorkers:
    """Has parts of a log matched by a cluster; what a dying worker had is done by another."""

    def __init__(self, cluster: Cluster, reading: Reading) -> None:
        self._cluster = cluster
        self._packed = pickle.dumps(reading)

    def in_order(self, tasks: Iterable[_Task]) -> Iterator[tuple[int, Scanned]]:
        """Each part's stretches in turn, beside the place of its log.

        Where reading fails a log ends, as it would if one process read it.

        Raises:
            ClusterError: the cluster is gone.
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
            del answer  # which lets the worker forget it

    def _stretches(self, answer: Scanned | Answer) -> Iterator[Scanned]:
        if isinstance(answer, Scanned):
            return iter((answer,))
        return map(unpack_scanned, self._cluster.result(answer))
