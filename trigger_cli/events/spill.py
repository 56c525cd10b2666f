"""Sorting more records than memory should hold: sorted runs in an unnamed temporary file.

A record is a named tuple of its two sort keys and a payload of bytes. Because payloads are
bytes rather than objects, the memory they take is known exactly, is a quarter as much, and
is nothing that the garbage collector has to walk through.
"""

from __future__ import annotations

import heapq
import marshal
import tempfile
from array import array
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import IO, NamedTuple, Self, TypeAlias

from trigger_cli.events.problems import system_reason

Record: TypeAlias = tuple[int, int, bytes]
"""First key, second key (different for every record), payload."""

RUN_BYTES = 24 * 1024 * 1024
# What a record takes besides its payload: the tuple, two ints, the head of the bytes.
_RECORD_BYTES = 200
# A block of a run is what a merge holds of it; small, so that hundreds of runs are no matter.
_BLOCK = 16


class LogSortError(OSError):
    """The log is too large to sort in memory, and the temporary file cannot take it."""


class _Run(NamedTuple):
    """A sorted stretch of the file."""

    first: Record
    """Its lowest and highest record, without their payloads."""
    last: Record
    offsets: array[int]
    """Where each of its blocks begins; one more for where the last ends."""


class SortedRecords:
    """Takes records in any order and gives them back in ascending order, once.

    It is a context manager, at whose end the temporary file is gone.
    """

    def __init__(self, run_bytes: int = RUN_BYTES) -> None:
        """Take `run_bytes` of records before they are sorted and written to the file."""
        self._run_bytes = run_bytes
        self._run: list[Record] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._end = 0
        self._chains: list[deque[_Run]] = []
        """Runs that follow one another without overlap, so that a merge reads one at a time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, record: Record) -> None:
        """Take one record.

        Raises:
            LogSortError: the temporary file cannot be made or written.
        """
        self._run.append(record)
        self._size += _RECORD_BYTES + len(record[2])
        if self._size >= self._run_bytes:
            self._spill()

    def drain(self) -> Iterator[Record]:
        """Give back all records in ascending order.

        Raises:
            LogSortError: the temporary file cannot be written or read.
        """
        if not self._chains:  # all of it fits
            self._run.sort()
            return iter(self._run)
        if self._run:
            self._spill()
        return heapq.merge(*map(self._read, self._chains))

    def _spill(self) -> None:
        self._run.sort()
        self._chain(self._written(self._run))
        self._run.clear()
        self._size = 0

    def _chain(self, run: _Run) -> None:
        """Put `run` behind or before the runs of a chain, or begin a chain with it.

        A log that is already sorted becomes one chain, and so does one with the newest
        first, as the API returns it; then there is nothing to merge.
        """
        for chain in self._chains:
            if chain[-1].last < run.first:
                chain.append(run)
                return
            if run.last < chain[0].first:
                chain.appendleft(run)
                return
        self._chains.append(deque([run]))

    def _written(self, records: list[Record]) -> _Run:
        """Write sorted `records` to the end of the file."""
        offsets = array("Q", [self._end])
        try:
            if self._file is None:
                # Unbuffered: a buffer would try to write again, and fail again, when closed.
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            for begin in range(0, len(records), _BLOCK):
                rest = memoryview(marshal.dumps(records[begin : begin + _BLOCK]))
                self._end += len(rest)
                while rest:
                    rest = rest[self._file.write(rest) :]
                offsets.append(self._end)
        except OSError as error:
            raise sort_error(error) from error
        return _Run((*records[0][:2], b""), (*records[-1][:2], b""), offsets)

    def _read(self, runs: deque[_Run]) -> Iterator[Record]:
        """The records of runs that follow one another."""
        file = self._file
        if file is None:
            raise AssertionError("a run is in a file")
        for run in runs:
            for begin, end in pairwise(run.offsets):
                try:
                    file.seek(begin)  # several chains read in turn
                    block = file.read(end - begin)
                except OSError as error:
                    raise sort_error(error) from error
                yield from marshal.loads(block)  # noqa: S302  # written by this very object


def sort_error(error: OSError) -> LogSortError:
    """What to say of a temporary file that cannot be made, written or read."""
    too_large = "the log is too large to sort in memory, and"
    try:
        folder = tempfile.gettempdir()
    except OSError:  # nothing can be written anywhere
        return LogSortError(f"{too_large} no temporary folder can take it")
    reason = system_reason(error)
    return LogSortError(f"{too_large} the temporary folder {folder} cannot take it: {reason}")
