"""``docs/interface.md`` is true: commands, formats, options, exit codes and kinds of records."""

import json
import re

import pytest
import typer

from tests.cli.running import run
from tests.support import REPOSITORY
from trigger_cli import cli
from trigger_cli.cli import failures
from trigger_cli.cli.parameters import choices_of
from trigger_cli.model import RECORDS
from trigger_cli.root_help import COMMANDS

PAGE = (REPOSITORY / "docs" / "interface.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
GROUP = typer.main.get_command(cli.app)


def listed(command, what):
    """What a line (and those that go on with it) lists between backquotes."""
    found = re.search(rf"^{what}: (.*?)\n\n", SECTIONS[command], re.MULTILINE | re.DOTALL)
    return re.findall("`(.*?)`", found[1]) if found else []


def test_every_command_has_its_section():
    """In the order of ``--help``."""
    assert list(COMMANDS) == list(SECTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_and_formats_of_a_command(name):
    """All of them, in the order of the command."""
    parameters = GROUP.commands.get(name).params
    options = [
        option
        for one in parameters
        for option in (*one.opts, *one.secondary_opts)
        if option.startswith("--")
    ]
    formats = [list(choices_of(one)) for one in parameters if "--format" in one.opts]
    assert options == listed(name, "Options")
    assert (formats or [[]])[0] == listed(name, "Formats")
    assert not set(re.findall(r"--[a-z]+(?:-[a-z]+)*", SECTIONS[name])) - {*options}


def test_the_exit_codes():
    """Those of the code, each with its line."""
    codes = {failures.FOUND, failures.USAGE, failures.LOG, failures.INTERRUPTED}
    assert sorted({0, *codes}) == [
        int(one) for one in re.findall(r"^\| (\d+) ", PAGE, re.MULTILINE)
    ]


def test_the_kinds_of_records():
    """All that a replay yields."""
    (kinds,) = re.findall(r"^The kinds: `(.*?)`", SECTIONS["replay"], re.MULTILINE | re.DOTALL)
    assert sorted(kinds.split()) == sorted(RECORDS)


def test_the_object_of_replay():
    """The keys of the example, and perhaps more."""
    (example,) = re.findall(r'^```json\n(\{"format".*?)^```', PAGE, re.MULTILINE | re.DOTALL)
    samples = REPOSITORY / "sample_events"
    log = samples / "nightly.events.jsonl"
    done = run("replay", samples / "triggers" / "15-compound-exports.json", log, "--format", "json")
    promised, found = json.loads(example), json.loads(done.stdout)
    assert promised.keys() <= found.keys()
    for key in ("automations", "firings"):
        assert promised[key][0].keys() <= found[key][0].keys(), key
    assert promised["log"].keys() <= found["log"].keys()


def keys_of(value, depth):
    """The keys of an object and of what it holds, so many levels deep."""
    if isinstance(value, list):
        return {key for one in value for key in keys_of(one, depth)}
    if not isinstance(value, dict) or not depth:
        return set()
    return {*value, *(key for one in value.values() for key in keys_of(one, depth - 1))}


# A command, what it gets, and how deep its page names every key.
OBJECTS = [
    ("replay", ("triggers", "--log", "nightly.events.jsonl"), 2),
    ("explain", ("triggers/09-threshold-within.json", "nightly.events.jsonl"), 2),
    ("explain", ("--codes",), 2),
    ("lint", ("triggers",), 2),
    ("lint", ("triggers", "--show-settings"), 1),
    ("lint", ("triggers", "--statistics"), 1),
    ("rule", ("TRG204", "E4", "TST102"), 2),
    ("capture", ("triggers/09-threshold-within.json", "nightly.events.jsonl"), 1),
    ("test", ("failing.trigger-test.yaml", "--coverage"), 2),
    ("audit", ("recording.automations.json", "recording.events.jsonl"), 1),
    (
        "sweep",
        ("triggers/09-threshold-within.json", "nightly.events.jsonl", "--threshold", "1,2"),
        1,
    ),
    (
        "diff",
        ("triggers/10-after.json", "--log", "nightly.events.jsonl", "--between", "dialects"),
        2,
    ),
    ("drift", ("triggers", "--against", "recording.automations.json"), 2),
    ("doctor", ("--offline",), 2),
    ("events", ("recording.events.jsonl",), 1),
]


@pytest.mark.parametrize(("name", "words", "depth"), OBJECTS)
def test_every_key_of_an_object_is_named(name, words, depth, monkeypatch):
    """Which one finds otherwise only by trying."""
    monkeypatch.chdir(REPOSITORY / "sample_events")
    words = [name, *words, "--format", "json"]
    # Names of labels are no keys.
    found = {key for key in keys_of(json.loads(run(*words).stdout), depth) if "." not in key}
    code = " ".join(re.findall(r"```json\n.*?```|`[^`\n]+`", SECTIONS[name], re.DOTALL))
    assert found - {*re.findall(r"\w+", code)} <= {"format"}
