import gzip
import io
import json
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from distributed import Client
from msgspec.structs import replace

from tests.cli.running import run
from tests.cluster.conftest import local_cluster
from tests.support import SAMPLES, reactive
from trigger_cli.cluster import client
from trigger_cli.cluster import log as cluster_log
from trigger_cli.cluster.log import SharedStorage
from trigger_cli.events.shards import lines_between
from trigger_cli.parallel import replay as parallel_replay

pytestmark = [
    # What `distributed` leaves to the garbage collector is not ours to mend.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
NIGHT = (SAMPLES / "nightly.events.jsonl").read_bytes().splitlines(keepends=True)
FOR_EACH = {
    "name": "each flow",
    "trigger": reactive(
        "prefect.flow-run.*",
        for_each=["related:flow:prefect.resource.id", "prefect.resource.id"],
        threshold=2,
        within=600,
    ),
}


@pytest.fixture
def logs(tmp_path: Path, monkeypatch) -> Path:
    """Logs with all that may stand in one; a part is a few lines, and so is a page."""
    monkeypatch.setitem(SharedStorage.__init__.__kwdefaults__, "part_bytes", 15_000)
    monkeypatch.setattr(parallel_replay, "PAGE_ROWS", 7)
    monkeypatch.setattr(parallel_replay, "FEWEST_HELPERS", 1)
    monkeypatch.setattr(cluster_log, "_AHEAD", 2)
    lines = list(NIGHT)
    lines[7] = b"not json\n"
    lines[70] = b"\n"
    (tmp_path / "night.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "backwards.jsonl").write_bytes(b"".join(reversed(lines)))
    (tmp_path / "night.json.gz").write_bytes(
        gzip.compress(json.dumps([json.loads(line) for line in NIGHT[:50]]).encode())
    )
    packed = gzip.compress(b"".join(NIGHT))
    (tmp_path / "damaged.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "each.json").write_text(json.dumps(FOR_EACH), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("dialect", "log", "output"),
    [
        ("docs", "night.jsonl", ["--format", "json"]),
        ("server", "night.jsonl", ["--format", "json", "--until-quiet"]),
        ("docs", "night.jsonl", ["--format", "jsonl"]),
        ("server", "night.jsonl", ["-q"]),
        ("docs", "backwards.jsonl", ["--format", "json"]),
        ("server", "night.json.gz", ["--format", "table"]),
        ("docs", "damaged.gz", ["--format", "json"]),
        ("docs", "night.jsonl", ["--format", "json", "--order", "log", "--until", "+30m"]),
    ],
)
def test_a_cluster_finds_what_one_process_finds(cluster, logs, dialect, log, output):
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


def test_a_log_that_only_this_computer_has_is_told_apart(cluster, logs, monkeypatch):
    """It was there when it was cut into parts; one error, and what it said before is kept."""
    found = cluster_log._on_disk

    def found_elsewhere(source):
        source, address = found(source)
        return source, replace(address, path="/absent/log")

    monkeypatch.setattr(cluster_log, "_on_disk", found_elsewhere)
    monkeypatch.setattr(cluster_log, "can_be_cut", lambda file: 0)
    monkeypatch.setattr(cluster_log, "open_stored", lambda address: io.BytesIO())
    at = ["--cluster", cluster.scheduler_address]
    done = run("replay", "each.json", "night.jsonl", "--format", "json", *at, cwd=logs)
    assert 3 == done.returncode
    expected = b"error: night.jsonl: a worker cannot open it: no such file or directory\n"
    assert expected == done.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", b"127.0.0.1:9"),
        ("nonsense", b"missing port"),
        ("http://127.0.0.1:9", b"unknown address scheme"),
    ],
)
def test_an_address_without_a_scheduler_is_a_mistake(logs, monkeypatch, address, words):
    """It says so, and what to do, without a traceback."""
    monkeypatch.setattr("trigger_cli.cluster.client._PATIENCE", "300ms")
    done = run("replay", "each.json", "night.jsonl", "--cluster", address, cwd=logs)
    assert (2, b"") == (done.returncode, done.stdout)
    assert f"no cluster answers at {address}".encode() in done.stderr
    assert words in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("__import__('trigger_cli_that_is_absent')", b"cannot import trigger-cli: No module"),
        ("('0.0.9', '3.9')", b"has trigger-cli 0.0.9 on Python 3.9, but this is "),
    ],
)
def test_workers_must_have_what_this_process_has(cluster, logs, monkeypatch, question, words):
    """What is sent to them would not be understood, or not say why."""
    monkeypatch.setattr(client, "_ASK_VERSIONS", question)
    at = ["--cluster", cluster.scheduler_address]
    done = run("replay", "each.json", "night.jsonl", *at, cwd=logs)
    assert (2, b"") == (done.returncode, done.stdout)
    assert words in done.stderr


