"""``trigger-cli lint``, ``rule`` and ``schema`` as a user runs them."""

import json
import os
import re
import stat
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.cli.running import run
from tests.lint.corpus import CORPUS, index, needs_corpus
from tests.support import REPOSITORY, SAMPLES, log_event, written_log
from trigger_cli.definitions import load_text
from trigger_cli.lint import RULES
from trigger_cli.lint.runner import rewriting

LOWERCASE = """\
{
  // keep me
  "type": "event",
  "match": {"prefect.resource.id": "prefect.flow-run.*"}, // and me
  "expect": ["prefect.flow-run.failed"]
}
"""
MENDED = """\
{
  // keep me
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"}, // and me
  "expect": ["prefect.flow-run.Failed"]
}
"""
CLEAN = '{"type": "event", "posture": "Reactive", "match": {"prefect.resource.id": "shop.*"}, "expect": ["order.placed"]}\n'
EMPTY = '{"type": "event", "posture": "Reactive", "expect": []}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.json").write_text(LOWERCASE, "utf-8")
    (tmp_path / "clean.json").write_text(CLEAN, "utf-8")
    return tmp_path


def linted(*arguments, **options):
    done = run("lint", *arguments, "--format", "json", **options)
    assert done.returncode in {0, 1}, done.stderr
    return json.loads(done.stdout)


def codes(value):
    return [finding["code"] for finding in value["findings"]]


def test_full_shows_the_source_with_a_caret_and_what_to_do(folder):
    """As rustc and ruff do: the place, the line, the caret, help and fix."""
    done = run("lint", "bad.json", "--select", "TRG221", cwd=folder)
    assert done.stdout.decode() == (
        "bad.json:5:14: warning[TRG221] `prefect.flow-run.failed` is spelled differently from"
        " Prefect's event, and never comes\n"
        "  |\n"
        '5 |   "expect": ["prefect.flow-run.failed"]\n'
        "  |              ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = help: write `prefect.flow-run.Failed`\n"
        "  = fix: write prefect.flow-run.Failed (--fix)\n\n"
    )
    assert done.stderr == b"1 warning in 1 file. 1 fixable with --fix.\n"


def test_full_shows_the_place_in_a_line_of_any_length(folder):
    """Also in JSON on one line: it showed how the line begins, without a caret."""
    automation = {
        "name": "a",
        "trigger": {**json.loads(EMPTY), "expect": ["prefect.flow-run.failed"]},
    }
    (folder / "line.json").write_text(json.dumps([automation] * 20))
    done = run("lint", "line.json", "--select", "TRG221", "--width", "80", cwd=folder)
    lines = done.stdout.decode().splitlines()
    shown = [(lines[n - 1], one) for n, one in enumerate(lines) if "^" in one]
    assert 20 == len(shown)
    for source, caret in shown:
        assert '"prefect.flow-run.failed"' == source[caret.index("^") : caret.rindex("^") + 1]


def test_rules_that_were_not_run_are_told(tmp_path):
    """An automation with an error is not loaded, so rules for automations do not see it."""
    wrong = {"name": "Wrong\x1b", "trigger": {**json.loads(EMPTY), "threshold": "many"}}
    right = {"name": "right", "trigger": json.loads(EMPTY)}
    (tmp_path / "a.json").write_text(json.dumps([wrong, right]))
    said = run("lint", "a.json", cwd=tmp_path).stderr.decode().splitlines()[1:]
    not_run = 'note: a.json: until the errors are corrected, other rules do not check "Wrong\\x1b"'
    assert [not_run] == said
    assert b"" == run("lint", "a.json", "--quiet", cwd=tmp_path).stderr


def test_the_json_object_has_the_contracts_keys(folder):
    """Every key of `interface.md` is there, the findings in order of place."""
    value = linted("bad.json", "clean.json", cwd=folder)
    assert (value["format"], value["files"]) == ("trigger-cli/lint@1", 2)
    assert codes(value) == ["TRG113", "TRG111", "TRG221"]
    finding = value["findings"][2]
    assert {
        key: finding[key]
        for key in ("code", "name", "severity", "file", "line", "column", "end_line", "end_column")
    } == {
        "code": "TRG221",
        "name": "event-name-spelling",
        "severity": "warning",
        "file": "bad.json",
        "line": 5,
        "column": 14,
        "end_line": 5,
        "end_column": 39,
    }
    assert (finding["automation"], finding["trigger"]) == ("bad", "$")
    assert finding["pointer"] == "/expect/0"
    assert finding["fix"]["safe"] is True
    assert finding["fix"]["description"] == "write prefect.flow-run.Failed"


