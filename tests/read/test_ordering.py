"""The order in which a log's records come (``semantics.md`` O1)."""

import io
import json
import random
import tempfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import NOON, event_record, json_lines
from trigger_cli.model import BadLine, Event
from trigger_cli.read.log import Log
from trigger_cli.read.log_range import with_labels
from trigger_cli.read.reading import AllLabels, Reading
from trigger_cli.times import format_instant

TIMES = st.integers(NOON - 3, NOON + 3)


def drafted(number: int, occurred: int, received: int | None = None) -> dict:
    return event_record(
        id=f"e{number}",
        occurred=format_instant(occurred),
        received=None if received is None else format_instant(received),
    )


def ordered(records, order, **sizes) -> list[Event | BadLine]:
    log = Log(["-"], Reading(AllLabels(), order), stdin=io.BytesIO(json_lines(records)), **sizes)
    return list(with_labels(log))


def lines_of(records) -> list[int]:
    return [one.line for one in records]


def test_the_default_order_is_by_time_then_position():
    """O1: sorted by `occurred`, ties by position in the log."""
    records = [drafted(1, NOON + 1), drafted(2, NOON), drafted(3, NOON + 1)]
    assert [2, 1, 3] == lines_of(ordered(records, "occurred"))


def test_the_order_of_receipt_is_by_receipt_then_position():
    """O1: sorted by `received`, whatever `occurred` says."""
    records = [
        drafted(1, NOON, NOON + 5),
        drafted(2, NOON + 9, NOON + 1),
        drafted(3, NOON + 1, NOON + 5),
    ]
    assert [2, 1, 3] == lines_of(ordered(records, "received"))


def test_an_event_without_receipt_is_an_error_in_that_order():
    """O1: it is reported where it stands in its own source, and the others go on."""
    problem = BadLine("-", 2, "the event has no `received`, which the order by it needs")
    found = ordered([drafted(1, NOON, NOON), drafted(2, NOON)], "received")
    assert [problem, "e1"] == [one if isinstance(one, BadLine) else one.id for one in found]


def test_the_log_order_leaves_everything_as_it_stands():
    """O1: arrival order is the order of lines, bad ones among them."""
    records = [drafted(1, NOON + 1), 3, drafted(2, NOON)]
    assert [1, 2, 3] == lines_of(ordered(records, "log"))


@given(
    st.lists(st.tuples(TIMES, TIMES) | st.none(), max_size=60),
    st.sampled_from(["occurred", "received"]),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_the_order_is_the_sorted_one_for_any_sizes(drafts, order, shard_bytes, held_bytes):
    """O1 as one line of Python, in however many pieces the log is read, merged and spilled."""
    records = [3 if one is None else drafted(line, *one) for line, one in enumerate(drafts, 1)]
    expected = [line for line, one in enumerate(drafts, 1) if one is None]
    place = ("occurred", "received").index(order)
    rows = [(one[place], line) for line, one in enumerate(drafts, 1) if one is not None]
    expected += [line for _, line in sorted(rows)]
    found = ordered(records, order, shard_bytes=shard_bytes, held_bytes=held_bytes)
    assert expected == lines_of(found)
    assert [f"e{one.line}" for one in found if isinstance(one, Event)] == [
        one.id for one in found if isinstance(one, Event)
    ]


def test_closing_early_closes_the_file(monkeypatch):
    """After `| head` or Ctrl-C no temporary file is left."""
    files = []
    real = tempfile.TemporaryFile

    def remembered(**options):
        files.append(real(**options))
        return files[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", remembered)
    content = json_lines(drafted(number, NOON - number) for number in range(500))
    reading = Reading(AllLabels(), "occurred")
    log = Log(["-"], reading, stdin=io.BytesIO(content), shard_bytes=2_000, held_bytes=5_000)
    records = log.taken()
    assert "e499" == next(records).id
    records.close()
    assert [file.closed for file in files] == [True]


@pytest.mark.parametrize("arrival", ["oldest first", "newest first", "in no order"])
def test_memory_is_bounded(arrival, log):
    """A log many times as large as what may be held is sorted in about that much memory."""
    numbers = list(range(5_000))
    if arrival == "newest first":
        numbers.reverse()
    elif arrival == "in no order":
        random.Random(1).shuffle(numbers)
    label = "x" * 1000
    records = (
        {**drafted(number, NOON + number), "resource": {"a": label + str(number)}}
        for number in numbers
    )
    path = log("\n".join(map(json.dumps, records)).encode())
    held = 1_000_000
    tracemalloc.start()
    try:
        before = -1
        reading = Reading(AllLabels(), "occurred")
        for record in Log([path], reading, shard_bytes=100_000, held_bytes=held):
            assert record.occurred > before
            before = record.occurred
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * held
