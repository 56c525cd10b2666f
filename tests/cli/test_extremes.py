"""Valid input at the edges of numbers and time: a right answer, or a clear error."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.running import formats_of, run
from tests.limits import LONGEST
from tests.support import REPOSITORY, SAMPLES
from trigger_cli.render.common.plain_json import dump_json

LOG = SAMPLES / "nightly.events.jsonl"
WATCH = SAMPLES / "triggers" / "11-proactive.json"
DIGITS = "9" * 5_000
HUGE = 2**64


def definition(folder, **fields):
    path = folder / "huge.json"
    trigger = {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.*"], **fields}
    path.write_text(json.dumps({"name": "huge", "trigger": trigger}))
    return path


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
@pytest.mark.parametrize("arguments", [["replay", "x.json", "y.jsonl"], ["capture", WATCH, LOG]])
def test_a_working_directory_that_is_gone(arguments, tmp_path):
    (tmp_path / "gone").mkdir()
    command = " ".join(map(str, [sys.executable, "-m", "trigger_cli", *arguments]))
    done = subprocess.run(
        ["sh", "-c", f"cd gone && rmdir ../gone && exec {command}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert (2, "error: the working directory is gone, and this needs one") == (
        done.returncode,
        done.stderr.splitlines()[0],
    )