def test_findings_point_at_the_value_inside_prefect_yaml(tmp_path):
    """Line, column and pointer of the very value, deep inside another document."""
    (tmp_path / "prefect.yaml").write_text(
        "name: x\ndeployments:\n  - name: a\n    triggers:\n      - match:\n"
        "          prefect.resource.id: prefect.flow-run\n"
        "        expect:\n          - prefect.flow-run.Failed\n",
        "utf-8",
    )
    (finding,) = linted("prefect.yaml", "--select", "TRG209", cwd=tmp_path)["findings"]
    place = (finding["line"], finding["column"], finding["end_column"])
    assert place == (6, 32, 48)
    assert finding["pointer"] == "/deployments/0/triggers/0/match/prefect.resource.id"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["clean.json"], 0),
        (["bad.json"], 1),
        (["bad.json", "--fail-level", "error"], 0),
        (["bad.json", "--fail-level", "error", "--dialect", "server"], 1),
        (["bad.json", "--select", "TRG111"], 0),
        (["bad.json", "--select", "TRG111", "--fail-level", "info"], 1),
        (["none.json"], 2),
        (["bad.json", "--select", "TRG9"], 2),
        (["bad.json", "--log", "none.jsonl"], 3),
    ],
)
def test_exit_codes(folder, arguments, expected):
    """0 nothing as bad, 1 something, 2 a wrong command line, 3 an unreadable log."""
    assert expected == run("lint", *arguments, cwd=folder).returncode


@pytest.mark.parametrize(
    ("file", "text", "code", "said"),
    [
        ("package.json", '{"name": "x"}', 2, "a definition file holds a trigger, an automation"),
        ("x.py", "x = 1\n", 2, "only calls of Prefect's own classes are read"),
        ("x.tf", 'variable "x" {}\n', 2, "only `prefect_automation` resources are read"),
        ("terraform.tfstate", '{"terraform_version": "1", "resources": []}', 2, "a definition"),
        ("empty.yaml", "", 2, "a definition file holds"),
        ("prefect.yaml", "deployments: []\n", 0, "note: prefect.yaml holds no triggers"),
        ("list.json", "[]", 0, "note: list.json holds no triggers"),
    ],
)
def test_a_named_file_without_a_trigger(tmp_path, file, text, code, said):
    """An error, unless it is a list of definitions that has none; a search passes it over."""
    (tmp_path / file).write_text(text)
    (tmp_path / "good.json").write_text('{"type": "event", "posture": "Reactive", "expect": ["a"]}')
    named = run("lint", file, "--ignore", "TRG2", cwd=tmp_path)

    assert (code, True) == (named.returncode, said in (named.stdout + named.stderr).decode())
    assert (code == 2) == (b"the file defines no trigger" in named.stdout)
    for search in (".", f"*{file[-5:]}"):
        found = run("lint", search, "good.json", "--ignore", "TRG2", cwd=tmp_path)
        assert 0 == found.returncode, found.stdout


@pytest.mark.parametrize("end", ["py", "tf"])
def test_other_languages_have_findings_and_no_fixes(tmp_path, end):
    """At their place in the file, which is never written; a comment silences a line."""
    texts = {
        "py": "from prefect.events import EventTrigger\nEventTrigger(expect=['prefect.flow-run.Faild'],{}\n threshold=-1)\n",
        "tf": 'resource "prefect_automation" "a" {{\n name = "a"\n trigger = {{ event = {{ posture = "Reactive", '
        'expect = ["prefect.flow-run.Faild"] {}\n threshold = -1 }} }}\n}}\n',
    }
    file = tmp_path / f"x.{end}"
    file.write_text(texts[end].format(""))
    before = file.read_bytes()
    found = linted(file.name, "--select", "TRG219,TRG303", "--fix", "--unsafe-fixes", cwd=tmp_path)
    line = {"py": 2, "tf": 3}[end]

    assert [("TRG219", line, None), ("TRG303", line + 1, None)] == [
        (one["code"], one["line"], one["fix"]) for one in found["findings"]
    ]
    assert before == file.read_bytes()
    file.write_text(texts[end].format("# trigger-cli: ignore[TRG219]"))
    found = linted(file.name, "--select", "TRG219,TRG303", cwd=tmp_path)
    assert ["TRG303"] == [one["code"] for one in found["findings"]]