def test_a_scheduler_without_workers_is_not_waited_for_for_long(logs, monkeypatch):
    """It may be starting them; then it says that there are none."""
    monkeypatch.setattr("trigger_cli.cluster.client._PATIENCE", "300ms")
    with local_cluster(0) as empty:
        at = ["--cluster", empty.scheduler_address]
        done = run("replay", "each.json", "night.jsonl", *at, cwd=logs)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"has no workers" in done.stderr


@pytest.fixture
def when_asked(monkeypatch):
    """Has something done when the cluster is asked for the nth call of a function."""

    def arrange(function: str, nth: int, act) -> None:
        submit = client.Cluster.submit
        asked = []

        def counted(self, called, *arguments, **options):
            answer = submit(self, called, *arguments, **options)
            asked.append(getattr(called, "__name__", "part"))
            if asked.count(function) == nth and asked[-1] == function:
                act()
            return answer

        monkeypatch.setattr(client.Cluster, "submit", counted)

    return arrange


@pytest.mark.parametrize(
    ("function", "nth", "order"),
    [
        ("match_part", 2, "log"),
        ("match_part", 30, "occurred"),
        ("evaluate_page", 1, "occurred"),
        ("evaluate_page", 6, "log"),
    ],
)
def test_a_worker_that_is_killed_midway_loses_nothing(
    cluster, logs, when_asked, function, nth, order
):
    """What it had matched and evaluated is done again by the other workers."""
    (logs / "long.jsonl").write_bytes(b"".join(NIGHT) * 3)
    arguments = ["replay", "each.json", SAMPLES / "triggers", "--log", "long.jsonl"]
    arguments += ["--format", "json", "--order", order]
    alone = run(*arguments, "--jobs", 1, cwd=logs)
    killed = []

    def kill_one() -> None:
        alive = [one for one in cluster.workers.values() if one.process and one.process.pid]
        killed.append(alive[0].process.pid)
        os.kill(killed[0], signal.SIGKILL)

    when_asked(function, nth, kill_one)
    spread = run(*arguments, "--cluster", cluster.scheduler_address, cwd=logs)
    assert killed
    assert alone == spread


@pytest.mark.parametrize("function", ["match_part", "evaluate_page"])
def test_a_cluster_that_has_lost_all_workers_is_given_up(logs, when_asked, function):
    """After a stated time, with what was found and what to do; nothing waits for ever."""
    with local_cluster(1) as dying:
        [worker] = dying.workers.values()
        when_asked(function, 3, lambda: dying.sync(worker.close))
        at = ["--cluster", dying.scheduler_address, "--patience", "2s"]
        arguments = ["each.json", SAMPLES / "triggers", "--log", "night.jsonl", "-f", "json"]
        done = run("replay", *arguments, *at, cwd=logs)
    assert (3, b"") == (done.returncode, done.stdout)
    error, what_to_do = done.stderr.decode().splitlines()[-2:]
    assert re.fullmatch(
        r"error: the cluster at tcp://\S+ has no workers left, and none .* s", error
    )
    assert "--patience" in what_to_do
    assert b"Traceback" not in done.stderr


def test_a_worker_that_comes_in_time_is_waited_for(logs, when_asked):
    """The only one dies, and its nanny starts another."""
    arguments = ["replay", "each.json", "night.jsonl", "--format", "json"]
    alone = run(*arguments, "--jobs", 1, cwd=logs)
    with local_cluster(1) as single:
        [worker] = single.workers.values()
        when_asked("match_part", 2, lambda: os.kill(worker.pid, signal.SIGKILL))
        assert alone == run(*arguments, "--cluster", single.scheduler_address, cwd=logs)


