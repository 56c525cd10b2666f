"""Logs that a cluster reads: on storage that all of its workers and this process can reach."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import fsspec

from trigger_cli.cluster.client import ClusterClient, threads_of
from trigger_cli.cluster.tasks import Part, match_part
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, unpack_scanned
from trigger_cli.events.shards import can_be_cut
from trigger_cli.events.sources import STDIN, Source
from trigger_cli.parallel import MatchedLog, Matching

_T = TypeVar("_T")
_Future: TypeAlias = Any
"""A `distributed.Future`, which is untyped."""
PART_BYTES = 32 * 1024 * 1024
"""A tenth of a second's work for a worker: storage and scheduler are asked seldom enough."""
_AHEAD = 4
"""Parts for each thread of a worker that are read before their turn has come."""


class ClusterLog(MatchedLog):
    """Logs named by URLs of `fsspec` (``s3://``, ``gs://``, ``file://``), globs, or paths."""

    def __init__(
        self,
        paths: Sequence[str],
        matching: Matching,
        *,
        one_by_one: bool = False,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """Find the logs; see `MatchedLog`."""
        super().__init__(paths, matching, one_by_one=one_by_one)
        self._part_bytes = part_bytes

    def _find(self, paths: Sequence[str]) -> tuple[Source, ...]:
        found: list[Source] = []
        for path in paths:
            if "://" in path:
                found += _remote(path)
            else:
                for source in super()._find([path]):
                    if (source.size is None and source.refusal is None) or source.name == STDIN:
                        why = "a cluster reads files, not what passes through this computer"
                        found.append(Source(source.name, why))
                    else:
                        found.append(source)
        return tuple(found)

    def _tasks(self, *, spread: bool) -> Iterator[tuple[int, Any]]:
        del spread
        for index, source in enumerate(self._sources):
            if source.refusal is not None:
                continue
            for part in self._parts(source):
                yield index, part

    def _parts(self, source: Source) -> Iterator[Part | Scanned]:
        url = source.name if "://" in source.name else Path(source.name).absolute().as_uri()
        size = source.size
        try:
            with fsspec.open(url, "rb") as file:
                begin = can_be_cut(file)
        except OSError as error:
            yield Scanned(failure=system_reason(error))
            return
        if begin is None or size is None:
            yield Part(url, 0, None)
            return
        # At least one, so that an empty file is asked for too.
        for start in range(begin, max(size, begin + 1), self._part_bytes):
            yield Part(url, start, min(start + self._part_bytes, max(size, begin + 1)))


def _remote(url: str) -> list[Source]:
    try:
        system, path = fsspec.core.url_to_fs(url)
        names = sorted(system.glob(path)) if fsspec.core.has_magic(path) else [path]
        if not names:
            return [Source(url, "no file matches this pattern")]
        return [
            Source(
                url if name == path else system.unstrip_protocol(name),
                None,
                int(system.info(name)["size"]),
            )
            for name in names
        ]
    except (OSError, ValueError, ImportError) as error:
        return [Source(url, system_reason(error))]


class ClusterWorkers:
    """Has parts of a log matched by a cluster; what a dying worker had is done by another."""

    def __init__(self, client: ClusterClient, matching: Matching) -> None:
        self._client = client
        self._packed = pickle.dumps(matching)

    def in_order(self, tasks: Iterable[tuple[_T, Any]]) -> Iterator[tuple[_T, Scanned]]:
        """Each part's stretches in turn, beside what came with the part."""
        coming = iter(tasks)
        expected: deque[tuple[_T, Scanned | _Future]] = deque()
        most = _AHEAD * max(sum(threads_of(self._client).values()), 1)
        while True:
            while len(expected) < most and (task := next(coming, None)) is not None:
                label, part = task
                # Not pure: the file may have changed since somebody asked for the same part.
                answer = (
                    part
                    if isinstance(part, Scanned)
                    else self._client.submit(match_part, part, self._packed, pure=False)
                )
                expected.append((label, answer))
            if not expected:
                return
            label, answer = expected.popleft()
            if isinstance(answer, Scanned):
                yield label, answer
                continue
            for packed in answer.result():
                yield label, unpack_scanned(packed)
