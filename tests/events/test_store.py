import random
import sys
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.events.batch import Batch, Place, joined, part, unpack
from trigger_cli.events.scan import Scanned
from trigger_cli.events.store import BatchStore, LogSortError
from trigger_cli.model import Event

ROWS = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=40)


def batch_of(times: list[int]) -> Batch:
    """A batch with an event a row, every third of them wanted, every second without an id."""
    batch = Batch(range(1, len(times) + 1))
    batch.ids = [f"i{n}" if n % 2 else "" for n in range(len(times))]
    batch.occurred = batch.keys = list(times)
    batch.follows = [f"f{n}" if n % 4 else None for n in range(len(times))]
    batch.name_codes = [n % 2 for n in range(len(times))]
    batch.names = ["even", "odd"]
    batch.wanted_rows = list(range(0, len(times), 3))
    batch.wanted = [({"label": str(row)}, ({"r": "s"},), None) for row in batch.wanted_rows]
    batch.sort()
    return batch


def scanned(batch: Batch, *, packed: bool) -> Scanned:
    found = Scanned(batch.pack() if packed else batch, lines=len(batch), size=100 * len(batch))
    if len(batch):
        found.first, found.last = batch.key(0), batch.key(len(batch) - 1)
    return found


def events_of(batch: Batch, start: int, stop: int) -> list[Event]:
    found: list[Event] = []
    for one in batch.events(start, stop):
        found += [one] if isinstance(one, Event) else map(one.heading, range(len(one.ids)))
    return found


def stored(drafts: list[list[int]], held_bytes: int, packed: bool) -> list[Event]:
    with BatchStore(held_bytes) as store:
        before = 0
        for times in drafts:
            store.add(scanned(batch_of(times), packed=packed), Place(before, "log", 0))
            before += len(times)
        return [event for rows in store.drain() for event in events_of(*rows.read())]


def expected(drafts: list[list[int]]) -> list[Event]:
    before = 0
    found: list[Event] = []
    for times in drafts:
        batch = batch_of(times)
        batch.complete(Place(before, "log", 0))
        found += events_of(batch, 0, len(batch))
        before += len(times)
    return sorted(found, key=lambda event: (event.occurred, event.line))


@given(ROWS, st.sampled_from([1, 1000, 5000, 10**6]), st.booleans())
def test_rows_come_back_sorted(drafts, held_bytes, packed):
    """O1: by time, ties by position, however little is held in memory."""
    assert expected(drafts) == stored(drafts, held_bytes, packed)


@pytest.mark.parametrize("arrival", ["oldest first", "newest first", "in no order", "nearly"])
def test_large_logs_in_any_arrival(arrival):
    """Chains, runs of batches that fit to none, and merges of both give the same order."""
    chance = random.Random(1)
    drafts = [[100 * n + chance.randrange(100) for _ in range(20)] for n in range(200)]
    if arrival == "newest first":
        drafts.reverse()
    elif arrival == "in no order":
        drafts = [[chance.randrange(20_000) for _ in range(20)] for _ in range(200)]
    elif arrival == "nearly":
        drafts = [[time + chance.randrange(150) for time in times] for times in drafts]
    for held_bytes in (20_000, 10**8):
        assert expected(drafts) == stored(drafts, held_bytes, packed=True)


def test_a_log_in_order_is_never_merged():
    """Its batches come back whole."""
    with BatchStore() as store:
        for n in range(3):
            store.add(scanned(batch_of([n, n]), packed=False), Place(2 * n, "log", 0))
        assert [(0, 2)] * 3 == [rows.read()[1:] for rows in store.drain()]


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_a_batch_survives_packing_cutting_and_joining(times, one, other):
    """As bytes and back, and in two parts put together again, it has the same rows."""
    batch = batch_of(times)
    batch.complete(Place(5, "log", 2))
    rows = events_of(batch, 0, len(batch))
    again = unpack(batch.pack())
    assert rows == events_of(again, 0, len(again))
    begin, end = sorted((min(one, len(batch)), min(other, len(batch))))
    pieces = [part(batch, 0, begin), part(batch, begin, end), part(batch, end, len(batch))]
    assert rows == [event for piece in pieces for event in events_of(piece, 0, len(piece))]
    whole = joined(pieces)
    assert rows == events_of(whole, 0, len(whole))
    assert rows[begin:end] == events_of(batch, begin, end)


def test_a_full_disk_is_told_in_plain_words(monkeypatch):
    """The error names the folder, so that the user can make room or set TMPDIR."""

    def refuse(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(LogSortError, match="no space left on device"):
        stored([[1], [2]], 1, packed=True)


def test_a_batch_goes_from_memory_when_it_has_been_read():
    first = batch_of([1, 2])
    count = sys.getrefcount(first)
    with BatchStore() as store:
        store.add(scanned(first, packed=False), Place(0, "log", 0))
        store.add(scanned(batch_of([3, 4]), packed=False), Place(2, "log", 0))
        rows = store.drain()
        next(rows)
        next(rows)
        assert sys.getrefcount(first) == count
