"""Fault D (T7): ``--from`` and ``--to`` mean the same in every command."""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import firing_times, inputs, replayed, swept
from tests.support import log_event, written_log, written_trigger


def diffed(definition, log, *options):
    done = run("diff", definition, definition, "--log", log, *options, "--format", "json")
    return [json.loads(done.stdout)["automations"][0][side] for side in "ab"]


def explained(definition, log, *options):
    done = run("explain", definition, log, *options, "--format", "json")
    return json.loads(done.stdout)["explanations"][0]["funnel"][-1]["events"]


def test_every_command_starts_the_clock_at_the_first_event_offered():
    """Fault D: an absence that the range cuts off is nobody's."""
    definition, log = inputs("D")
    options = ("--from", "+40m")
    assert [] == firing_times(definition, log, *options)
    assert "2026-03-01T12:50:00.000000Z" == replayed(definition, log, *options)["start"]
    assert 0 == swept(definition, log, *options)
    assert [0, 0] == diffed(definition, log, *options)
    assert 0 == explained(definition, log, *options)


def test_with_a_start_the_clock_begins_there():
    """T3: five windows end without an event between 12:00 and 12:50."""
    definition, log = inputs("D")
    options = ("--from", "+40m", "--start", "2026-03-01T12:00:00Z")
    assert 5 == len(firing_times(definition, log, *options)) == swept(definition, log, *options)
    assert [5, 5] == diffed(definition, log, *options)


def test_events_before_the_range_are_known_to_delivery(tmp_path):
    """O2, O4: as ids and as leaders, though no trigger is offered them."""
    definition = written_trigger(tmp_path / "t.json", {"expect": ["x"]})
    events = [
        log_event("x", 0, id="a"),
        log_event("x", 60, id="lost", follows="nobody"),
        log_event("x", 600, id="a"),
        log_event("x", 660, id="b", follows="a"),
        log_event("x", 720, id="c", follows="lost"),
        log_event("x", 1_800, id="end"),
    ]
    log = written_log(tmp_path / "log.jsonl", events)
    # The copy of a is dropped, b goes on at once, and c waits for an event that waits itself.
    # When that one has waited for 15 minutes it is offered to nobody, but lets c go on.
    expected = [("t", "12:11:00"), ("t", "12:16:00"), ("t", "12:30:00")]
    options = ("--from", "+5m")
    answer = replayed(definition, log, *options)
    assert expected == firing_times(definition, log, *options)
    assert (1, 0) == (answer["log"]["duplicates"], answer["log"]["waiting"])
    assert 3 == swept(definition, log, *options)
    assert [3, 3] == diffed(definition, log, *options)
    assert 3 == explained(definition, log, *options)


def test_events_after_the_range_do_not_move_the_clock():
    """T7: the watch from 12:00 is not over when the range ends."""
    definition, log = inputs("D")
    assert [] == firing_times(definition, log, "--to", "+5m")
    assert "2026-03-01T12:00:00.000000Z" == replayed(definition, log, "--to", "+5m")["end"]
    assert 0 == swept(definition, log, "--to", "+5m")


@pytest.mark.parametrize("command", ["replay", "explain", "audit"])
def test_a_range_without_events_is_an_error_that_names_the_log(command):
    """T7: where the log's events are."""
    definition, log = inputs("D")
    options = ("--order", "occurred", "--from", "2026-04-01T00:00:00Z")
    done = run(command, definition, "--log", log, *options)
    assert 2 == done.returncode
    assert b"" == done.stdout
    said = done.stderr.decode()
    assert "2026-03-01T12:00:00.000000Z to 2026-03-01T12:50:00.000000Z" in said
    assert "--from 2026-04-01T00:00:00.000000Z" in said


def test_an_automation_younger_than_the_whole_log_is_explained(tmp_path):
    """Its range since then is empty, which nobody asked for."""
    definition = tmp_path / "t.json"
    trigger = {"type": "event", "posture": "Reactive", "expect": ["x"]}
    automation = {"name": "a", "created": "2026-03-02T00:00:00Z", "trigger": trigger}
    definition.write_text(json.dumps(automation))
    done = run("explain", definition, inputs("D")[1])
    assert 0 == done.returncode
    assert "Cause code: fired-before-creation" in done.stdout.decode()
