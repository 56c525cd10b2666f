"""Valid input at the edges of numbers and time: a right answer, or a clear error."""

import json
import re
import shlex
import subprocess
import sys

import pytest

from tests.cli.running import command_apart, environment_apart, formats_of, run
from tests.limits import LONGEST
from tests.support import SAMPLES, written_trigger
from trigger_cli.render.common.plain_json import dump_json

LOG = SAMPLES / "nightly.events.jsonl"
WATCH = SAMPLES / "triggers" / "11-proactive.json"
DIGITS = "9" * 5_000
HUGE = 2**64


def definition(folder, **fields):
    trigger = {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.*"], **fields}
    return written_trigger(folder / "huge.json", trigger)


@pytest.mark.parametrize("posture", ["Reactive", "Proactive"])
@pytest.mark.parametrize("output", formats_of("replay"))
def test_a_threshold_past_64_bits(output, posture, tmp_path):
    path = definition(tmp_path, threshold=HUGE, within=60, posture=posture)
    done = run("replay", path, LOG, "--format", output, "-o", tmp_path / "out")
    assert (0, False) == (done.returncode, b"bug" in done.stderr)
    if output == "jsonl":
        records = [json.loads(one) for one in (tmp_path / "out").read_text().splitlines()]
        assert HUGE in {one["bucket"]["threshold"] for one in records if one.get("bucket")}


@pytest.mark.parametrize("within", [9e12, 9e13, 1e300])
@pytest.mark.parametrize("output", formats_of("replay"))
def test_a_window_longer_than_any_calendar(within, output, tmp_path):
    path = definition(tmp_path, threshold=2, within=within)
    done = run("replay", path, LOG, "--format", output, "-o", tmp_path / "out")
    assert (done.returncode == 0) == (b"error" not in done.stderr)
    assert b"bug" not in done.stderr


@pytest.mark.parametrize("threshold", [1e308, -1e308, 1e-320, HUGE])
def test_thresholds_of_metrics(threshold, tmp_path):
    metric = {"name": "lateness", "operator": ">", "threshold": threshold, "firing_for": 300}
    path = tmp_path / "metric.json"
    path.write_text(json.dumps({"posture": "Metric", "metric": metric}))
    for command in (["explain"], ["explain", "--format", "json"], ["replay", "--format", "html"]):
        done = run(*command, path, "--log", LOG, "-o", tmp_path / "out")
        assert (0, False) == (done.returncode, b"bug" in done.stderr), command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sweep", WATCH, LOG, "--threshold", f"1..{DIGITS}"], "expected"),
        (["sweep", WATCH, LOG, "--threshold", DIGITS], "expected"),
        (["sweep", WATCH, LOG, "--within", DIGITS], "longer than 10,000 years"),
        (["sweep", WATCH, LOG, "--set", f"/within={DIGITS}d"], "longer than 10,000 years"),
        (["replay", WATCH, LOG, "--until", f"+{DIGITS}d"], "longer than 10,000 years"),
        (["replay", WATCH, LOG, "--limit", DIGITS], "invalid value for '--limit'"),
        (["replay", WATCH, LOG, "--expired-bucket-buffer", "4000000d"], "longer than 10,000"),
        (["capture", WATCH, LOG, "--start", "0001-01-01T00:00:00Z"], "at most 100,000 days"),
        (["capture", WATCH, LOG, "--until", "9999-12-31T23:59:59.999999Z"], "100,000 days"),
    ],
    ids=lambda one: "" if isinstance(one, str) else f"{one[0]} {one[3]}",
)
def test_numbers_and_times_in_options(arguments, says):
    done = run(*arguments)
    assert (2, True) == (done.returncode, says in " ".join(done.stderr.decode().split()))
    assert b"bug" not in done.stderr


def test_more_rows_than_there_are():
    assert 0 == run("replay", WATCH, LOG, "--limit", HUGE).returncode