def test_fix_mends_in_place_and_keeps_the_rest(folder):
    """Safe fixes only, comments and layout as they were, and a second run changes nothing."""
    done = run("lint", "bad.json", "--fix", cwd=folder)
    assert (folder / "bad.json").read_text("utf-8") == MENDED
    assert b"Fixed 2 findings in bad.json" in done.stderr
    run("lint", "bad.json", "--fix", cwd=folder)
    assert (folder / "bad.json").read_text("utf-8") == MENDED


def test_diff_shows_and_does_not_write(folder):
    """``--diff`` is ``--fix`` without the writing; exit 1 where it would change something."""
    done = run("lint", "bad.json", "--diff", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "--- bad.json\n+++ bad.json (fixed)\n@@ -1,6 +1,7 @@\n {\n   // keep me\n"
        '   "type": "event",\n'
        '+  "posture": "Reactive",\n'
        '   "match": {"prefect.resource.id": "prefect.flow-run.*"}, // and me\n'
        '-  "expect": ["prefect.flow-run.failed"]\n'
        '+  "expect": ["prefect.flow-run.Failed"]\n'
        " }\n"
    )
    assert (folder / "bad.json").read_text("utf-8") == LOWERCASE
    assert run("lint", "clean.json", "--diff", cwd=folder).returncode == 0


def test_unsafe_fixes_are_asked_for(tmp_path):
    """Without ``--unsafe-fixes`` a fix that needs judgement is not made."""
    path = tmp_path / "one.json"
    text = CLEAN.replace("order.placed", "prefect.flow-run.Succeeded").replace(
        "shop.*", "prefect.flow-run.*"
    )
    path.write_text(text, "utf-8")
    run("lint", path, "--fix")
    assert path.read_text("utf-8") == text
    run("lint", path, "--fix", "--unsafe-fixes")
    assert path.read_text("utf-8") == text.replace("Succeeded", "Completed")


