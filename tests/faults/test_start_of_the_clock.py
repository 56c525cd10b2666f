"""Fault F (T3): `test` starts the clock where `replay` does, in every order of delivery."""

from __future__ import annotations

import json
import random

import pytest

from tests.cli.running import run
from tests.faults.running import FAULTS, firing_times, inputs, replayed

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
    lines = [
        {
            "occurred": f"2026-03-01T12:00:{chance.randrange(60):02}Z",
            "received": f"2026-03-01T12:01:{chance.randrange(60):02}Z",
            "event": chance.choice("xy"),
            "resource": {"prefect.resource.id": "r"},
            "id": f"e{place}",
        }
        for place in range(5)
    ]
    trigger = {"type": "event", "posture": "Proactive", "expect": ["x"], "within": 10}
    definition, log = tmp_path / "t.json", tmp_path / "log.jsonl"
    definition.write_text(json.dumps({"name": "t", "trigger": trigger}), "utf-8")
    log.write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
    expected = replayed(definition, log, "--order", order)
    firings = [f"{{at: {one['at']}}}" for one in expected["firings"]]
    file = tmp_path / "t.trigger-test.yaml"
    file.write_text(
        f"triggers: t.json\norder: {order}\ntests:\n- name: t\n  events: [{{log: log.jsonl}}]\n"
        f"  expect:\n  - firings: [{', '.join(firings)}]\n    exact: true\n"
        if firings
        else f"triggers: t.json\norder: {order}\ntests:\n- name: t\n"
        "  events: [{log: log.jsonl}]\n  expect:\n  - fires: 0\n",
        "utf-8",
    )
    result = outcome(file)
    assert result["passed"], result["failures"]
    assert (expected["start"], expected["end"]) == (result["start"], result["end"])
