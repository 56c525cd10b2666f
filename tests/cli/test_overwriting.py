"""`--output` and `--save` never write over what the command reads."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.cli.running import run
from tests.support import SAMPLES


@pytest.fixture
def folder(tmp_path):
    """A definition in a folder, and a log with a link to it of either kind."""
    (tmp_path / "triggers").mkdir()
    shutil.copy(SAMPLES / "triggers" / "09-threshold-within.json", tmp_path / "triggers" / "a.json")
    shutil.copy(SAMPLES / "nightly.events.jsonl", tmp_path / "log.jsonl")
    (tmp_path / "soft.jsonl").symlink_to(tmp_path / "log.jsonl")
    os.link(tmp_path / "log.jsonl", tmp_path / "hard.jsonl")
    return tmp_path


@pytest.mark.parametrize("command", ["replay", "explain", "audit", "sweep", "capture"])
@pytest.mark.parametrize("output", ["log.jsonl", "soft.jsonl", "hard.jsonl", "triggers/a.json"])
def test_a_file_that_is_read_stays(command, output, folder):
    """By device and inode; a folder is as good as the file in it."""
    before = (folder / output).read_bytes()
    done = run(
        command, folder / "triggers", "--log", folder / "log.jsonl", "--output", folder / output
    )
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"is read by this command, and would be written over" in done.stderr
    assert before == (folder / output).read_bytes()


def test_globs_and_pictures_are_seen_too(folder):
    """`--save` writes as `--output` does."""
    done = run(
        "replay",
        folder / "triggers" / "*.json",
        folder / "log.jsonl",
        *("--save", folder / "triggers" / "a.json"),
    )
    assert 2 == done.returncode
    done = run("events", folder / "l*.jsonl", "-o", folder / "log.jsonl")
    assert (2, True) == (done.returncode, b"is read by this command" in done.stderr)


def test_another_file_is_written(folder):
    """Also one that is there already, beside those that are read."""
    for _ in range(2):
        done = run("replay", folder / "triggers", folder / "log.jsonl", "-o", folder / "out.txt")
        assert 0 == done.returncode
    assert (folder / "out.txt").stat().st_size
