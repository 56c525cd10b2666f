"""A view copied as a command."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.debugger.sessions import sample_session, session_of
from tests.support import SAMPLES, flow_run
from trigger_cli.debugger.as_commands import explain_command, replay_command
from trigger_cli.debugger.position import at_record, at_stop
from trigger_cli.debugger.selection import Selection
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.render.common.names import as_glob
from trigger_cli.server.companion import write_companion


def asked(command, *more):
    """What the command answers, run as it stands."""
    words = shlex.split(command)
    assert "trigger-cli" == words[0]
    done = run(*words[1:], "--format", "json", *more)
    assert 0 == done.returncode, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_firing_is_explained():
    """On a firing, the command asks for that very firing."""
    session = sample_session("12-proactive-for-each.json")
    recording = session.recording
    fired = recording.root_firings[-1]
    lane = recording.lanes[recording.lane_of(fired)]
    session.selection = Selection(0, "$", lane.key)
    session.position = at_record(recording, fired)
    command = explain_command(session)
    assert "--firing 1" in command
    assert "--bucket" in command
    [explanation] = asked(command)["explanations"]
    assert "fired" == explanation["verdict"]


def test_a_firing_of_another_bucket_is_an_instant():
    """The selected bucket has no such firing, so the command asks what stood there."""
    session = sample_session("12-proactive-for-each.json")
    recording = session.recording
    fired = recording.root_firings[-1]
    own = recording.lanes[recording.lane_of(fired)].key
    other = next(one.key for one in recording.lanes if one.key != own)
    session.selection = Selection(0, "$", other)
    session.position = at_record(recording, fired)
    command = explain_command(session)
    assert "--firing" not in command
    [explanation] = asked(command)["explanations"]
    assert explanation["moment"] is not None


@pytest.mark.parametrize("stop", [0, 1, 40, 100, 200])
@pytest.mark.parametrize("dialect", [None, SERVER], ids=["docs", "server"])
def test_every_view_is_a_command_that_runs(stop, dialect):
    """Events and deadlines too, in either dialect."""
    session = sample_session("11-proactive.json", **({"dialect": dialect} if dialect else {}))
    session.selection = Selection(0)
    session.position = at_stop(session.recording, stop)
    command = explain_command(session)
    assert (dialect is SERVER) == ("--dialect server" in command)
    assert asked(command)["explanations"]


def test_a_command_names_the_dialect_also_of_what_a_server_gave(tmp_path):
    """By itself, `explain` takes the rules of the server that the file came from."""
    path = shutil.copy(SAMPLES / "triggers" / "11-proactive.json", tmp_path)
    write_companion(Path(path), version="3.9.1")
    command = explain_command(sample_session(path, dialect=DOCS))
    assert "docs" == asked(command)["dialect"]


def test_a_replay_until_what_is_shown():
    """The replay ends where the timeline does, so later firings are not in it."""
    session = sample_session("09-threshold-within.json")
    recording = session.recording
    first = recording.at(recording.root_firings[0])
    whole = replay_command(session, (recording.start, recording.end))
    session.selection = Selection(0)
    command = replay_command(session, (recording.start, first))
    assert 1 == len(asked(command)["firings"])
    assert 3 == len(asked(whole)["firings"])


@pytest.mark.parametrize("name", ["a b", "x'; rm -rf ~", "[x]*?", "a\x1b[31mb", "a\nb"])
def test_a_hostile_name_is_only_a_name(name):
    """Quoted for the shell; what a terminal could obey is any character."""
    session = session_of(
        [flow_run("Failed", 1)], {"name": name, "trigger": {"expect": ["*"]}, "actions": []}
    )
    session.selection = Selection(0)
    command = explain_command(session)
    assert command.isprintable()
    assert as_glob(name) in shlex.split(command)
