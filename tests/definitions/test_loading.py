"""Tests of ``definitions/loading.py``: from paths to automations, and never an exception."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from tests.cli.running import run_program
from trigger_cli.definitions import Definitions, load, load_text
from trigger_cli.model import Span

GOOD = '{"type": "event", "posture": "Reactive"}'
# Every construct of the documentation page: comments, trailing commas, all kinds of triggers.
PAGE = """{
  // the outer trigger is now a "sequence" trigger
  "type": "sequence",
  "within": 7200,
  "triggers": [
    /* a child */
    {"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Completed"],
     "match_related": {"prefect.resource.name": "init", "prefect.resource.role": "flow"}},
    {
      "type": "compound",
      "require": "any",
      "triggers": [
        {"type": "event", "posture": "Proactive", "after": ["prefect.flow-run.Pending"],
         "expect": ["prefect.flow-run.Running"], "for_each": ["prefect.resource.id"],},
        {"type": "metric", "metric": {"name": "lateness", "operator": ">", "threshold": 600,
         "range": 3600, "firing_for": 300}},
      ],
    },
  ]
}
"""
YAML = """\
common: &common
  posture: Reactive
deployments:
  - name: d
    triggers:
      - <<: *common
        type: event
        expect: [a, "b*"]
        parameters: {x: "{{ event }}"}
"""
SYNTAX = ["{", "}", "[", "]", ",", ":", '"', "'", "null", "1e999", "NaN", "//", "/*", "#", "\t"]
SYNTAX += ["\0", "\r", "\u2028", "&a ", "*a", "<<: ", "!x ", "? ", "- ", "---\n", "...\n", "|\n"]
SYNTAX += ['"\\ud800"', "type", "triggers", '"require": ', "Metric", "\\", "%", "@", "é", "😀"]


def test_the_constructs_of_the_documentation():
    """The page's JSON, with its comments and trailing commas, loads as it stands."""
    definitions = load_text(PAGE, file="page.json")

    assert (1, (), ("D10", "D11")) == (
        len(definitions.automations),
        definitions.findings,
        definitions.automations[0].server_refusals,
    )


def test_a_prefect_yaml():
    """Anchors, aliases and merge keys work, and the merged values keep their place."""
    definitions = load_text(YAML, file="prefect.yaml")
    document = definitions.documents[0]

    assert ("a", "b*") == definitions.automations[0].trigger.expect
    assert () == definitions.automations[0].server_refusals
    assert Span(2, 3, 2, 10) == document.key_span("/deployments/0/triggers/0/posture")
    assert Span(8, 21, 8, 25) == document.value_span("/deployments/0/triggers/0/expect/1")
    assert None is document.value_span("/deployments/1")


@pytest.mark.parametrize(
    ("path", "field", "line"),
    [
        ("$", "within", 4),
        ("$.triggers[1]", "expect", 7),
        ("$.triggers[1]", "", 7),
        ("$.triggers[1]", "after", None),
        ("$", "", 3),
        ("$.triggers[2]", "expect", None),
    ],
)
def test_the_line_of_a_field_and_of_its_trigger(path, field, line):
    """Also of a child's; of a second automation in the file."""
    text = """\
- expect: [a]
- name: both
  trigger:
    within: 60
    triggers:
    - expect: [x]
    - expect: [y]
"""
    assert line == load_text(text, file="x.yaml").line_of(1, path, field)


@pytest.mark.parametrize(
    ("file", "text", "loads"),
    [
        ("x.json", GOOD, True),
        ("x.JSON", GOOD, True),
        ("x.yaml", GOOD, True),
        ("x.yml", "type: event", True),
        ("x.json", "type: event", False),
        ("-", GOOD, True),
        ("-", "[" + GOOD + "]", True),
        ("-", "// comment\n" + GOOD, True),
        ("-", "type: event", True),
        ("-", '"type": event', True),
        ("x.txt", "type: event", True),
        ("x.txt", "{type: event}", False),
    ],
)
def test_formats(file, text, loads):
    """The suffix decides, and otherwise the first character."""
    assert loads == bool(load_text(text, file=file).automations)


def test_the_format_can_be_given():
    """Who knows the format says so."""
    assert 1 == len(load_text("{type: event}", file="-", format="yaml").automations)


def test_a_json_fragment_on_standard_input():
    """What starts like YAML and goes on like JSON is explained as JSON."""
    (finding,) = load_text('"match": {},\n"expect": [],\n...', file="-").findings

    assert "enclose it in { }, and drop the `...`" == finding.help


