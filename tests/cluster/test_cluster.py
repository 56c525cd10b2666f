from __future__ import annotations

import gzip
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support import SAMPLES
from trigger_cli.cluster import keys as cluster_keys
from trigger_cli.cluster import log as cluster_log
from trigger_cli.cluster.log import ClusterLog
from trigger_cli.events.shards import lines_between

pytestmark = [
    # What `distributed` leaves to the garbage collector is not ours to mend.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
NIGHT = (SAMPLES / "nightly.events.jsonl").read_bytes().splitlines(keepends=True)
FOR_EACH = {
    "name": "each flow",
    "trigger": {
        "posture": "Reactive",
        "expect": ["prefect.flow-run.*"],
        "for_each": ["related:flow:prefect.resource.id", "prefect.resource.id"],
        "threshold": 2,
        "within": 600,
    },
}


@pytest.fixture
def logs(tmp_path: Path, monkeypatch) -> Path:
    """Logs with all that may stand in one; a part is a few lines, and so is a page of keys."""
    monkeypatch.setitem(ClusterLog.__init__.__kwdefaults__, "part_bytes", 15_000)
    monkeypatch.setattr(cluster_keys.KeysElsewhere.__init__, "__kwdefaults__", {"page_rows": 7})
    monkeypatch.setattr(cluster_keys, "_PAGES_OF_LINEAGE", 3)
    monkeypatch.setattr(cluster_log, "_AHEAD", 2)
    lines = list(NIGHT)
    lines[7] = b"not json\n"
    lines[70] = b"\n"
    (tmp_path / "night.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "backwards.jsonl").write_bytes(b"".join(reversed(lines)))
    (tmp_path / "night.json.gz").write_bytes(
        gzip.compress(json.dumps([json.loads(line) for line in NIGHT[:50]]).encode())
    )
    (tmp_path / "each.json").write_text(json.dumps(FOR_EACH), "utf-8")
    return tmp_path


@pytest.mark.parametrize("dialect", ["docs", "server"])
@pytest.mark.parametrize(
    ("log", "output"),
    [
        ("night.jsonl", ["--format", "json"]),
        ("night.jsonl", ["--format", "jsonl"]),
        ("night.jsonl", ["-q"]),
        ("backwards.jsonl", ["--format", "json"]),
        ("night.json.gz", ["--format", "table"]),
        ("night.jsonl", ["--format", "json", "--order", "log", "--until", "+30m"]),
    ],
)
def test_a_cluster_finds_what_one_process_finds(cluster, logs, log, output, dialect):
    """T2: the same bytes, counts and messages, whoever has read the log."""
    arguments = ["replay", SAMPLES / "triggers", "each.json", "--log", log, "--dialect", dialect]
    arguments += output
    alone = run(*arguments, "--jobs", 1, cwd=logs)
    spread = run(*arguments, "--cluster", cluster.scheduler_address, cwd=logs)
    assert alone == spread
    assert b"" != alone.stdout


def test_logs_may_be_urls_and_globs_of_urls(cluster, logs):
    """Their names are those of the files; what is in them is the same."""
    arguments = ["replay", "each.json", "--format", "json"]
    at = ["--cluster", cluster.scheduler_address]
    alone = json.loads(run(*arguments, "--log", "night.jsonl", cwd=logs).stdout)
    for url in (f"file://{logs}/night.jsonl", f"file://{logs}/ni*.jsonl"):
        spread = json.loads(run(*arguments, "--log", url, *at, cwd=logs).stdout)
        assert [f"file://{logs}/night.jsonl"] == spread["log"].pop("sources")
        assert {**alone["log"], "sources": 0} == {**spread["log"], "sources": 0}
        assert alone["firings"] == spread["firings"]


@pytest.mark.parametrize(
    ("log", "code", "words"),
    [
        ("file:///absent/night.jsonl", 3, b"absent"),
        ("file:///absent/*.jsonl", 3, b"no file matches"),
        ("-", 3, b"a cluster reads files"),
    ],
)
def test_what_a_cluster_cannot_read_is_named(cluster, logs, log, code, words):
    """Before anything is replayed, as without a cluster."""
    done = run(
        "replay", "each.json", "--log", log, "--cluster", cluster.scheduler_address, cwd=logs
    )
    assert (code, b"") == (done.returncode, done.stdout)
    assert words in done.stderr


def test_an_address_without_a_scheduler_is_a_mistake(logs, monkeypatch):
    """It says so, and what to do, without a traceback."""
    monkeypatch.setattr("trigger_cli.cluster.client._PATIENCE", "300ms")
    done = run("replay", "each.json", "night.jsonl", "--cluster", "tcp://127.0.0.1:9", cwd=logs)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"no cluster answers at tcp://127.0.0.1:9" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_worker_that_is_killed_midway_loses_nothing(cluster, logs):
    """What it had matched and which keys it held is made again by the other workers."""
    (logs / "long.jsonl").write_bytes(b"".join(NIGHT) * 40)
    arguments = ["replay", "each.json", "--log", "long.jsonl", "--format", "json"]
    alone = run(*arguments, "--jobs", 1, cwd=logs)
    killed = []

    def kill_one() -> None:
        pid = cluster.workers[0].process.pid
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    # Each page of keys is evaluated after this has begun, and there are hundreds.
    timer = threading.Timer(0.5, kill_one)
    timer.start()
    spread = run(*arguments, "--cluster", cluster.scheduler_address, cwd=logs)
    assert killed
    assert alone == spread


@pytest.mark.parametrize("size", [1, 2, 7, 30, 1000])
def test_parts_hold_each_line_once(size, tmp_path):
    """However a file is cut, the lines of its parts are those of the file."""
    for content in (b"", b"\n", b"one\n\ntwo two\n" + b"x" * 40 + b"\nlast", b"abc", b"\n\n\n"):
        path = tmp_path / "log"
        path.write_bytes(content)
        found = b""
        with path.open("rb") as file:
            for begin in range(0, max(len(content), 1), size):
                part = list(lines_between(file, begin, begin + size))
                assert all(lines is not None for lines in part)
                found += b"".join(lines or b"" for lines in part)
        assert content == found