def test_line_ends_mode_and_mark_survive_a_fix(tmp_path):
    """CRLF, a byte order mark and the file's mode stay as they are."""
    path = tmp_path / "one.json"
    path.write_bytes(b"\xef\xbb\xbf" + LOWERCASE.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    run("lint", path, "--fix")
    assert path.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_changed_meanwhile_is_not_overwritten(folder, monkeypatch):
    """What somebody saves while the rules run is not lost."""
    path = folder / "bad.json"
    real = rewriting.replacing

    def saved_by_somebody(target):
        path.write_text("{}", "utf-8")
        return real(target)

    monkeypatch.setattr(rewriting, "replacing", saved_by_somebody)
    done = run("lint", "bad.json", "--fix", cwd=folder)
    assert done.returncode == 2
    assert b"the file changed while it was linted" in done.stderr
    assert path.read_text("utf-8") == "{}"
    assert sorted(path.name for path in folder.iterdir()) == ["bad.json", "clean.json"]


def test_standard_input_is_linted_and_not_mended():
    """``-`` reads a definition; ``--fix`` has nowhere to write it."""
    assert codes(linted("-", stdin=EMPTY.encode())) == ["TRG201"]
    assert run("lint", "-", "--fix", stdin=EMPTY.encode()).returncode == 2
    done = run("lint", "-", "--diff", stdin=LOWERCASE.encode())
    assert b'+  "expect": ["prefect.flow-run.Failed"]' in done.stdout


def test_standard_input_has_a_name(folder):
    """In findings, for the kind of file, for its configuration and in a diff."""
    (folder / "trigger-cli.toml").write_text(
        '[per-file-ignores]\n"bad.json" = ["TRG113"]\n', "utf-8"
    )
    named = ("-", "--stdin-filename")
    value = linted(*named, "bad.json", stdin=LOWERCASE.encode(), cwd=folder)
    assert codes(value) == ["TRG111", "TRG221"]
    assert {finding["file"] for finding in value["findings"]} == {"bad.json"}
    assert codes(linted(*named, "x.yaml", stdin=b"type: event\nexpect: []\n")) == [
        "TRG113",
        "TRG201",
    ]
    done = run("lint", *named, "x.json", "--diff", stdin=LOWERCASE.encode())
    assert done.stdout.startswith(b"--- x.json\n")
    for more in ((), ("--watch",)):  # which would show the mistake again and again
        done = run("lint", "bad.json", "--stdin-filename", "x", *more, cwd=folder)
        assert done.returncode == 2
        assert b"help: give the path -" in done.stderr


def test_add_ignore_silences_what_is_there(tmp_path):
    """A second run finds nothing; plain JSON is told to be left alone, and its findings stay."""
    text = "type: event\nposture: Reactive\nexpect: [order.placed]\nthreshold: 3\n"
    (tmp_path / "one.yaml").write_text(text, "utf-8")
    (tmp_path / "plain.json").write_text(EMPTY, "utf-8")
    shown = run("lint", ".", "--add-ignore", "--diff", cwd=tmp_path)
    assert (shown.returncode, b"+threshold: 3  # trigger-cli: ignore[TRG301]" in shown.stdout) == (
        1,
        True,
    )
    assert (tmp_path / "one.yaml").read_text("utf-8") == text
    done = run("lint", ".", "--add-ignore", "--format", "concise", cwd=tmp_path)
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == [b"plain.json:1:52:"]
    assert b"Silenced 2 findings in one.yaml" in done.stderr
    assert b"note: plain.json is left alone: it is plain JSON" in done.stderr
    assert (tmp_path / "one.yaml").read_text("utf-8") == text.replace(
        "placed]", "placed]  # trigger-cli: ignore[TRG203]"
    ).replace("threshold: 3", "threshold: 3  # trigger-cli: ignore[TRG301]")
    again = run("lint", "one.yaml", "--add-ignore", "--fail-level", "info", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, b"No findings in 1 file.\n")
    assert (tmp_path / "plain.json").read_text("utf-8") == EMPTY


def test_add_ignore_takes_what_a_log_shows(tmp_path):
    """Findings about a log are silenced where they stand; those of a baseline need no comment."""
    text = "type: event\nposture: Reactive\nexpect: [order.placed]\n"
    (tmp_path / "one.yaml").write_text(text, "utf-8")
    log = ("--log", SAMPLES / "nightly.events.jsonl")
    known = ("--baseline", "known.json", "--select", "TRG2")
    run("lint", "one.yaml", *known, "--write-baseline", cwd=tmp_path)
    run("lint", "one.yaml", *log, "--baseline", "known.json", "--add-ignore", cwd=tmp_path)
    after = (tmp_path / "one.yaml").read_text("utf-8")
    assert "[TRG801]" in after
    assert "TRG203" not in after
    done = run("lint", "one.yaml", *log, "--baseline", "known.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ["-", "--add-ignore"],
        [".", "--add-ignore", "--fix"],
        [".", "--add-ignore", "--write-baseline", "--baseline", "b"],
    ],
)
def test_add_ignore_by_itself(folder, arguments):
    """Not where there is no file, and not at the same time as other changes."""
    done = run("lint", *arguments, cwd=folder, stdin=EMPTY.encode())
    assert (done.returncode, done.stdout) == (2, b"")


def test_exit_zero_reports_and_succeeds(folder):
    """Findings and fixes are shown and exit 0; what cannot be read still exits 2."""
    done = run("lint", "bad.json", "--exit-zero", cwd=folder)
    assert (done.returncode, b"TRG221" in done.stdout) == (0, True)
    assert run("lint", "bad.json", "--diff", "--exit-zero", cwd=folder).returncode == 0
    assert run("lint", "none.json", "--exit-zero", cwd=folder).returncode == 2


def test_settings_are_shown_with_where_they_come_from(folder):
    """Of each rule whether it runs, in what severity, and which selector of which place says so."""
    config = folder / "trigger-cli.toml"
    config.write_text(
        'ignore = ["TRG2"]\nfail-level = "error"\n[per-file-ignores]\n"c*.json" = ["TRG3"]\n',
        "utf-8",
    )
    arguments = ("--show-settings", "--ignore", "json-comment", "--dialect", "docs")
    done = run("lint", ".", *arguments, "--format", "json", cwd=folder)
    value = json.loads(done.stdout)
    assert (done.returncode, value["format"]) == (0, "trigger-cli/lint-settings@1")
    path = str(config.resolve())
    assert value["fail_level"] == {
        "value": "error",
        "origin": {"where": path, "setting": "fail-level", "selector": None},
    }
    assert value["baseline"]["origin"]["where"] == "default"
    bad, clean = value["groups"]
    assert [bad["files"], clean["files"]] == [["bad.json"], ["clean.json"]]
    assert {bad["configuration"], clean["configuration"]} == {path}
    command = {"where": "command line", "selector": None}
    assert bad["dialect"] == {"value": "docs", "origin": {**command, "setting": "--dialect"}}
    of = {rule["code"]: (rule["on"], *rule["origin"].values()) for rule in bad["rules"]}
    assert list(of) == [rule.code for rule in RULES]
    assert of["TRG101"] == (True, "default", None, None)
    assert of["TRG111"] == (False, "command line", "--ignore", "json-comment")
    assert of["TRG221"] == (False, path, "ignore", "TRG2")
    assert of["TRG113"] == (False, "command line", "dialect", None)
    assert of["TRG301"] == (True, "default", None, None)
    of = {rule["code"]: (rule["on"], *rule["origin"].values()) for rule in clean["rules"]}
    assert of["TRG301"] == (False, path, "per-file-ignores.c*.json", "TRG3")


