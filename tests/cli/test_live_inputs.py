"""``--server`` in place of TRIGGERS and LOG, against a fake server that listens on loopback."""

import json
import re
import tempfile
from pathlib import Path

import httpx
import pytest

from tests.cli.running import run
from tests.cli.test_fetch import listening, recent
from tests.server.fakes import FakeServer
from tests.support import reactive
from trigger_cli.cli.live_inputs import FROM_SERVER


def automation(number):
    """A server's automation, as its API gives it."""
    name = "shop.sold" if number else "bank.*"
    trigger = reactive(name, type="event", threshold=1, within=0)
    return {"id": f"0000000{number}", "name": f"a{number}", "enabled": True, "trigger": trigger}


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Nine events, of which four are of the second automation and five of the first."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fake = FakeServer(map(recent, range(9)), page_size=4)
    fake.automations = [automation(0), automation(1)]
    return fake


def ask(server, command, *arguments, **environment):
    with listening(server) as url:
        return run(
            command, "--server", *arguments, PREFECT_API_URL=url, PREFECT_HOME="/x", **environment
        )


def test_replay(server):
    """The firings of both, by what the server holds; stderr tells where the files lie."""
    done = ask(server, "replay", "--format", "json")
    assert 0 == done.returncode, done.stderr
    value = json.loads(done.stdout)
    assert {"a0": 5, "a1": 4} == {one["name"]: one["firings"] for one in value["automations"]}
    told = re.search(r"fetched 2 automations and 9 events into (\S+);", done.stderr.decode())
    folder = Path(told[1])
    assert {"automations.json", "events.jsonl"} <= {one.name for one in folder.iterdir()}
    again = run("replay", folder / "automations.json", folder / "events.jsonl", "--format", "json")
    assert value["firings"] == json.loads(again.stdout)["firings"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("explain", "--automation", "a0", "--since", "2h"), b'"a0" fired 5 times'),
        (("lint",), b""),
        (("events",), b"9 events"),
        (("diff", "--between", "docs,server-3.9"), b"9 firings the same"),
        (("audit", "--order", "occurred"), b"9 simulated"),
    ],
)
def test_the_other_commands(server, command, said):
    """All that take triggers or a log, but for the debugger, which needs a terminal."""
    done = ask(server, *command)
    # The server recorded no firing, so that audit has nothing to compare.
    assert done.returncode in {0, 1, 3 if command[0] == "audit" else 0}, done.stderr
    assert said in done.stdout


def test_what_is_not_all_is_told(server):
    """As `fetch` tells it: a wait, and events that the server counted and did not send."""
    server.first = [httpx.Response(502, headers={"retry-after": "0"})]
    whole = server.page
    server.page = lambda *wanted: httpx.Response(200, json=whole(*wanted).json() | {"total": 12})
    done = ask(server, "events")
    assert 0 == done.returncode
    said = done.stderr.decode()
    assert "the server answers 502; trying again in 0 s" in said
    assert "warning: the server counted 3 more than it sent" in said
    assert "counted" not in ask(server, "events", "--quiet").stderr.decode()


def test_a_fetch_that_fails_leaves_no_folder(server, tmp_path):
    """It has part of the events, and nobody is told where it lies."""
    server.first = [None, None, httpx.Response(422)]
    done = ask(server, "replay")
    assert (3, b"") == (done.returncode, done.stdout)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["replay", "explain", "diff", "audit"])
def test_a_server_without_automations(server, command):
    """It was told as a file of definitions that holds none, in a temporary folder."""
    server.automations = []
    done = ask(server, command)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"the server has no automations\n" in done.stderr
    log = re.search(rb"and the log (\S+)\n", done.stderr)[1].decode()
    assert 9 == len(Path(log).read_text().splitlines())


@pytest.mark.parametrize("command", ["lint", "events"])
def test_what_needs_no_automations(server, command):
    server.automations = []
    assert 0 == ask(server, command).returncode


def test_only_the_debugger_is_not_tried_here():
    """It takes them as `replay` does."""
    assert {"replay", "explain", "lint", "events", "diff", "audit", "debug"} == set(FROM_SERVER)


@pytest.mark.parametrize("option", ["--fix", "--add-ignore"])
def test_a_servers_automations_are_not_mended(server, option):
    """The file that they were fetched into is nobody's."""
    done = ask(server, "lint", option)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"a server's automations are not changed" in done.stderr


def test_files_and_a_server_exclude_each_other(server, tmp_path):
    """Nothing is fetched then."""
    done = ask(server, "replay", tmp_path / "a.json")
    assert (2, b"takes the place of TRIGGERS and LOG") == (
        done.returncode,
        re.search(b"takes the place of TRIGGERS and LOG", done.stderr)[0],
    )
    assert not server.requests


@pytest.mark.parametrize("option", [("--since", "2h"), ("--api-url", "http://127.0.0.1:9/api")])
def test_options_of_a_server_need_it(option):
    """They would be without effect."""
    done = run("replay", "a.json", "b.jsonl", *option)
    assert (2, True) == (done.returncode, b"need --server" in done.stderr)


@pytest.mark.parametrize("command", ["replay", "lint", "diff", "audit", "explain"])
def test_without_any_input_the_way_to_a_server_is_told(command):
    """As Click would tell of the missing argument."""
    done = run(command)
    assert (2, b"") == (done.returncode, done.stdout)
    assert re.search(rb"error: no \w+ were given", done.stderr)
