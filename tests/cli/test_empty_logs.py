"""A log without events: absence can be watched for from a fixed `--start` to a fixed `--until`."""

import json

import pytest

from tests.cli.running import run
from tests.support import proactive, written_trigger

FIXED = ("--start", "2026-03-01T12:00:00Z", "--until", "2026-03-01T12:10:00Z")
OVER = ("--start", "2026-03-01T12:10:00Z", "--until", "2026-03-01T12:00:00Z")


def _firings(folder, options):
    """How often a watch of a minute fires by `replay`, `sweep`, `diff` and `explain`."""
    trigger = written_trigger(folder / "a.json", proactive("x", within=60))
    (folder / "log.jsonl").write_text("")
    given = ("--log", folder / "log.jsonl", *options, "--format", "json")
    replay, sweep, diff, explain = (
        json.loads(run(command, *arguments, *given).stdout)
        for command, *arguments in (
            ("replay", trigger),
            ("sweep", trigger, "--within", "60"),
            ("diff", trigger, trigger),
            ("explain", trigger),
        )
    )
    (told,) = explain["explanations"]
    spans = {(one["start"], one["end"]) for one in (replay, sweep)}
    return (
        [
            len(replay["firings"]),
            sweep["cells"][0]["firings"],
            diff["automations"][0]["same"],
            told["firings"],
        ],
        told["other_dialect"],
        spans,
    )


def test_each_command_replays_the_fixed_time(tmp_path):
    """`sweep` and `diff` counted no firings where `replay` had ten."""
    firings, _, spans = _firings(tmp_path, FIXED)
    assert [10] * 4 == firings
    assert {("2026-03-01T12:00:00.000000Z", "2026-03-01T12:10:00.000000Z")} == spans


@pytest.mark.parametrize("options", [("--start", "+7s"), ("--start", "+7s", *FIXED[2:])])
def test_no_time_is_relative_to_a_start_that_it_does_not_have(options, tmp_path):
    """`--start +7s` was seven seconds after 1970 began."""
    assert ([0] * 4, None, {(None, None)}) == _firings(tmp_path, options)


@pytest.mark.parametrize("command", [("replay",), ("sweep", "--within", "60"), ("explain",)])
def test_a_start_after_the_end_is_refused(command, tmp_path):
    trigger = written_trigger(tmp_path / "a.json", proactive("x", within=60))
    (tmp_path / "log.jsonl").write_text("")
    done = run(*command, trigger, "--log", tmp_path / "log.jsonl", *OVER)
    assert 2 == done.returncode
    assert b"--start 2026-03-01T12:10:00.000000Z is after --until" in done.stderr