def test_settings_are_shown_as_text_too(folder):
    """A line for each rule; a selection tells of a rule outside it that it is not selected."""
    done = run("lint", "bad.json", "--show-settings", "--select", "TRG1,TRG8", cwd=folder)
    lines = done.stdout.decode().splitlines()
    assert lines[:6] == [
        "fail-level: warning (default)",
        "baseline: none (default)",
        "",
        "bad.json",
        "  configuration: none",
        "  dialect: both (default)",
    ]
    texts = {line.split()[1]: " ".join(line.split()) for line in lines[6:]}
    assert texts["TRG101"] == "on TRG101 warning unknown-key command line: --select TRG1"
    assert texts["TRG203"] == "off TRG203 info any-emitter command line: --select"
    assert texts["TRG801"].endswith("--select TRG8, with --log")
    done = run("lint", "bad.json", "--show-settings", "--format", "sarif", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--select", "TRG2"], ["TRG221"]),
        (["--select", "event-name-spelling"], ["TRG221"]),
        (["--select", "TRG113,TRG111"], ["TRG113", "TRG111"]),
        (["--ignore", "TRG1"], ["TRG221"]),
        (["--ignore", "TRG1", "--select", "TRG113"], ["TRG113"]),
        (["--dialect", "docs"], ["TRG111", "TRG221"]),
    ],
)
def test_rules_are_chosen_by_code_prefix_and_name(folder, arguments, expected):
    """The longer selector wins; a dialect leaves out what does not matter there."""
    assert expected == codes(linted("bad.json", *arguments, cwd=folder))


def test_a_wrong_selector_is_told_with_the_nearest(folder):
    """A selector that names no rule is a mistake, not an empty choice."""
    done = run("lint", "bad.json", "--select", "unknwon-key", cwd=folder)
    assert done.returncode == 2
    assert b"there is no rule `unknwon-key`; did you mean unknown-key?" in done.stderr


def test_configuration_holds_for_the_files_below_it(folder):
    """The nearest file counts, and per-file-ignores name files by glob."""
    (folder / "trigger-cli.toml").write_text(
        'ignore = ["json-comment"]\ndialect = "both"\n[per-file-ignores]\n"b*.json" = ["TRG113"]\n',
        "utf-8",
    )
    assert codes(linted("bad.json", cwd=folder)) == ["TRG221"]
    below = folder / "below"
    below.mkdir()
    (below / "bad.json").write_text(LOWERCASE, "utf-8")
    (below / "pyproject.toml").write_text('[tool.trigger-cli]\nselect = ["TRG1"]\n', "utf-8")
    assert codes(linted(below / "bad.json", cwd=folder)) == ["TRG113", "TRG111"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('selct = ["TRG1"]', "unknown key `selct`; did you mean `select`?"),
        ('select = ["TRG999"]', "`select`: there is no rule `TRG999`"),
        ('fail_level = "error"', "unknown key `fail_level`; did you mean `fail-level`?"),
        ('dialect = "cloud"', "`dialect`: found 'cloud', no list of dialects, expected docs,"),
        (
            'select = "TRG1"',
            '`select`: found the string "TRG1", expected a list of codes, prefixes or names',
        ),
        ("select = [", "not TOML"),
        ("per-file-ignores = 1", "`per-file-ignores`: found the number 1, expected a table"),
    ],
)
def test_a_wrong_configuration_is_refused(folder, text, expected):
    """Nothing in it is passed over in silence."""
    (folder / "trigger-cli.toml").write_text(text, "utf-8")
    done = run("lint", "bad.json", cwd=folder)
    assert done.returncode == 2
    assert expected in done.stderr.decode().replace("\n", " ")


