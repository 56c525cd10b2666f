"""`completion.py`: the values that the shell completes."""

import json
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
import typer

from trigger_cli.cli import app, completion
from trigger_cli.cli.parameters import choices_of

CLOSED = {"GLOB", "RULE", "ZONE", "NAME=VALUES", "[CODE|WORD]...", "DIALECT", "DIALECT[,DIALECT]"}
"""What stands for a value in the help where all values are known."""


def completed(complete, typed, *paths):
    return complete(SimpleNamespace(params={}, args=list(map(str, paths))), typed)


@pytest.mark.parametrize(
    ("complete", "typed", "expected"),
    [
        ("selectors", "TRG1", {"TRG1", "TRG101", "TRG125"}),
        ("selectors", "unknown-k", {"unknown-key"}),
        ("selectors", "TRG101,unknown-k", {"TRG101,unknown-key"}),
        ("documented", "E", {"E1", "E7"}),
        ("documented", "TST10", {"TST101", "TST109"}),
        ("documented", "negation-i", {"negation-in-list"}),
        ("dialects", "", {"both", "docs", "server-3.8"}),
        ("dialects", "docs,server-3.8", {"docs,server-3.8"}),
        ("between", "d", {"definitions", "dialects", "docs"}),
        ("between", "docs,d", {"docs,docs-2026-08"}),
        ("zone", "Europe/Berl", {"Europe/Berlin"}),
        ("zone", "lo", {"local"}),
    ],
)
def test_values_that_are_known(complete, typed, expected):
    """Those that begin as typed; of a list, its last value, and none that it has already."""
    found = completed(getattr(completion, f"complete_{complete}"), typed)
    assert expected <= set(found)
    assert all(one[:].find(typed) == 0 for one in found)
    assert not {"docs,docs", "docs,both", "docs,dialects"} & set(found)


def test_profiles(tmp_path, monkeypatch):
    """Of the file, and Prefect's own; none of a broken file."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    file = tmp_path / "profiles.toml"
    file.write_text("[profiles.lab]\n")
    assert {"lab", "local"} == set(completed(completion.complete_profile, "l"))
    file.write_text("[")
    assert [] == completed(completion.complete_profile, "l")


def test_fields_of_a_trigger(tmp_path):
    """Pointers for ``--set``, those of children too; labels stand in them as JSON Pointers."""
    path = tmp_path / "t.json"
    child = {"expect": ["a"], "match": {"a/b": "c"}, "threshold": 2}
    path.write_text(json.dumps({"type": "sequence", "within": 5, "triggers": [child]}))
    own = ["/type=", "/within=", "/triggers/0/expect=", "/triggers/0/match/a~1b="]
    expected = [*own, "/triggers/0/threshold="]
    assert expected == completed(completion.complete_field, "/", path)
    assert ["/within="] == completed(completion.complete_field, "/w", path)
    assert [] == completed(completion.complete_field, "/", tmp_path / "none.json")


ZSH = shutil.which("zsh")


@pytest.mark.parametrize(
    "name",
    [
        "n x",
        "n $(echo RUN)",
        r"n \$(echo RUN)",
        r"n \\$(echo RUN)",
        r"n \`echo RUN`",
        r"n\a : ) ]; *",
    ],
)
@pytest.mark.skipif(ZSH is None, reason="zsh is not installed")
def test_zsh_takes_a_name_as_text(tmp_path, monkeypatch, name):
    """Its script evaluates what it is given: a command within a name would be run."""
    assert ZSH is not None
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"name": name, "trigger": {"expect": ["a"]}}]))
    monkeypatch.setenv("_TRIGGER_CLI_COMPLETE", "complete_zsh")
    (found,) = completed(completion.complete_automation, "n", path)
    escaped = found[:].replace("$", "\\$").replace("`", "\\`").replace(":", r"\\:")
    evaluated = """_arguments() { a=${1#*: :}; eval ws\\=\\( ${a[3,-3]} \\); print -rl -- $ws; }"""
    script = f"{evaluated}\n_arguments '*: :((\"{escaped}\"))'"
    done = subprocess.run([ZSH, "-fc", script], capture_output=True, check=True, timeout=60)
    shown = done.stdout.decode().removesuffix("\n")
    # What a list of zsh shows of an item: a backslash takes the next character as it is.
    assert name == re.sub(r"\\(.)", r"\1", shown)


@pytest.mark.parametrize("name", ["n it's", 'n "$(echo RUN)"'])
def test_zsh_gets_no_name_with_quotes(tmp_path, monkeypatch, name):
    """It would be completed to one without them."""
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"name": name, "trigger": {"expect": ["a"]}}]))
    assert [name] == completed(completion.complete_automation, "n", path)
    monkeypatch.setenv("_TRIGGER_CLI_COMPLETE", "complete_zsh")
    assert [] == completed(completion.complete_automation, "n", path)


def test_every_option_with_known_values_is_completed():
    """In each command."""
    group = typer.main.get_command(app)
    for name in group.list_commands(None):
        for option in group.get_command(None, name).params:
            if option.metavar in CLOSED or "--profile" in option.opts:
                is_completed = option._custom_shell_complete or choices_of(option)
                assert is_completed, f"{name} {option.opts}"
