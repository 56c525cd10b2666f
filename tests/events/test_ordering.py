from __future__ import annotations

import gc
import random
import tempfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import NOON
from trigger_cli.events.ordering import in_order
from trigger_cli.model import BadLine, Event

BAD = BadLine("log", 3, "no event")
TIMES = st.integers(NOON - 3, NOON + 3)


def event(line: int, occurred: int, received: int | None = None) -> Event:
    return Event(
        line, f"id-{line}", "name", occurred, received, None, {"a": "ü\ud83d"}, ({"b": "c"}, {})
    )


def locate(line: int) -> tuple[str, int]:
    return f"log {line // 10}", line % 10


def ordered(records, order, run_bytes=10**6):
    return list(in_order(records, order, locate=locate, run_bytes=run_bytes))


def test_the_default_order_is_by_time_then_position():
    """O1: sorted by `occurred`, ties by position in the log."""
    late, early, tie = event(1, NOON + 1), event(2, NOON), event(3, NOON + 1)
    assert ordered([late, early, tie], "occurred") == [early, late, tie]


def test_the_order_of_receipt_is_by_receipt_then_position():
    """O1: sorted by `received`, whatever `occurred` says."""
    first, second, third = (
        event(1, NOON, NOON + 5),
        event(2, NOON + 9, NOON + 1),
        event(3, NOON + 1, NOON + 5),
    )
    assert ordered([first, second, third], "received") == [second, first, third]


def test_an_event_without_receipt_is_an_error_in_that_order():
    """O1: it is reported where it stands in its own source, and the others go on."""
    good = event(11, NOON, NOON)
    problem = BadLine("log 1", 2, "the event has no `received`, which the order by it needs")
    assert ordered([event(12, NOON), good], "received") == [problem, good]


def test_the_log_order_leaves_everything_as_it_stands():
    """O1: arrival order is the order of lines, bad ones among them, read one by one."""
    records = [event(1, NOON + 1), BAD, event(2, NOON)]
    assert ordered(records, "log") == records
    endless = iter([*records, *[BAD] * 3])
    assert next(in_order(endless, "log", locate=locate)) == records[0]
    assert len(list(endless)) == 5


@pytest.mark.parametrize("order", ["occurred", "received"])
def test_bad_lines_come_as_soon_as_they_are_read(order):
    """A bad line has no time, so it does not wait for the sort."""
    pending = iter([event(1, NOON, NOON), BAD, event(2, NOON, NOON)])
    records = in_order(pending, order, locate=locate)
    assert next(records) == BAD
    assert [record.line for record in pending] == [2]
    records.close()


@given(
    st.lists(st.tuples(TIMES, TIMES) | st.just(BAD), max_size=60),
    st.sampled_from(["occurred", "received"]),
    st.integers(1, 3000),
)
def test_the_order_is_the_sorted_one_for_any_run_size(drafts, order, run_bytes):
    """O1 as one line of Python, however many runs the sort takes."""
    records = [
        draft if isinstance(draft, BadLine) else event(line, *draft)
        for line, draft in enumerate(drafts, 1)
    ]
    events = [record for record in records if isinstance(record, Event)]
    expected = [BAD] * drafts.count(BAD)
    expected += sorted(events, key=lambda event: (getattr(event, order), event.line))
    assert ordered(records, order, run_bytes) == expected


def test_closing_early_closes_the_file(monkeypatch):
    """After `| head` or Ctrl-C no temporary file is left."""
    files = []
    real = tempfile.TemporaryFile

    def remembered(**options):
        files.append(real(**options))
        return files[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", remembered)
    log = [event(line, NOON - line) for line in range(1, 500)]
    records = in_order(log, "occurred", locate=locate, run_bytes=5000)
    assert next(records) == log[-1]
    records.close()
    assert [file.closed for file in files] == [True]


@pytest.mark.parametrize("arrival", ["oldest first", "newest first", "in no order"])
def test_memory_is_bounded(arrival):
    """A log ten times as large as a run is sorted in about the memory of one run."""
    count = 10_000
    numbers = list(range(count))
    if arrival == "newest first":
        numbers.reverse()
    elif arrival == "in no order":
        random.Random(1).shuffle(numbers)
    label = "x" * 500
    log = (
        Event(line, f"{line}", "name", NOON + number, None, None, {"a": label + str(line)}, ())
        for line, number in enumerate(numbers)
    )
    run_bytes = 800_000
    gc.collect()
    tracemalloc.start()
    try:
        before = -1
        for record in in_order(log, "occurred", locate=locate, run_bytes=run_bytes):
            assert record.occurred > before
            before = record.occurred
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * run_bytes
