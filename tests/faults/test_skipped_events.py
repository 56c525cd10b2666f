"""Faults A and B: events that were skipped, or offered without their labels."""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import firing_times, inputs, replayed, swept
from tests.support import SAMPLES, log_event, written_log

TRIGGERS, LOG = SAMPLES / "triggers", SAMPLES / "nightly.events.jsonl"
RANGES = ((), ("--from", "+0s"), ("--to", "+1h"), ("--until", "+1h"))


def test_an_absence_is_matched_by_an_event_that_has_nothing_related():
    """Fault A (M5): in every format, and among as many conditions as make an index worth it."""
    definition, log = inputs("A")
    assert [("a", "12:00:00")] == firing_times(definition, log)
    assert 1 == run("replay", definition, log, "-q").stdout.decode().count("12:00:00")
    table = run("replay", definition, log, "--width", "80").stdout.decode()
    assert "a                 1" in table


def test_each_sample_fires_alone_as_it_does_among_the_others(tmp_path):
    """Fault A: the README's first command, automation by automation."""
    together = {
        one["name"]: one["firings"] for one in replayed(TRIGGERS, "--log", LOG)["automations"]
    }
    assert 19 == together["Everything but development"]
    alone = {}
    for path in sorted(TRIGGERS.iterdir()):
        alone |= {
            one["name"]: one["firings"] for one in replayed(path, "--log", LOG)["automations"]
        }
    assert together == alone


@pytest.mark.parametrize("order", ["occurred", "log"])
@pytest.mark.parametrize("limits", RANGES, ids=" ".join)
@pytest.mark.parametrize("copies", [1, 2])
def test_an_event_that_no_trigger_takes_is_offered_to_none(tmp_path, order, limits, copies):
    """Fault B (M5): not as a copy (O2), nor where a range makes the events come one by one."""
    definition, log = inputs("B")
    lines = log.read_text("utf-8").splitlines()[:copies]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert [] == firing_times(definition, path, "--order", order, *limits)
    assert 0 == swept(definition, "--log", path, "--order", order, *limits)


def test_a_follower_that_no_trigger_takes_is_offered_to_none_when_it_is_released(tmp_path):
    """Fault B (O4): neither after its leader nor when it has waited long enough."""
    definition, log = inputs("B")
    waits = json.loads(log.read_text("utf-8").splitlines()[0]) | {"follows": "leader"}
    pool = {"prefect.resource.role": "work-pool", "prefect.resource.name": "local"}
    leader = log_event("x", 1_200, id="leader", related=[pool])
    for records in ((waits, leader), (waits,)):
        path = written_log(tmp_path / "log.jsonl", records)
        assert [] == firing_times(definition, path, "--until", "+1h")