def test_integers_past_64_bits_and_lone_surrogates_in_json():
    """Both are read back; `orjson` refuses both."""
    value = {"a": [HUGE, -(2**70), 1.5, "\ud800"], "b": None}
    assert {"a": [HUGE, -(2**70), 1.5, "\\ud800"], "b": None} == json.loads(dump_json(value))


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["replay", "x.json", "y.jsonl"], "the working directory is gone, and this needs one"),
        (["capture", WATCH, LOG], "the working directory is gone, and this needs one"),
        # To make the folder `.` first would be no advice.
        (["replay", WATCH, LOG, "-o", "x.txt"], "cannot write x.txt: No such file or directory"),
    ],
)
def test_a_working_directory_that_is_gone(arguments, message, tmp_path):
    (tmp_path / "gone").mkdir()
    command = shlex.join(command_apart(*arguments))
    done = subprocess.run(
        ["sh", "-c", f"cd gone && rmdir ../gone && exec {command}"],
        cwd=tmp_path,
        env=environment_apart(),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert (2, f"error: {message}") == (done.returncode, done.stderr.splitlines()[0])
    assert "make the folder" not in done.stderr


def far_log(folder):
    """The sample night, and an event of the year 9999 on line 217."""
    far = {"event": "prefect.flow-run.Completed", "occurred": "9999-12-31T00:00:00Z", "id": "far"}
    far |= {"received": far["occurred"], "resource": {"prefect.resource.id": "prefect.flow-run.f"}}
    (folder / "far.jsonl").write_text(LOG.read_text() + json.dumps(far) + "\n")


@pytest.mark.parametrize(
    "command",
    [
        ["replay"], ["replay", "--jobs", "2"], ["explain"], ["lint"], ["capture"], ["audit"],
        ["sweep", "--within", "30,60"], ["diff", "--between", "dialects"],
        ["diff", "--between", "orders"], ["diff", "b.json"], ["diff", "wants-it.json"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_replay_without_an_end_names_the_event_before_which_it_is(command, tmp_path):
    """Its file and its line, whether a trigger takes it or not."""
    watch = {"posture": "Proactive", "expect": ["heartbeat"], "within": 60}
    for name, expect in (("a", "heartbeat"), ("b", "beat"), ("wants-it", "prefect.flow-run.*")):
        written_trigger(tmp_path / f"{name}.json", {**watch, "expect": [expect]})
    far_log(tmp_path)
    verb, *rest = command
    done = run(verb, "a.json", *rest, "--log", "far.jsonl", cwd=tmp_path)
    words = " ".join(done.stderr.decode().split())
    assert 3 == done.returncode, words
    assert "error: far.jsonl:217: before this event the trigger of " in words


@pytest.mark.parametrize(
    "command", [["replay", "-q"], ["explain"], ["diff", "b.json"]], ids=" ".join
)
def test_a_replay_that_begins_long_before_all_others_names_the_event_that_is_old(command, tmp_path):
    """And not the next one, which is dated well; --from leaves the old one out."""
    watch = {"posture": "Proactive", "expect": ["heartbeat"], "within": 60}
    for name in "ab":
        definition = json.dumps({"name": name, "trigger": watch})
        (tmp_path / f"{name}.json").write_text(definition)
    lines = LOG.read_text().splitlines()
    lines[3] = json.dumps({**json.loads(lines[3]), "occurred": "1970-01-01T00:00:00Z"})
    (tmp_path / "old.jsonl").write_text("\n".join(lines))
    verb, *rest = command
    asked = verb, "a.json", *rest, "--log", "old.jsonl"
    done = run(*asked, cwd=tmp_path)
    words = " ".join(done.stderr.decode().split())
    assert "error: old.jsonl:4: after this event, which occurred more than a year from " in words
    assert 3 > run(*asked, "--from", "2026-01-01", cwd=tmp_path).returncode


def test_a_replay_without_an_end_counts_what_was_replayed(tmp_path):
    """The events before that one; and no firings of the other dialect, which stopped elsewhere."""
    watch = {"posture": "Proactive", "expect": ["heartbeat"], "within": 600}
    written_trigger(tmp_path / "a.json", watch)
    far_log(tmp_path)
    done = run("replay", "a.json", "far.jsonl", cwd=tmp_path)
    shown = done.stdout.decode()
    assert shown.startswith("Replayed 216 events against 1 automation")
    assert "dialect:" not in shown


@pytest.mark.parametrize(
    "command",
    [
        ["replay", "-q"], ["replay", "-q", "--jobs", "2"], ["explain"],
        ["sweep", "--within", "30,60"], ["diff", "--between", "dialects"],
        ["diff", "--between", "orders"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_window_ends_before_the_clock_starts(command, tmp_path):
    """An event of the year 1 before --from changes nothing: the first event offered starts it."""
    watch = {"posture": "Proactive", "expect": ["heartbeat"], "within": 60}
    written_trigger(tmp_path / "a.json", watch)
    lines = LOG.read_text().splitlines()
    past = {**json.loads(lines[0]), "id": "past", "occurred": "0001-01-02T00:00:00Z"}
    begin = json.loads(lines[3])["occurred"]
    (tmp_path / "night.jsonl").write_text("\n".join(lines))
    (tmp_path / "far.jsonl").write_text("\n".join((json.dumps(past), *lines[1:])))
    verb, *rest = command
    logs = "night.jsonl", "far.jsonl"
    with_it, without = (
        run(verb, "a.json", *rest, "--log", log, "--from", begin, cwd=tmp_path) for log in logs
    )
    assert with_it.returncode == without.returncode < 2, without.stderr
    shown = [one.stdout.decode().replace("far.jsonl", "night.jsonl") for one in (with_it, without)]
    assert shown[0] == shown[1]


def test_a_test_without_an_end_is_an_error_of_its_own(tmp_path):
    """The others are run, and --update leaves it alone."""
    far_log(tmp_path)
    written_trigger(tmp_path / "w.json", {"posture": "Proactive", "expect": ["a"], "within": 60})
    path = tmp_path / "w.trigger-test.yaml"
    path.write_text(
        """\
triggers: w.json
tests:
- name: before
  until: +2m
  expect:
  - fires: 2
- name: far
  until: 9999-12-31T00:00:00Z
  expect:
  - fires: 1
- name: far log
  events:
  - log: far.jsonl
  expect:
  - fires: 1
- name: after
  until: +3m
  expect:
  - fires: 7
"""
    )
    done = run("test", path)
    assert (3, "4 tests: 1 passed, 1 failed, 2 errors\n") == (
        done.returncode,
        done.stderr.decode().replace("\r", ""),
    )
    words = " ".join(done.stdout.decode().split())
    assert f"{path}:7:9: error: the trigger of 'w' would go through" in words
    assert "expected 7 firings, got 3" in words
    done = run("test", path, "--format", "json")
    told = json.loads(done.stdout)
    assert {"files": 1, "tests": 4, "passed": 1, "failed": 3, "errors": 2} == told["summary"]
    assert [False, True, True, False] == [bool(one["error"]) for one in told["tests"]]
    assert b'failures="1" errors="2"' in run("test", path, "--format", "junit").stdout
    github = run("test", path, "--format", "github").stdout.decode()
    assert [7, 11, 19] == [int(one) for one in re.findall(r",line=(\d+)", github)]
    assert 3 == run("test", path, "--update").returncode
    assert ["fires: 2", "fires: 1", "fires: 1", "fires: 3"] == re.findall(
        r"fires: \d", path.read_text()
    )
