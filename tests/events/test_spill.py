from __future__ import annotations

import errno
import os
import random
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.events.spill import LogSortError, SortedRecords

SMALL = 2000
"""Bytes of a run that holds some nine records."""


def in_random_order(count: int) -> list[tuple[int, int, bytes]]:
    records = [(number % 97, number, b"x") for number in range(count)]
    random.Random(1).shuffle(records)
    return records


def drained(records, run_bytes: int) -> tuple[list[tuple[int, int, bytes]], int]:
    """The records in the order given back, and how many chains of runs they were kept in."""
    with SortedRecords(run_bytes) as sorter:
        for record in records:
            sorter.add(record)
        return list(sorter.drain()), len(sorter._chains)


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.binary(max_size=300))),
    st.integers(1, 3000),
)
def test_records_come_back_sorted(drafts, run_bytes):
    """Any records, in runs of any size, come back in the order of their keys."""
    records = [(key, line, payload) for line, (key, payload) in enumerate(drafts)]
    assert drained(records, run_bytes)[0] == sorted(records)


def test_many_runs_are_merged():
    """Records that lie in no order at all are sorted through as many runs as it takes."""
    records = in_random_order(2000)
    got, chains = drained(records, SMALL)
    assert (got, chains > 100) == (sorted(records), True)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_sorted_log_needs_no_merge(reverse):
    """Oldest first and newest first are one chain of runs, however many these are."""
    records = sorted(in_random_order(2000), reverse=reverse)
    assert drained(records, SMALL) == (sorted(records), 1)


def test_what_fits_into_memory_touches_no_file(monkeypatch):
    """A small log needs no temporary file."""
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    assert drained(in_random_order(100), 10**6) == (sorted(in_random_order(100)), 0)


def test_the_file_is_closed_early_too():
    """Leaving in the middle, by an interrupt or a closed pipe, leaves no file behind."""
    with SortedRecords(SMALL) as sorter:
        for record in in_random_order(100):
            sorter.add(record)
        next(sorter.drain())
        file = sorter._file
    assert file is not None
    assert file.closed


class FullDisk:
    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        pass


def test_a_full_disk_is_told_in_plain_words(monkeypatch):
    """The error names the folder, so that the user can make room or set TMPDIR."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: FullDisk())
    with pytest.raises(LogSortError) as caught:
        drained(in_random_order(100), SMALL)
    assert str(caught.value) == (
        "the log is too large to sort in memory, and the temporary folder "
        f"{tempfile.gettempdir()} cannot take it: no space left on device"
    )


def test_a_disk_that_takes_a_part_is_given_the_rest(monkeypatch):
    """A write may take less than it was given; nothing is lost."""
    real = tempfile.TemporaryFile

    class Reluctant:
        def __init__(self) -> None:
            self.file = real(buffering=0)

        def write(self, data: bytes) -> int:
            return self.file.write(data[:100])

        def __getattr__(self, name: str):
            return getattr(self.file, name)

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Reluctant())
    records = in_random_order(300)
    assert drained(records, SMALL)[0] == sorted(records)