def test_a_broken_file_of_settings_is_an_error_even_if_it_does_not_name_us(folder):
    """What cannot be read may hold settings for us, in whatever spelling."""
    (folder / "pyproject.toml").write_text("[tool.ruff\nline-length = 100\n", "utf-8")
    done = run("lint", "broken.json", cwd=folder)
    assert 2 == done.returncode
    assert b"pyproject.toml: not TOML" in done.stderr


def test_the_guide_shows_every_setting(folder):
    """In a file that works."""
    guide = (REPOSITORY / "docs" / "guides" / "lint.md").read_text("utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    settings = folder / "trigger-cli.toml"
    settings.write_text(shown, "utf-8")
    assert 0 == run("lint", "bad.json", "--show-settings", cwd=folder).returncode
    settings.write_text("zzz = 1\n", "utf-8")
    _, known = run("lint", "bad.json", cwd=folder).stderr.decode().split("known keys: ")
    assert {*re.findall(r"[\w-]+", known)} == {*tomllib.loads(shown)}


@pytest.mark.parametrize(("level", "failures"), [("info", 1), ("warning", 0)])
def test_junit_fails_where_the_exit_code_does(folder, level, failures):
    """CI that reads the report and CI that reads the exit code agree."""
    only = ("--select", "TRG111", "--fail-level", level)
    done = run("lint", "bad.json", "--format", "junit", *only, cwd=folder)
    assert (failures, failures) == (done.returncode, done.stdout.count(b"<failure"))


def test_the_configuration_sets_the_fail_level(folder):
    """What the command line does not say, the configuration does."""
    (folder / "pyproject.toml").write_text('[tool.trigger-cli]\nfail-level = "error"\n', "utf-8")
    assert run("lint", "bad.json", cwd=folder).returncode == 0
    assert run("lint", "bad.json", "--fail-level", "warning", cwd=folder).returncode == 1


def test_a_baseline_leaves_out_what_is_known(folder):
    """Known findings stay known when lines move; new ones are reported, gone ones counted."""
    arguments = ("bad.json", "--baseline", "known.json")
    assert run("lint", *arguments, "--write-baseline", cwd=folder).returncode == 0
    (folder / "bad.json").write_text("\n\n" + LOWERCASE, "utf-8")
    done = run("lint", *arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"")
    (folder / "bad.json").write_text(MENDED.replace("shop", "bank") + "", "utf-8")
    done = run("lint", *arguments, cwd=folder)
    assert b"1 finding known from the baseline; 2 findings in it no longer found" in done.stderr
    (folder / "bad.json").write_text(EMPTY, "utf-8")
    assert codes(linted(*arguments, cwd=folder)) == ["TRG201"]
    (folder / "known.json").write_text("[]", "utf-8")
    assert run("lint", *arguments, cwd=folder).returncode == 2


def test_a_baseline_holds_wherever_lint_runs(folder):
    """Files have their names as seen from it; of a file that was not looked at nothing is gone."""
    (folder / "sub").mkdir()
    (folder / "sub" / "other.json").write_text(LOWERCASE, "utf-8")
    known = folder / "known.json"
    run("lint", "sub/other.json", "bad.json", "--baseline", known, "--write-baseline", cwd=folder)
    for named, place in (
        ("bad.json", folder),
        ("other.json", folder / "sub"),
        (".", folder / "sub"),
    ):
        done = run("lint", named, "--baseline", os.path.relpath(known, place), cwd=place)
        assert (0, b"") == (done.returncode, done.stdout)
        assert b"no longer found" not in done.stderr
    for rules in (("--select", "TRG111"), ("--ignore", "TRG111")):
        done = run("lint", ".", "--baseline", "known.json", *rules, cwd=folder)
        assert b"no longer found" not in done.stderr
    (folder / "sub" / "other.json").unlink()
    done = run("lint", "bad.json", "--baseline", "known.json", cwd=folder)
    assert b"no longer found" in done.stderr


def test_statistics_count_by_rule(folder):
    """The most frequent first, with a mark where ``--fix`` helps."""
    done = run("lint", "bad.json", "--statistics", cwd=folder)
    assert done.stdout.decode().splitlines() == [
        "1  TRG111      info     json-comment",
        "1  TRG113  [*] warning  posture-omitted",
        "1  TRG221  [*] warning  event-name-spelling",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--statistics", "--format", "sarif"), "--statistics has the formats full, json and"),
        (("--statistics", "--diff"), "--statistics counts the shown findings, and none are"),
        (("--statistics", "--show-settings"), "--statistics counts the shown findings"),
        (("--diff", "--format", "json"), "--format json writes the shown findings, and none are"),
        (("--diff", "--output", "x.sarif"), "--format sarif writes the shown findings"),
        (("--baseline", "b", "--write-baseline", "-f", "json"), "--format json writes the shown"),
        (("--unsafe-fixes",), "--unsafe-fixes needs --fix or --diff"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(folder, options, message):
    """Else a program gets a diff, a table or nothing where it asked for JSON."""
    done = run("lint", "bad.json", *options, cwd=folder)
    assert (2, b"") == (done.returncode, done.stdout)
    assert f"error: {message}" in done.stderr.decode()


def test_a_log_shows_what_the_definitions_cannot():
    """The samples on their night: what never matched, what the dialects disagree about."""
    log = SAMPLES / "nightly.events.jsonl"
    value = linted(SAMPLES / "triggers" / "05-negative-tag.json", "--log", log, "--select", "TRG8")
    assert [finding["message"] for finding in value["findings"]] == [
        "fired 19 times in 3 h, at most 12 in an hour",
        "fires 19 times by the documentation, 21 times on the open-source server",
    ]


def test_the_samples_have_no_errors():
    """Whatever is said about our own samples is an info or a warning, and true."""
    done = run("lint", SAMPLES / "triggers", "--fail-level", "error")
    assert done.returncode == 0


def test_a_rule_is_explained_by_code_and_by_name():
    """Its severity, its example and what to use instead."""
    by_code = run("rule", "TRG401", "--format", "markdown").stdout.decode()
    assert by_code.startswith("# TRG401 watch-without-key\n\nAnother run can satisfy the window.\n")
    assert "## Use instead" in by_code
    assert by_code == run("rule", "watch-without-key", "--format", "markdown").stdout.decode()
    assert b"TRG401 watch-without-key" in run("rule", "TRG401").stdout
    assert run("rule", "TRG4O1").returncode == 2


def test_all_rules_are_listed():
    """A line, a page, or an object for each."""
    listed = run("rule", "--all", COLUMNS="200").stdout.decode().splitlines()
    assert [rule.code for rule in RULES] == [line[:6] for line in listed[1:]]
    value = json.loads(run("rule", "--all", "--format", "json").stdout)
    assert value["format"] == "trigger-cli/rule@1"
    assert [rule.code for rule in RULES] == [rule["code"] for rule in value["rules"]]
    markdown = run("rule", "--all", "--format", "markdown").stdout.decode()
    assert all(f"# {rule.code} {rule.name}\n" in markdown for rule in RULES)


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(run("schema").stdout)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def documents(path: Path):
    definitions = load_text(path.read_bytes(), file=path.name)
    return definitions, [document.value for document in definitions.documents]


@pytest.mark.parametrize(
    "path", sorted((SAMPLES / "triggers").iterdir()), ids=lambda path: path.name
)
def test_the_schema_takes_our_samples(validator, path):
    """Every sample is valid."""
    _, values = documents(path)
    assert [list(validator.iter_errors(value)) for value in values] == [[]] * len(values)


@needs_corpus
@pytest.mark.parametrize("entry", index(), ids=lambda entry: entry["file"])
def test_the_schema_agrees_with_the_reader_on_the_corpus(validator, entry):
    """A file that can be read without error is valid, and no other is."""
    definitions, values = documents(CORPUS / entry["file"])
    errors = [error.message for value in values for error in validator.iter_errors(value)]
    assert definitions.has_errors == bool(errors or not values)


@pytest.mark.parametrize(
    "text",
    [
        '{"expect": "order.placed", "within": 5}',
        '{"posture": "reactive", "expect": ["x"]}',
        '{"type": "compound", "triggers": []}',
        '{"type": "metric", "metric": {"name": "late", "operator": ">", "threshold": 1}}',
        '{"name": "x", "trigger": {"type": "event", "threshold": "many"}}',
        '{"automations": [{"trigger": {"match": {"a": 1}}}]}',
        '{"deployments": [{"triggers": [{"expect": [1]}]}]}',
        '{"type": "sequence", "triggers": [{"type": "sequence", "triggers": [{"after": 1}]}]}',
        '[{"expect": ["x"], "match": 3}]',
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(validator, text):
    """Wrong at any depth and in any form."""
    assert load_text(text, file="x.json").has_errors
    assert not validator.is_valid(json.loads(text))


def test_the_pre_commit_hook_runs_the_linter():
    """The hook's entry is a command that there is, and it runs on definition files alone."""
    hook = load_text((REPOSITORY / ".pre-commit-hooks.yaml").read_bytes(), file="hooks.yaml")
    (document,) = hook.documents
    (only,) = document.value
    assert only["entry"] == "trigger-cli lint --quiet"
    pattern = re.compile(only["files"])
    wanted = [
        "prefect.yaml",
        "a/prefect.yml",
        "triggers/x.json",
        "automation.yaml",
        "a/automations/b/c.yml",
    ]
    assert [
        name for name in [*wanted, "package.json", "src/prefect.py"] if pattern.search(name)
    ] == wanted


def test_fix_leaves_a_read_only_file_alone_and_says_so(tmp_path):
    """The other files are mended all the same."""
    spoilt = '{"type": "event", "expect": ["a",], "posture": "Reactive"}\n'
    for name in ("locked.json", "open.json"):
        (tmp_path / name).write_text(spoilt)
    (tmp_path / "locked.json").chmod(0o444)
    done = run("lint", "locked.json", "open.json", "--fix", cwd=tmp_path)
    assert 1 == done.returncode
    assert b"warning: locked.json is read-only and stays as it is\n" in done.stderr
    assert spoilt == (tmp_path / "locked.json").read_text()
    assert spoilt != (tmp_path / "open.json").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="hard links of Unix")
def test_fix_and_output_keep_hard_links(tmp_path):
    """The other name has the new content as well."""
    (tmp_path / "a.json").write_text('{"type": "event", "expect": ["a",], "posture": "Reactive"}\n')
    (tmp_path / "out.txt").write_text("before")
    for name in ("a.json", "out.txt"):
        (tmp_path / f"other.{name}").hardlink_to(tmp_path / name)
    run("lint", "a.json", "--fix", "--output", "out.txt", cwd=tmp_path)
    for name in ("a.json", "out.txt"):
        one, other = tmp_path / name, tmp_path / f"other.{name}"
        assert one.samefile(other)
    assert '["a"]' in (tmp_path / "other.a.json").read_text()
    assert "before" not in (tmp_path / "other.out.txt").read_text()


def test_a_loop_of_a_trigger_without_an_action(tmp_path):
    """A trigger of a deployment names no action, so the finding (TRG701) speaks of none."""
    (tmp_path / "flows.py").write_text(
        "from prefect.events import DeploymentEventTrigger\n\n"
        'react = DeploymentEventTrigger(expect=["prefect.flow-run.Completed"])\n'
    )
    done = run("lint", "flows.py", "--select", "TRG701", cwd=tmp_path)

    assert 1 == done.returncode, done.stderr
    assert (
        b"TRG701] the trigger also takes the runs of the deployment that it starts" in done.stdout
    )
    assert b"action" not in done.stdout


@pytest.mark.parametrize(
    ("trigger", "advice"),
    [
        ({}, "a `within` holds back further firings in that time"),
        ({"within": 1}, "a longer `within` holds back further firings in that time"),
        ({"threshold": 2, "within": 9}, "`trigger-cli sweep` shows how often it would fire"),
        ({"posture": "Proactive", "within": 10}, "`trigger-cli sweep` shows how often it would"),
    ],
)
def test_what_fires_often_is_not_told_to_have_what_it_has(trigger, advice, tmp_path):
    """A `within` holds back only a trigger that each event fires; of others it may do more."""
    path = tmp_path / "often.json"
    match = {"prefect.resource.id": "thing.1"}
    path.write_text(json.dumps({"expect": ["x"], "match": match, **trigger}))
    events = [log_event("x", n // 3 * 60 + n % 3) for n in range(60)]
    log = written_log(tmp_path / "log.jsonl", events)
    done = run("lint", path, "--log", log, "--select", "TRG805", "--format", "json")
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["help"].startswith(advice)


def test_the_fix_keeps_one_of_two_equal_patterns(tmp_path):
    """A server takes `[1]` for a glob, so that neither covers the other there: both were removed."""
    path = tmp_path / "twice.json"
    path.write_text('{"posture": "Reactive", "expect": ["order[1]", "order.paid", "order[1]"]}')
    run("lint", path, "--fix", "--select", "TRG225")
    assert ["order[1]", "order.paid"] == json.loads(path.read_text())["expect"]
