"""``trigger-cli init``: every file that it writes works."""

import re
import shlex
from itertools import takewhile

import pytest
from ruamel.yaml import YAML

from tests.cli.running import run
from tests.cli.test_demo import commands_in
from tests.support import REPOSITORY
from trigger_cli.shipped import starter

CI = {".github/workflows/triggers.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"}


@pytest.fixture
def folder(tmp_path):
    """A folder that was just started."""
    done = run("init", cwd=tmp_path)
    assert (0, b"") == (done.returncode, done.stderr)
    return tmp_path


def texts_in(value: object) -> list[str]:
    """Every text of a YAML document."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [value] if isinstance(value, str) else []


def read_yaml(path):
    return YAML(typ="safe").load(path.read_text("utf-8"))


def test_what_it_writes_lints_and_passes(folder):
    """Nothing at all is found, and the tests see both what fires and what does not."""
    linted = run("lint", "triggers", "--fail-level", "info", cwd=folder)
    assert (0, b"") == (linted.returncode, linted.stdout)
    linted = run("lint", ".", "--fail-level", "info", cwd=folder)
    assert (0, b"") == (linted.returncode, linted.stdout), "a job was taken for a list of triggers"
    tested = run("test", "tests", cwd=folder)
    assert 0 == tested.returncode, tested.stdout.decode()
    assert tested.stderr.startswith(b"3 tests: 3 passed")


@pytest.mark.parametrize("name", sorted(CI))
def test_the_lines_for_ci_work(name, folder):
    """Each command of trigger-cli in them, and the files that it is to leave behind."""
    document = read_yaml(folder / name)
    commands = [one for one in texts_in(document) if one.startswith("trigger-cli ")]
    assert len(commands) == 2
    changed = [] if "pre-commit" not in name else ["triggers/hanging-run.yaml"]
    for command in commands:
        given = changed if command.endswith("--quiet") else []
        done = run(*shlex.split(command)[1:], *given, cwd=folder)
        assert 0 == done.returncode, (command, done.stderr.decode())
    for report in (
        document.get("check-triggers", {}).get("artifacts", {}).get("reports", {}).values()
    ):
        assert (folder / report).stat().st_size


def test_a_trigger_that_is_wrong_ends_the_lines_for_ci(folder):
    """So that they hold something up."""
    trigger = folder / "triggers" / "hanging-run.yaml"
    trigger.write_text(trigger.read_text("utf-8").replace("within", "withn"), "utf-8")
    for name in CI:
        commands = [
            one for one in texts_in(read_yaml(folder / name)) if one.startswith("trigger-cli ")
        ]
        codes = [
            run(*shlex.split(one)[1:], *(["triggers"] if "--quiet" in one else []), cwd=folder)
            for one in commands
        ]
        assert all(one.returncode for one in codes), name


def is_taken(hook, name):
    """Whether pre-commit gives the file to the hook."""
    is_left_out = "exclude" in hook and re.search(hook["exclude"], name)
    return bool(re.search(hook["files"], name)) and not is_left_out


def test_the_hooks_take_the_files(folder):
    """By the patterns of pre-commit: the linter no test, and the tests both."""
    lint, test = read_yaml(folder / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    tests = ["tests/hanging-run.trigger-test.yaml", "triggers/hanging-run.trigger-test.yaml"]
    names = ["triggers/hanging-run.yaml", *tests]
    assert [names[:1], names] == [[x for x in names if is_taken(hook, x)] for hook in (lint, test)]
    (own,) = read_yaml(REPOSITORY / ".pre-commit-hooks.yaml")
    assert names[:1] == [one for one in names if is_taken(own, one)]


def test_nothing_is_written_over(folder):
    """A second time nothing is written at all."""
    (folder / ".gitlab-ci.yml").write_text("mine", "utf-8")
    done = run("init", cwd=folder)
    assert 0 == done.returncode
    assert done.stdout.startswith(b"Wrote 0 files to this folder\n")
    assert "mine" == (folder / ".gitlab-ci.yml").read_text("utf-8")


def test_it_names_what_to_try(tmp_path):
    """The commands reach into the folder; the last asks a server."""
    done = run("init", "new", cwd=tmp_path)
    lint, test, fetch = commands_in(done.stdout.decode())
    assert 0 == run(*lint, cwd=tmp_path).returncode
    assert 0 == run(*test, cwd=tmp_path).returncode
    assert "fetch" == fetch[0]


def test_it_has_every_kind_of_file():
    """A trigger, a test, and the lines of three kinds of CI."""
    names = set(starter())
    assert names >= CI
    rest = list(takewhile(bool, sorted(names - CI)))
    assert ["tests/hanging-run.trigger-test.yaml", "triggers/hanging-run.yaml"] == rest
