"""``replay --jobs``: the same output for any number of processes."""

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import zstandard

from tests.cli.running import environment_apart, run
from tests.limits import LONGEST, ended_in_time
from tests.support import SAMPLES
from trigger_cli.parallel import replay as parallel_replay
from trigger_cli.processes import process_context
from trigger_cli.read.log import Log

TRIGGERS = SAMPLES / "triggers" / "1[0-5]*.json"
NIGHT = (SAMPLES / "nightly.events.jsonl").read_bytes().splitlines(keepends=True)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch) -> Path:
    """Logs with all that may stand in one; a shard is a few lines, and none is too small."""
    defaults = Log.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "shard_bytes", 20_000)
    monkeypatch.setitem(defaults, "worth_workers", 0)
    monkeypatch.setitem(defaults, "held_bytes", 60_000)
    monkeypatch.setattr(parallel_replay, "PAGE_ROWS", 5)
    monkeypatch.setattr(parallel_replay, "FEWEST_HELPERS", 2)
    first, second = NIGHT[:150], NIGHT[150:]
    first[7] = b'{"event": "x"}\n'
    first[70] = b"not json\n"
    first[71] = b"\n"
    first[90] = '{"event": "é", "occurred": "2026-03-01T12:00:00Z", "resource": {}}\n'.encode()
    second[20] = json.dumps({"events": [json.loads(second[20]), {}]}).encode() + b"\n"
    second.reverse()
    (tmp_path / "first.jsonl").write_bytes(b"".join(first))
    (tmp_path / "second.jsonl").write_bytes(b"".join(second))
    (tmp_path / "second.jsonl.zst").write_bytes(zstandard.compress(b"".join(second)))
    (tmp_path / "second.jsonl.gz").write_bytes(gzip.compress(b"".join(second))[:-20])
    (tmp_path / "page.json").write_text(
        json.dumps({"events": [json.loads(line) for line in NIGHT[:20]]}), "utf-8"
    )
    return tmp_path


LOGS = {
    "a file": ["first.jsonl"],
    "files": ["first.jsonl", "second.jsonl"],
    "compressed": ["second.jsonl.zst", "first.jsonl"],
    "damaged": ["second.jsonl.gz", "first.jsonl"],
    "a page and a file": ["page.json", "second.jsonl"],
    "stdin and a file": ["-", "first.jsonl"],
}


def test_workers_of_a_process_with_threads_are_spawned(logs):
    """A fork would copy only one of the threads; the output is the same."""
    command = ("replay", TRIGGERS, logs / "first.jsonl", "--format", "json", "--jobs")
    alone = run(*command, 1)
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait, args=(LONGEST,))
    thread.start()
    try:
        assert "spawn" == process_context().get_start_method()
        assert run(*command, 2) == alone
    finally:
        ended.set()
        thread.join(LONGEST)


@pytest.mark.parametrize(
    ("name", "order", "output"),
    [
        ("a file", "occurred", "table"),
        ("a file", "received", "json"),
        ("a file", "log", "jsonl"),
        ("files", "occurred", "jsonl"),
        ("files", "received", "table"),
        ("files", "log", "json"),
        ("compressed", "occurred", "json"),
        ("compressed", "log", "table"),
        ("damaged", "occurred", "table"),
        ("damaged", "log", "jsonl"),
        ("a page and a file", "received", "json"),
        ("stdin and a file", "occurred", "jsonl"),
    ],
)
def test_the_output_is_the_same_for_any_number_of_jobs(logs, name, order, output):
    """T2: bytes of stdout, messages and exit code, over formats, orders and kinds of logs."""
    chosen = [part for log in LOGS[name] for part in ("--log", log)]
    arguments = ["replay", TRIGGERS, *chosen, "--order", order, "--format", output]
    stdin = b"".join(NIGHT[40:80])
    one, three = (run(*arguments, "--jobs", jobs, cwd=logs, stdin=stdin) for jobs in (1, 3))
    assert one == three
    assert b"" != one.stdout
    assert [] == multiprocessing.active_children()


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_quiet_end_is_the_same_for_any_number_of_jobs(logs, output):
    """O4, T5: each of two events waits for the other, and both are released at one instant."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10}
    each = {"posture": "Reactive", "expect": ["a"], "threshold": 1, "within": 0}
    names = {"watch": watch, **dict.fromkeys(("one", "two", "three"), each)}
    found = [{"name": name, "trigger": {"type": "event", **one}} for name, one in names.items()]
    (logs / "four.json").write_text(json.dumps(found))
    event = {"occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {}}
    pair = ({**event, "id": ident, "follows": leader} for ident, leader in ("12", "21"))
    (logs / "pair.jsonl").write_text("\n".join(map(json.dumps, (event | {"event": "b"}, *pair))))
    arguments = ["replay", "four.json", "--log", "pair.jsonl", "--until-quiet", "--format", output]
    one, three = (run(*arguments, "--jobs", jobs, cwd=logs) for jobs in (1, 3))
    assert one == three
    if output == "json":
        assert 7 == len(json.loads(one.stdout)["firings"])


def test_what_is_read_ahead_is_not_counted(logs):
    """With `--until` in the log's order, the counts are those of the lines up to the end."""
    arguments = ["replay", TRIGGERS, "--log", "first.jsonl", "--order", "log", "--until", "+30m"]
    one, two = (run(*arguments, "--format", "json", "--jobs", jobs, cwd=logs) for jobs in (1, 2))
    assert one == two
    assert 0 < json.loads(one.stdout)["log"]["lines"] < 150


def test_a_closed_pipe_ends_the_workers(logs):
    """`| head` leaves no process and no message behind."""
    command = [sys.executable, "-c", _MANY_JOBS, "--format", "jsonl"]
    with ended_in_time(_started(command, logs)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert b"" == process.stderr.read()
        process.wait(LONGEST)
    assert not _children(process.pid)


def test_an_interrupt_ends_the_workers(logs):
    """Ctrl-C, which every process of the terminal gets, ends with what was found so far."""
    command = [sys.executable, "-c", _MANY_JOBS, "--format", "jsonl"]
    with ended_in_time(_started(command, logs)) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert 2 == len(_children(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=LONGEST)
    assert 130 == process.returncode, stderr
    assert ["waiting", "summary"] == [
        json.loads(line)["kind"] for line in (first, stdout.splitlines()[-1])
    ]
    assert b"interrupted" in stderr
    assert not _children(process.pid)
    assert b"Traceback" not in stderr


# Without end: the log is a pipe that nobody closes, after a file for the workers.
_MANY_JOBS = f"""
import sys
from trigger_cli.parallel import replay as parallel_replay
from trigger_cli.processes import process_context
from trigger_cli.read.log import Log
Log.__init__.__kwdefaults__.update(shard_bytes=10_000, worth_workers=0)
from trigger_cli.cli import main
main(["replay", {str(TRIGGERS)!r}, "--log", "first.jsonl", "--log", "endless",
      "--order", "log", "--jobs", "2", "-q", *sys.argv[1:]])
"""


def _started(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    endless = folder / "endless"
    os.mkfifo(endless)
    # Held open by the child too, so that reading it waits for ever.
    descriptor = os.open(endless, os.O_RDWR)
    os.write(descriptor, NIGHT[0] * 20)
    os.set_inheritable(descriptor, True)
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment_apart(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=[descriptor],
        )
    finally:
        os.close(descriptor)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found
