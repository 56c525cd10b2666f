"""Fault I: ``jsonl`` tells of a firing and of the whole what ``json`` does."""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import inputs, replayed
from tests.support import SAMPLES

WHOLE = (SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl")


def streamed(*arguments):
    done = run("replay", *arguments, "--format", "jsonl")
    *records, summary = map(json.loads, done.stdout.decode().splitlines())
    return records, summary


def test_a_deadlines_firing_names_the_event_that_it_carries():
    """E3: the last event of its bucket."""
    records, _ = streamed(*inputs("I"), "--until", "+70s")
    assert [("e1", 1)] == [
        (one["event_id"], one["event_line"]) for one in records if one["kind"] == "fired"
    ]


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_both_formats_tell_the_same_firings(dialect):
    """Of all samples: when, for which labels, by which event."""
    records, summary = streamed(*WHOLE, "--dialect", dialect)
    keys = ("automation", "at", "labels", "event_id", "event_line")
    fired = [
        {key: one[key] for key in keys}
        for one in records
        if one["kind"] == "fired" and one["trigger"] == "$"
    ]
    answer = replayed(*WHOLE, "--dialect", dialect)
    expected = [{key: one[key] for key in keys} for one in answer["firings"]]
    assert sorted(expected, key=json.dumps) == sorted(fired, key=json.dumps)
    del answer["firings"]
    assert {"kind": "summary", **answer} == summary
