"""``--var`` and the environment: what the templates of definitions stand for."""

import json

import pytest

from tests.cli.running import run
from tests.cli.test_help import page
from trigger_cli.cli.variables import WITHOUT_DEFINITIONS
from trigger_cli.root_help import COMMANDS

YAML = """\
deployments:
  - name: d
    triggers:
      - type: event
        name: t
        expect: ["{{ prefect.variables.event }}"]
        threshold: "{{ prefect.variables.n }}"
        match: {"prefect.resource.id": "thing.{{ $THING }}"}
"""
EVENT = '{"id": "%d", "occurred": "2026-03-01T12:00:0%dZ", "event": "e", "resource": {"prefect.resource.id": "thing.1"}}'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "prefect.yaml").write_text(YAML)
    (tmp_path / "e.jsonl").write_text("\n".join(EVENT % (n, n) for n in range(4)))
    return tmp_path


def test_a_replay_with_values(folder):
    """Four events, two a firing."""
    done = run(
        "replay", "prefect.yaml", "e.jsonl", "--var", "event=e", "--var", "n=2", "--format", "json",
        cwd=folder, THING="1",
    )  # fmt: skip

    assert 2 == json.loads(done.stdout)["automations"][0]["firings"]


def test_a_captured_test_that_needs_them_says_so(folder):
    """It names the definition, whose templates it reads again; in a test of its own they are filled in."""
    given = ("--var", "event=e", "--var", "n=2")
    capture = ("capture", "prefect.yaml", "e.jsonl", *given, "--output", "t.trigger-test.yaml")
    done = run(*capture, cwd=folder, THING="1")
    said = "note: the test reads the definition again, so it needs --var event=… --var n=…\n"
    assert done.stderr.decode().endswith(said)
    assert 1 == run("test", "t.trigger-test.yaml", cwd=folder, THING="1").returncode
    assert 0 == run("test", "t.trigger-test.yaml", *given, cwd=folder, THING="1").returncode
    assert b"note" not in run(*capture, "--inline", cwd=folder, THING="1").stderr
    assert 0 == run("test", "t.trigger-test.yaml", cwd=folder).returncode


def test_the_wrong_kind_of_value(folder):
    """The value itself is not shown."""
    done = run("replay", "prefect.yaml", "e.jsonl", "--var", "n=geheim", cwd=folder)

    assert 2 == done.returncode
    assert (
        b"prefect.yaml:7:20: error[TRG102] `threshold`: found the value of "
        b"`{{ prefect.variables.n }}`, expected a whole number"
    ) in done.stderr
    assert b"geheim" not in done.stdout + done.stderr


def test_fixes_write_no_value(folder):
    """They are made of what the file holds."""
    (folder / "a.yaml").write_text(
        'type: event\nwithin: 60\nexpect: ["{{ prefect.variables.v }}", "{{ prefect.variables.v }}"]\n'
    )
    run("lint", "a.yaml", "--fix", "--unsafe-fixes", "--var", "v=geheim ", cwd=folder)

    assert "geheim" not in (folder / "a.yaml").read_text()
    assert "posture" in (folder / "a.yaml").read_text()


@pytest.mark.parametrize("given", ["x", "=1", "a b=1"])
def test_not_a_variable(folder, given):
    """The form is told."""
    done = run("lint", "prefect.yaml", "--var", given, cwd=folder)

    assert (2, True) == (done.returncode, b"not of the form NAME=VALUE" in done.stderr)


def test_every_command_that_reads_definitions_has_it():
    """And no other."""
    assert [name not in WITHOUT_DEFINITIONS for name in COMMANDS] == [
        "--var" in page(name) for name in COMMANDS
    ]