def test_work_that_never_comes_back_is_given_up(logs, when_asked, monkeypatch):
    """A worker is there, and does nothing."""
    monkeypatch.setattr(client, "LONGEST_WORK", 2.0)
    with local_cluster(1) as standing:
        [worker] = standing.workers.values()
        pid = worker.pid
        when_asked("match_part", 2, lambda: os.kill(pid, signal.SIGSTOP))
        at = ["--cluster", standing.scheduler_address]
        try:
            done = run("replay", "each.json", "night.jsonl", *at, cwd=logs)
        finally:
            os.kill(pid, signal.SIGCONT)
    assert (3, b"") == (done.returncode, done.stdout)
    assert b"has 1 workers, but a piece of work has not come back in " in done.stderr


def test_a_scheduler_that_stands_still_is_given_up(logs, when_asked, monkeypatch):
    """It keeps its connections, and answers nothing."""
    monkeypatch.setattr(client, "LONGEST_ANSWER", 2.0)
    goes_on = threading.Event()
    with local_cluster(1) as standing:
        when_asked("match_part", 2, lambda: standing.loop.add_callback(goes_on.wait, 60))
        at = ["--cluster", standing.scheduler_address]
        try:
            done = run("replay", "each.json", "night.jsonl", *at, cwd=logs)
        finally:
            goes_on.set()
    assert (3, b"") == (done.returncode, done.stdout)
    assert b"error: the scheduler has not answered for 2 s" in done.stderr


@pytest.mark.parametrize("function", ["match_part", "evaluate_page"])
def test_a_scheduler_that_dies_is_said_to_be_gone(logs, when_asked, function, monkeypatch):
    """The replay cannot go on, and says so without a traceback."""
    monkeypatch.setattr(client, "_PATIENCE", "3s")
    with local_cluster(1) as dying:
        when_asked(function, 3, dying.close)
        at = ["--cluster", dying.scheduler_address]
        arguments = ["each.json", SAMPLES / "triggers", "--log", "night.jsonl", "-f", "json"]
        done = run("replay", *arguments, *at, cwd=logs)
    assert (3, b"") == (done.returncode, done.stdout)
    assert b"error: the scheduler is gone" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_interrupt_shows_what_was_found_and_leaves_nothing_behind(cluster, logs, when_asked):
    """Exit code 130; the workers have nothing left to do or to hold."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    when_asked("evaluate_page", 8, interrupt)
    at = ["--cluster", cluster.scheduler_address, "--order", "log", "--log", "night.jsonl"]
    done = run("replay", "each.json", SAMPLES / "triggers", "--format", "json", *at, cwd=logs)
    assert 130 == done.returncode
    assert json.loads(done.stdout)["firings"]
    assert b"\ninterrupted after " in done.stderr
    with Client(cluster.scheduler_address, set_as_default=False) as asking:
        deadline = 200
        while deadline and any(asking.has_what().values()):
            deadline -= 1
            time.sleep(0.05)
        assert not any(asking.has_what().values())


def test_a_log_that_cannot_be_cut_is_read_here_if_it_is_large(cluster, logs, monkeypatch):
    """Its events would be one answer of one worker, which has to fit into memory."""
    monkeypatch.setitem(SharedStorage.__init__.__kwdefaults__, "largest_whole", 0)
    for log in ("night.json.gz", "damaged.gz"):
        arguments = ["replay", "each.json", "--log", log, "--format", "json"]
        alone = run(*arguments, "--jobs", 1, cwd=logs)
        assert alone == run(*arguments, "--cluster", cluster.scheduler_address, cwd=logs)


def test_without_the_extra_it_says_what_to_install(logs, monkeypatch):
    """A cluster is a wish of few, so its packages are not among those everybody installs."""
    for name in [name for name in sys.modules if name.startswith("trigger_cli.cluster")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = run("replay", "each.json", "night.jsonl", "--cluster", "tcp://127.0.0.1:9", cwd=logs)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"this needs the package distributed, which is not installed" in done.stderr
    assert b"pip install 'trigger-cli[cluster]'" in done.stderr


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
                found += b"".join(line for lines in part for line in lines or ())
        assert content == found
