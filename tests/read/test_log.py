import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.read.logs import AUTOMATIONS, LINES, NAMES, matched, plainly, record
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine import delivery, processed
from trigger_cli.model import BadLine, Event, Heading, Unmatched, event_in
from trigger_cli.pipeline import ReplayOptions, replayed
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.read.log import Log
from trigger_cli.read.log_range import one_by_one
from trigger_cli.read.reading import Reading
from trigger_cli.times import TimePoint

HOUR = 3_600_000_000
MOMENTS = st.none() | st.builds(TimePoint, st.integers(0, 2 * HOUR), st.just(value=True))


@given(
    LINES,
    st.builds(
        ReplayOptions,
        dialect=st.sampled_from([DOCS, SERVER]),
        order=st.sampled_from(["occurred", "received", "log"]),
        until=MOMENTS,
        taken_from=MOMENTS,
        taken_to=MOMENTS,
    ),
    st.sampled_from([1, 300, 2_000, 10**6]),
    st.sampled_from([1, 5_000, 10**8]),
)
def test_matching_first_changes_nothing(lines, options, shard_bytes, held_bytes):
    """T2, O1-O4: every record, count and message is that of the log read event by event."""
    log = "\n".join(lines).encode()
    expected = or_empty_range(plainly, log, options)
    assert expected == or_empty_range(
        matched, log, options, shard_bytes=shard_bytes, held_bytes=held_bytes
    )


def or_empty_range(replayed, *arguments, **sizes):
    """What a replay shows, or that the range has no events (T7)."""
    try:
        return replayed(*arguments, **sizes)
    except EmptyRangeError as error:
        return str(error)


def taken(path: str, **options) -> list[Event | BadLine | Unmatched]:
    reader = Log([path], Reading(replayed(AUTOMATIONS, DOCS), "occurred"), **options)
    return list(reader.taken())


def test_what_delivery_remembers_is_the_same_for_runs(monkeypatch):
    """O2-O4: with a short memory, long logs of followers and copies replay as one by one."""
    monkeypatch.setattr(processed, "_FEWEST", 20)
    in_one_go = 0
    take = delivery.Delivery.take_batch

    def counted(self, ids, follows, clocks):
        nonlocal in_one_go
        done = take(self, ids, follows, clocks)
        in_one_go += len(ids) if done else 0
        return done

    monkeypatch.setattr(delivery.Delivery, "take_batch", counted)
    for seed in range(60):
        chance = random.Random(seed)
        often = chance.choice([0.01, 0.1, 0.5])
        far = chance.choice([0, 0.02, 0.1])
        lines = []
        for n in range(160):
            leader = max(0, n - chance.choice([1, 1, 2, 3]))
            if chance.random() < far:
                leader = max(0, n - chance.randrange(30, 60))
            if chance.random() < often / 10:
                leader = n + 2
            lines.append(
                record(
                    chance.choices(NAMES, [often, often, 5, 5, often])[0],
                    n // 3 if chance.random() > often else max(0, n - 9) // 3,
                    f"e{n if chance.random() > often else max(0, n - chance.randrange(30))}",
                    f"e{leader}" if chance.random() < 0.5 else None,
                    chance.choice("ab"),
                )
            )
        log = "\n".join(map(json.dumps, lines)).encode()
        options = ReplayOptions(order=chance.choice(["occurred", "log"]))
        assert plainly(log, options) == matched(log, options), seed
    assert in_one_go > 1_000


def singly(reader: Log) -> list[Event | Heading | BadLine]:
    """A log's records, each by itself."""
    records: list[Event | Heading | BadLine] = []
    for one in reader:
        records += [one] if isinstance(one, BadLine) else map(event_in, one_by_one(one))
    return records


def test_what_nobody_looks_at_comes_in_runs(log):
    """Only the events that some trigger takes are there as events, with what takes them."""
    lines = [record("other", n, f"o{n}", None, "a") for n in range(5)]
    lines.insert(3, record("run.Failed", 2, "f", "o1", "a"))
    run, match, rest = taken(log("\n".join(map(json.dumps, lines)).encode()))
    assert (["o0", "o1", "o2"], ["o3", "o4"]) == (list(run.ids), list(rest.ids))
    assert match.event == Event(
        4, "f", "run.Failed", run.occurred[2], run.occurred[2], "o1",
        {"prefect.resource.id": "run.a", "id": "run.a", "noise": "a"},
        ({"role": "flow", "name": "a", "x": "y"}, {"x": "z"}),
    )  # fmt: skip
    # The reactive trigger, and the first child of the last: expected (1), with their keys.
    assert match.takings == ((0, 1, ("run.a", "")), (1, 1, ("run.a",)), (3, 1, ()))
    assert ("other", 3) == (run.heading(2).name, run.heading(2).line)


@pytest.mark.parametrize("order", ["occurred", "log"])
def test_a_file_is_the_same_log_in_any_shards(log, order):
    """Lines are counted over shards, ids made up and bad lines placed as if there were one."""
    lines = [json.dumps(record("run.Failed", n % 7, None, None, "a")) for n in range(40)]
    lines[10] = "no json"
    lines[20] = ""
    lines[30] = json.dumps({"events": [record("other", 3, None, None, "b"), {}]})
    path = log("\n".join(lines).encode())
    readers = [
        Log([path, path], Reading(replayed(AUTOMATIONS, DOCS), order), shard_bytes=size)
        for size in (100, 1_000, 10**6)
    ]
    found = [(singly(reader), reader.stats, reader.locate(70)) for reader in readers]
    assert found[0] == found[1] == found[2]
    assert (82, 76, 4) == (found[0][1].lines, found[0][1].events, found[0][1].malformed)
    assert (path, 29) == found[0][2]
    assert {f"{path}:31", f"{path}:33"} <= {
        one.id for one in found[0][0] if not isinstance(one, BadLine)
    }
