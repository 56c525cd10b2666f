"""`trigger-cli doctor`, and what the shell completes."""

import json
import re

import httpx
import pytest

from tests.cli.running import run, run_apart
from tests.cli.test_fetch import listening
from tests.server.fakes import FakeServer
from tests.support import SAMPLES


def checks(*arguments, **environment):
    done = run(
        "doctor", "--format", "json", *arguments, **{"PREFECT_HOME": "/nowhere", **environment}
    )
    value = json.loads(done.stdout)
    return done.returncode, {one["name"]: one for one in value["checks"]}


def test_a_sound_machine():
    """Everything is looked at, and a server that is not configured is no problem."""
    code, found = checks()
    expected = {"trigger-cli", "python", "libraries", "terminal", "encoding", "time zone", "server"}
    assert (0, expected, "note") == (code, set(found), found["server"]["status"])


def test_the_time_is_told_as_in_tables():
    """With a blank and the zone's offset in hours and minutes: `+0000` is no form of theirs."""
    _, found = checks("--offline")
    now = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d"
    assert re.match(rf"\S+, {now}; tables show UTC", found["time zone"]["detail"])


def test_the_checks_in_a_file(tmp_path):
    """Its ending chooses the format."""
    path = tmp_path / "checks.json"
    done = run("doctor", "--offline", "-o", path, PREFECT_HOME="/nowhere")
    assert (0, b"") == (done.returncode, done.stdout)
    assert "trigger-cli/doctor@1" == json.loads(path.read_text())["format"]


@pytest.mark.parametrize(("active", "status"), [("prod", "problem"), ("ephemeral", "note")])
def test_an_active_profile_that_leads_nowhere(tmp_path, active, status):
    """One that there is not is a mistake; without a server's address, no server is configured."""
    (tmp_path / "profiles.toml").write_text(f'active = "{active}"')
    code, found = checks(PREFECT_HOME=str(tmp_path))
    assert (int(status == "problem"), status) == (code, found["server"]["status"])
    assert repr(active) in found["server"]["detail"]


def test_a_server_that_answers():
    """Its version is told."""
    with listening(FakeServer()) as url:
        code, found = checks(PREFECT_API_URL=url)
    assert (0, "ok") == (code, found["server"]["status"])
    expected = f"Prefect 3.8.8, {url} (from PREFECT_API_URL), dialect server-3.8"
    assert expected == found["server"]["detail"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(401), "asks for a key (401)"),
        (httpx.Response(200, html="<html>"), "a web page"),
        (httpx.Response(404), "no such page (404)"),
    ],
)
def test_a_server_that_does_not(answer, expected):
    """Exit 1, and why."""
    with listening(FakeServer(first=[answer])) as url:
        code, found = checks("--api-url", url)
    assert (1, "problem") == (code, found["server"]["status"])
    assert expected in found["server"]["detail"]


def test_a_server_that_is_away():
    """It is not waited for."""
    code, found = checks("--api-url", "http://127.0.0.1:1/api")
    assert (1, True) == (code, "Connection refused" in found["server"]["detail"])


def test_definitions(tmp_path):
    """Sound ones are counted; the first mistake of others is told."""
    assert "22 automations" == checks(SAMPLES / "triggers")[1]["definitions"]["detail"]
    (tmp_path / "bad.json").write_text('{"type": "event", "threshold": "x"}')
    code, found = checks(tmp_path / "bad.json")
    assert (1, "problem") == (code, found["definitions"]["status"])


def test_a_table_for_a_person():
    """A line each, and the sum."""
    done = run("doctor", "--offline", LANG="C")
    assert (0, True) == (done.returncode, b"no problems" in done.stdout)


# --- Completion ----------------------------------------------------------------------------------


def completed(*words):
    line = " ".join(["trigger-cli", *map(str, words)])
    return run_apart(
        _TRIGGER_CLI_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words))
    )


@pytest.mark.parametrize("command", ["replay", "explain", "watch"])
def test_names_of_automations_are_completed(command, tmp_path):
    """Those in the file that is already on the line, that begin as typed."""
    path = tmp_path / "t.json"
    names = ["nightly", "noon", "other"]
    path.write_text(json.dumps([{"name": one, "trigger": {"expect": ["a"]}} for one in names]))
    done = completed(command, path, "--automation", "n")
    assert (["nightly", "noon"], b"") == (done.stdout.decode().split(), done.stderr)


@pytest.mark.parametrize(
    ("typed", "completed_to"),
    [
        ("n", r"n\ \$\(id\)\ \"o\"\ it\'s"),
        (r"n\ ", r"n\ \$\(id\)\ \"o\"\ it\'s"),
        ('"n', r"""n \$(id) \"o\" it's"""),
        ("'n ", r"""n $(id) "o" it'\''s"""),
    ],
)
def test_a_completed_name_is_one_word_of_the_shell(tmp_path, typed, completed_to):
    """Bash puts it into the line as it is: blanks would end it, and a `$(…)` of it would be run."""
    path = tmp_path / "t.json"
    name = 'n $(id) "o" it\'s'
    path.write_text(json.dumps([{"name": name, "trigger": {"expect": ["a"]}}]))
    done = completed("replay", path, "--automation", typed)
    assert (completed_to, b"") == (done.stdout.decode().removesuffix("\n"), done.stderr)


def test_a_name_that_a_terminal_would_obey_is_not_completed(tmp_path):
    """The shell prints the names as they are."""
    path = tmp_path / "t.json"
    names = ["nightly", "n\x1b[2J", "n\u202e", "n\nn"]
    path.write_text(json.dumps([{"name": one, "trigger": {"expect": ["a"]}} for one in names]))
    done = completed("replay", path, "--automation", "n")
    assert (b"nightly", b"") == (done.stdout.strip(), done.stderr)


@pytest.mark.parametrize("content", [None, b"{", b"\xff\x00"])
def test_completion_says_nothing_of_broken_files(content, tmp_path):
    """Whatever is printed would stand in the middle of the user's line."""
    path = tmp_path / "t.json"
    if content is not None:
        path.write_bytes(content)
    done = completed("replay", path, "--automation", "n")
    assert (b"", b"") == (done.stdout.strip(), done.stderr)
