"""Fault F (T3): `test` starts the clock where `replay` does, in every order of delivery."""

import json
import random

import pytest

from tests.cli.running import run
from tests.faults.running import FAULTS, firing_times, inputs, replayed
from tests.support import log_event, written_log, written_trigger

ORDERS = ["occurred", "received", "log"]


def outcome(file):
    """What ``test --format json`` says of the only test."""
    (result,) = json.loads(run("test", file, "--format", "json").stdout)["tests"]
    return result


def test_the_clock_starts_with_the_first_line():
    """Fault F: at 12:00:05, though the second line occurred before that."""
    assert [("a", "12:00:25")] == firing_times(*inputs("F"), "--order", "log")
    result = outcome(FAULTS / "F.trigger-test.yaml")
    assert (True, "2026-03-01T12:00:05.000000Z") == (result["passed"], result["start"])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("order", ORDERS)
def test_a_test_of_a_log_fires_as_its_replay(order, seed, tmp_path):
    """The same times, counted from the same start; the log is in no order at all."""
    chance = random.Random(seed)
    events = [
        log_event(
            chance.choice("xy"),
            chance.randrange(60),
            received=f"2026-03-01T12:01:{chance.randrange(60):02}Z",
            id=f"e{place}",
        )
        for place in range(5)
    ]
    trigger = {"type": "event", "posture": "Proactive", "expect": ["x"], "within": 10}
    definition = written_trigger(tmp_path / "t.json", trigger)
    log = written_log(tmp_path / "log.jsonl", events)
    expected = replayed(definition, log, "--order", order)
    firings = [f"{{at: {one['at']}}}" for one in expected["firings"]]
    file = tmp_path / "t.trigger-test.yaml"
    claim = f"firings: [{', '.join(firings)}]\n    exact: true" if firings else "fires: 0"
    file.write_text(
        f"triggers: t.json\norder: {order}\ntests:\n- name: t\n"
        f"  events: [{{log: log.jsonl}}]\n  expect:\n  - {claim}\n",
        "utf-8",
    )
    result = outcome(file)
    assert result["passed"], result["failures"]
    assert (expected["start"], expected["end"]) == (result["start"], result["end"])
