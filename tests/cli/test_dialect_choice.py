"""``--dialect auto``: the server's that the automations were fetched from, else ``docs``."""

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support import log_event, proactive
from trigger_cli.server.companion import write_companion

WATCH = proactive("b", after=["a"], for_each=["prefect.resource.id"])


def event(name, second, version=None):
    """A line of a log; events were received in the order in which they are given."""
    labels = {} if version is None else {"prefect.version": version}
    one = log_event(name, second, resource={"prefect.resource.id": "r", **labels})
    return json.dumps({**one, "received": one["occurred"]})


@pytest.fixture
def files(tmp_path):
    """An automation, and a log in which 3.8 raises a false alarm and 3.9 does not."""
    automations, log = tmp_path / "automations.json", tmp_path / "log.jsonl"
    automations.write_text(json.dumps([{"name": "watch", "trigger": WATCH}]), "utf-8")
    lines = [event("x", 0), event("b", 20), event("a", 10)]
    log.write_text("\n".join(lines) + "\n", "utf-8")
    return automations, log


def answer(automations, log, *options):
    """The dialect of the answer, and how many firings it has."""
    done = run(
        *("replay", automations, log, "--order", "log", "--until", "+5m", "--format", "json"),
        *options,
    )
    assert 0 == done.returncode, done.stderr
    value = json.loads(done.stdout)
    return value["dialect"], len(value["firings"])


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.9.1", ("server-3.9", 0)),
        ("3.8.8", ("server-3.8", 1)),
        ("3.12.0", ("server-3.9", 0)),
        ("2.20.1", ("docs", 1)),
        (None, ("docs", 1)),
    ],
)
def test_the_version_that_fetch_noted(files, version, expected):
    """It decides; an unknown one does not."""
    write_companion(files[0], api="http://a.test/api", version=version)
    assert expected == answer(*files)


def test_without_a_note_it_is_docs(files):
    """As for files that people wrote."""
    assert ("docs", 1) == answer(*files)


def test_what_is_asked_for_comes_first(files):
    """Whatever was noted; `server` is the newest."""
    write_companion(files[0], version="3.8.8")
    assert ("server-3.9", 0) == answer(*files, "--dialect", "server")
    assert ("docs-2026-08", 1) == answer(*files, "--dialect", "docs-2026-08")


def test_files_of_several_servers_are_docs(files):
    """Nobody knows which one is meant."""
    other = files[0].with_name("other.json")
    other.write_text(files[0].read_text("utf-8"), "utf-8")
    write_companion(files[0], version="3.8.8")
    write_companion(other, version="3.9.1")
    done = run("replay", files[0], other, "--log", files[1], "--format", "json")
    assert "docs" == json.loads(done.stdout)["dialect"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.8.8", "server-3.8"), ("3.9.1", "server-3.9"), (None, "server-3.9")],
)
def test_an_audit_asks_the_log(files, version, expected):
    """Its runs' events tell the version; where none does, it is the newest server's."""
    files[1].write_text(event("a", 0) + "\n" + event("b", 1, version) + "\n", "utf-8")
    done = run("audit", *files, "--format", "json")
    assert expected == json.loads(done.stdout)["dialect"]


def test_an_audit_of_a_pipe_reads_all_of_it(files):
    """To ask it for the version took its first events, and then it waited for a second writer."""
    line = json.dumps(log_event("prefect.automation.triggered", 0, resource={}))
    reading, writing = os.pipe()
    os.write(writing, f"{line}\n".encode())
    os.close(writing)
    try:
        done = run(
            *("audit", files[0], f"/dev/fd/{reading}", "--order", "occurred", "--format", "json")
        )
    finally:
        os.close(reading)
    value = json.loads(done.stdout)
    assert (1, "server-3.9") == (value["log"]["events"], value["dialect"])
    assert b"note: a pipe is searched for the server's version as standard input (-)" in done.stderr


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@pytest.mark.parametrize("is_pipe", [True, False])
def test_an_audit_asks_standard_input_too(files, packed, is_pipe):
    """And loses no event of it."""
    names = ["prefect.automation.triggered", *"ab"]
    events = [event(name, at, "3.8.8" if at else None) for at, name in enumerate(names)]
    files[1].write_bytes(packed("\n".join(events).encode()))
    reading, writing = os.pipe()
    os.write(writing, files[1].read_bytes())
    os.close(writing)
    stdin = Path(f"/dev/fd/{reading}") if is_pipe else files[1]
    try:
        ran = run("audit", files[0], "-", "--format", "json", stdin=stdin)
    finally:
        os.close(reading)
    value = json.loads(ran.stdout)
    assert (3, "server-3.8", b"") == (value["log"]["events"], value["dialect"], ran.stderr)


def test_the_beginning_tells_of_another_dialects_number(files):
    """So that nobody reads a number that holds in one dialect only."""
    done = run("replay", *files, "--order", "log", "--until", "+5m", "--dialect", "server-3.9")
    head = done.stdout.decode().splitlines()[:5]
    assert "In the docs dialect: 1 firing" in head
