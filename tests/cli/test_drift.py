"""``trigger-cli drift``: the automations of files against those of a server."""

import json

import pytest

from tests.cli.running import run
from tests.cli.test_fetch import listening
from tests.cli.test_live_inputs import automation
from tests.server.fakes import FakeServer

EVENT = '{"id": "%d", "occurred": "2026-03-01T12:00:0%dZ", "event": "bank.%d", "resource": {"prefect.resource.id": "thing.1"}}'


@pytest.fixture
def folder(tmp_path):
    """Three automations: one the same, one different and named to harm, one missing; and one extra."""
    same, different, missing = automation(0), automation(1), automation(2)
    different["name"] = "[red]b\x1b[31m"
    there = json.loads(json.dumps([same, different, {**automation(3), "name": "extra"}]))
    different["trigger"] = {**different["trigger"], "expect": ["bank.*"], "threshold": 2}
    (tmp_path / "here.json").write_text(json.dumps([same, different, missing]))
    (tmp_path / "there.json").write_text(json.dumps(there))
    (tmp_path / "e.jsonl").write_text("\n".join(EVENT % (n, n, n) for n in range(4)))
    return tmp_path


def test_the_table(folder):
    """What is missing, extra and different, with both values; names are inert."""
    done = run("drift", "here.json", "--against", "there.json", cwd=folder)
    text = done.stdout.decode()

    assert 1 == done.returncode, done.stderr
    assert text.startswith("Compared with there.json\n")
    assert "1 automation the same · 1 different · 1 missing · 1 extra" in text
    assert "[red]b\\x1b[31m\n  here.json\n  /trigger/expect\n" in text
    assert '    file    ["bank.*"]\n    export  ["shop.sold"]\n  /trigger/threshold\n' in text
    assert "Missing: only in the files\n  a2  here.json\n" in text
    assert text.endswith("Extra: in no file\n  extra\n")  # of the file that the first line names
    assert "\x1b" not in text


def test_columns_limits_and_durations(folder):
    """Paths stand below each other, a duration has its unit, a limit names the option."""
    there, here = [automation(0)], []
    there[0]["trigger"]["within"], here = 900, [automation(0), *map(automation, range(2, 6))]
    here[1]["name"] = "a much longer name"
    (folder / "here.json").write_text(json.dumps(here))
    (folder / "there.json").write_text(json.dumps(there))
    done = run("drift", "here.json", "--against", "there.json", "--limit", "2", cwd=folder)
    text = done.stdout.decode()
    assert "\n1 different · 4 missing\n" in text
    assert "  /trigger/within\n    file    0 s\n    export  900 s (15 min)\n" in text
    assert "  a much longer name  here.json\n  a3                  here.json\n" in text
    assert "  … 2 more automations (--limit 4)\n" in text


def test_a_name_that_neither_side_has(folder):
    """A misspelt --automation is no agreement; a name of one side is enough."""
    both = ("drift", "here.json", "--against", "there.json", "--automation")
    done = run(*both, "extr", cwd=folder)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b'no automation is called "extr"' in done.stderr
    assert b'did you mean: "extra"' in done.stderr
    assert 1 == run(*both, "zz", cwd=folder).stderr.count(b'"a0"')
    assert 1 == run(*both, "extra", cwd=folder).returncode


def test_json_with_a_log(folder):
    """What differs is replayed by both."""
    done = run(
        "drift", "here.json", "--against", "there.json", "--log", "e.jsonl", "--format", "json",
        cwd=folder,
    )  # fmt: skip
    value = json.loads(done.stdout)

    assert (1, "trigger-cli/drift@1", True, 1) == (
        done.returncode,
        value["format"],
        value["drifted"],
        value["same"],
    )
    assert [
        {"pointer": "/trigger/expect", "file": ["bank.*"], "server": ["shop.sold"]},
        {"pointer": "/trigger/threshold", "file": 2, "server": 1},
    ] == value["different"][0]["differences"]
    assert (["a2"], ["extra"]) == tuple(
        [one["name"] for one in value[key]] for key in ("missing", "extra")
    )
    (fired,) = value["replay"]["automations"]
    assert (2, 0, True) == (fired["a"], fired["b"], value["replay"]["differs"])
    shown = run("drift", "here.json", "--against", "there.json", "--log", "e.jsonl", cwd=folder)
    assert b"2 firings by the file, 0 by the export, 0 the same" in shown.stdout


def test_no_drift(folder):
    """Exit 0, also of chosen automations alone; none at all is an answer, too."""
    assert 0 == run("drift", "here.json", "--against", "here.json", cwd=folder).returncode
    chosen = run("drift", "here.json", "--against", "there.json", "--automation", "a0", cwd=folder)
    assert (0, True) == (chosen.returncode, b"1 automation the same" in chosen.stdout)
    (folder / "none.json").write_text("[]")
    none = run("drift", "here.json", "--against", "none.json", cwd=folder)
    assert (1, True) == (none.returncode, b"3 missing" in none.stdout)


def test_a_log_is_looked_for_where_nothing_differs(folder):
    """A wrong path in CI was told only on the day of the first difference."""
    done = run("drift", "here.json", "--against", "here.json", "--log", "gone.jsonl", cwd=folder)
    assert (3, True) == (done.returncode, b"gone.jsonl" in done.stderr)


def test_a_live_server(folder):
    """Its automations alone are asked for."""
    fake = FakeServer([])
    fake.automations = [automation(0)]
    with listening(fake) as url:
        done = run("drift", "here.json", "--against", "server", "--api-url", url, cwd=folder)
        changed = json.loads(json.dumps(automation(0)))
        changed["trigger"]["threshold"] = 7
        fake.automations = [changed]
        differs = run("drift", "here.json", "--against", "server", "--api-url", url, cwd=folder)
    nobody = run("drift", "here.json", "--against", "server", cwd=folder, PREFECT_HOME="/x")

    assert (1, True) == (done.returncode, b"1 automation the same" in done.stdout), done.stderr
    assert b"    server  7\n" in differs.stdout
    assert (2, True) == (nobody.returncode, b"no Prefect server" in nobody.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("here.json",), b"--against"),
        (("-", "--against", "-"), b"only one input can be read from stdin"),
        (("here.json", "--against", "e.jsonl"), b"e.jsonl:1:1: the file is a log of events"),
        (("here.json", "--against", "other.json"), b"other.json holds no automations"),
        (("here.json", "--against", "absent.json"), b"there is no such file"),
        (("here.json", "--against", "there.json", "--profile", "x"), b"need --against server"),
    ],
)
def test_mistakes(folder, arguments, said):
    """Each is told, with exit code 2."""
    (folder / "other.json").write_text('{"x": 1}')
    done = run("drift", *arguments, cwd=folder)

    assert (2, b"", True) == (done.returncode, done.stdout, said in done.stderr), done.stderr
