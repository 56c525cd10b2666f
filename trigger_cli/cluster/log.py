"""Logs that a cluster reads: on storage that all of its workers and this process can reach."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.storage import Address, find_stored, is_url, open_stored
from trigger_cli.cluster.tasks import Part, match_part, scan_whole
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, unpack_scanned
from trigger_cli.events.shards import can_be_cut
from trigger_cli.events.sources import STDIN, Source

_T = TypeVar("_T")
PART_BYTES = 32 * 1024 * 1024
"""A tenth of a second's work for a worker: storage and scheduler are asked seldom enough."""
_LARGEST_WHOLE = 64 * 1024 * 1024
"""What is in a log that cannot be cut is one answer of one worker, so it must not be too much:
half a million events for each ten megabytes of compressed log."""
_AHEAD = 4
"""Parts for each thread of a worker that are read before their turn has come."""
_ASKED_FOR_WORKERS = 64
"""After so many parts, workers that have joined the cluster get some too."""


class ClusterLog(MatchedLog):
    """Logs named by URLs of `fsspec` (``s3://``, ``gs://``, ``file://``), globs, or paths."""

    def __init__(
        self,
        paths: Sequence[str],
        matching: Matching,
        *,
        one_by_one: bool = False,
        part_bytes: int = PART_BYTES,
        largest_whole: int = _LARGEST_WHOLE,
    ) -> None:
        """Find the logs.

        Args:
            paths: URLs, paths, and globs of either.
            matching: See `MatchedLog`.
            one_by_one: See `MatchedLog`.
            part_bytes: How much of a log one worker reads at a time.
            largest_whole: Up to how many bytes a log that cannot be cut is read by a worker;
                a larger one is read here.
        """
        self._addresses: list[Address] = []
        super().__init__(paths, matching, one_by_one=one_by_one)
        self._part_bytes = part_bytes
        self._largest_whole = largest_whole

    def _find(self, paths: Sequence[str]) -> tuple[Source, ...]:
        found: list[tuple[Source, Address]] = []
        for path in paths:
            if is_url(path):
                found += find_stored(path)
            else:
                found += [(_stored(one), _address(one)) for one in super()._find([path])]
        self._addresses = [address for _, address in found]
        return tuple(source for source, _ in found)

    def _in_order(self, workers: Readers | None) -> Iterator[tuple[int, Scanned]]:
        assert workers is not None
        failed: set[int] = set()
        for index, scanned in workers.in_order(self._parts(failed)):
            # Where reading fails a log ends, as it would if one process read it.
            if index not in failed:
                if scanned.failure is not None:
                    failed.add(index)
                yield index, scanned

    def _parts(self, failed: set[int]) -> Iterator[tuple[int, Part | Scanned]]:
        """The logs cut into parts, up to where one of them `failed`."""
        for index, source in enumerate(self._sources):
            if source.refusal is None:
                for part in self._parts_of(source, self._addresses[index]):
                    if index in failed:
                        break
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
                    yield from scan_whole(file, self.matching.scanner())
                return
        except OSError as error:
            yield Scanned(failure=system_reason(error))
            return
        if not cut:
            yield Part(address, 0, None)
            return
        for begin in range(0, size, self._part_bytes):
            yield Part(address, begin, min(begin + self._part_bytes, size))


def _stored(source: Source) -> Source:
    """A source of this machine, refused if it is no file, which another could read too."""
    if source.refusal is None and (source.size is None or source.name == STDIN):
        why = "a cluster reads files, not what passes through this computer"
        return Source(source.name, why)
    return source


def _address(source: Source) -> Address:
    return Address(None, str(Path(source.name).absolute()))


class ClusterWorkers:
    """Has parts of a log matched by a cluster; what a dying worker had is done by another."""

    def __init__(self, cluster: Cluster, matching: Matching) -> None:
        self._cluster = cluster
        self._packed = pickle.dumps(matching)

    def in_order(self, tasks: Iterable[tuple[_T, Part | Scanned]]) -> Iterator[tuple[_T, Scanned]]:
        """Each part's stretches in turn, beside what came with the part.

        Raises:
            ClusterError: the cluster is gone.
        """
        coming = iter(tasks)
        expected: deque[tuple[_T, Scanned | Answer]] = deque()
        most = 0
        asked_for = 0
        while True:
            if asked_for % _ASKED_FOR_WORKERS == 0:
                most = _AHEAD * max(sum(self._cluster.threads().values()), 1)
            asked_for += 1
            while len(expected) < most and (task := next(coming, None)) is not None:
                label, part = task
                if not isinstance(part, Scanned):
                    part = self._cluster.submit(match_part, part, self._packed)
                expected.append((label, part))
            if not expected:
                return
            label, answer = expected.popleft()
            if isinstance(answer, Scanned):
                yield label, answer
                continue
            stretches: list[bytes] = self._cluster.result(answer)
            del answer  # which lets the worker forget it
            for packed in stretches:
                yield label, unpack_scanned(packed)