def test_a_definition_with_an_error_is_left_out():
    """The others of its file load, with consecutive indexes."""
    text = f'[{GOOD}, {{"expect": "a"}}, {GOOD}]'
    definitions = load_text(text, file="x.json", first_index=5)

    assert [(5, "x"), (6, "x[3]")] == [(a.index, a.name) for a in definitions.automations]
    assert (True, ()) == (definitions.has_errors, definitions.without_triggers)
    entries = map(astuple, definitions.documents[0].entries)
    assert [(5, "/0", "/0"), (6, "/2", "/2")] == list(entries)


def test_repeated_keys_are_warnings():
    """A repeated key is reported where it is given again."""
    definitions = load_text('{"type": "event",\n "expect": [],\n "expect": ["a"]}', file="x.json")

    assert [
        (
            "TRG106",
            Span(3, 2, 3, 10),
            "the key `expect` is given again: this value replaces the one on line 2",
        )
    ] == [(finding.code, finding.span, finding.message) for finding in definitions.findings]
    assert ("a",) == definitions.automations[0].trigger.expect


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused(opening):
    """Nesting that no definition has is an error, however deep it goes."""
    closing = {"[": "]"}.get(opening, "}")
    text = opening * 5000 + "1" + closing * 5000
    (finding,) = load_text(text, file="x.json").findings

    assert ("TRG100", "nested more than 220 levels deep, which no definition is") == (
        finding.code,
        finding.message,
    )


def test_findings_are_sorted():
    """Findings come by line, column and code, whatever order they were found in."""
    text = '{"type": "sequence",\n "triggers": [{"x": 1}],\n "y": 1, "within": -1}'
    places = [finding.span[:2] for finding in load_text(text, file="x.json").findings]

    assert [(2, 16), (3, 2), (3, 20)] == places


def test_the_text_is_kept_as_it_was():
    """A fixer needs the line ends that the file has."""
    text = GOOD + "\r\n"

    assert text == load_text(text, file="x.json").documents[0].text


def test_load(tmp_path):
    """Files, folders and the standard input together are one list of automations."""
    (tmp_path / "defs").mkdir()
    (tmp_path / "defs" / "b.json").write_text(GOOD)
    (tmp_path / "defs" / "a.yaml").write_text("type: event\nx: 1\n")
    (tmp_path / "defs" / "events.json").write_text("[]")
    (tmp_path / "defs" / "z.json").write_text("{")
    missing = str(tmp_path / "missing.json")

    definitions = load(
        ["-", missing, str(tmp_path / "defs")], stdin=io.BytesIO(GOOD.encode() + b"\n")
    )

    assert [(0, "stdin", "-"), (1, "a", "a.yaml"), (2, "b", "b.json")] == [
        (a.index, a.name, a.source.rpartition("/")[2]) for a in definitions.automations
    ]
    assert [("missing.json", "TRG107"), ("a.yaml", "TRG101"), ("z.json", "TRG100")] == [
        (finding.file.rpartition("/")[2], finding.code) for finding in definitions.findings
    ]
    assert [str(tmp_path / "defs" / "events.json")] == list(definitions.without_triggers)


def test_nothing_to_load():
    """No paths, no definitions."""
    assert Definitions() == load([])


@given(st.text() | st.binary(), st.sampled_from(["x.json", "x.yaml", "-"]))
def test_no_content_raises(content, file):
    """Whatever a file holds, it loads or is refused with located findings."""
    check(content, file)


@given(st.data(), st.sampled_from(["x.json", "x.yaml", "-"]))
def test_no_damage_raises(data, file):
    """However a definition is damaged, it loads or is refused with located findings."""
    text = data.draw(st.sampled_from([PAGE, YAML, GOOD]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 10))
        text = text[:place] + data.draw(st.sampled_from(["", *SYNTAX])) + text[place + cut :]
    check(text, file)


def check(content, file):
    for finding in load_text(content, file=file).findings:
        assert finding.span[:2] >= (1, 1)
        assert finding.span[2:] > finding.span[:2]
        assert "\n" not in finding.message
        assert len(finding.message) < 500


def test_json_does_not_wait_for_yaml():
    """A JSON file is loaded without importing the YAML reader."""
    program = (
        "import sys; from trigger_cli.definitions import load_text;"
        "load_text('{}', file='x.json'); print('ruamel.yaml' in sys.modules)"
    )
    assert b"False\n" == run_program(program).stdout
