"""``trigger-cli demo``: the samples, wherever the package is installed, and commands that work on them."""

import re
import shlex

import pytest

from tests.cli.running import run
from tests.support import SAMPLES


def commands_in(text: str) -> list[list[str]]:
    """The command lines that an output tells to try."""
    return [
        shlex.split(one, comments=True)
        for one in re.findall(r"^  trigger-cli (.+)$", text, re.MULTILINE)
    ]


@pytest.mark.parametrize("folder", ["sample_events", "my samples/of the night"])
def test_the_commands_that_it_names_work(folder, tmp_path):
    """Word for word, in the folder where it ran."""
    done = run("demo", *([] if folder == "sample_events" else [folder]), cwd=tmp_path)
    assert (0, b"") == (done.returncode, done.stderr)
    commands = commands_in(done.stdout.decode())
    assert 3 == len(commands)
    for words in commands:
        tried = run(*words, cwd=tmp_path)
        assert 0 == tried.returncode, tried.stderr.decode()
        assert tried.stdout


def test_the_samples_are_those_of_the_repository(tmp_path):
    """Byte for byte."""
    run("demo", tmp_path)
    written = {one.relative_to(tmp_path): one.read_bytes() for one in tmp_path.rglob("*.*")}
    assert len(written) > 20
    assert written == {name: (SAMPLES / name).read_bytes() for name in written}


def test_nothing_is_written_over(tmp_path):
    """What is there stays, and is told."""
    mine = tmp_path / "triggers" / "09-threshold-within.json"
    mine.parent.mkdir()
    mine.write_text("mine", "utf-8")
    done = run("demo", tmp_path)
    assert 0 == done.returncode
    assert b"Already there: 1 file: triggers/09-threshold-within.json" in done.stdout
    assert "mine" == mine.read_text("utf-8")
    again = run("demo", tmp_path)
    assert b"Wrote 0 files" in again.stdout


def test_a_folder_that_cannot_be(tmp_path):
    """A file has its name, or a folder the name of a sample."""
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "odd" / "nightly.events.jsonl").mkdir(parents=True)
    for folder in ("file", "file/below", "odd"):
        done = run("demo", tmp_path / folder)
        assert (2, b"") == (done.returncode, done.stdout), folder
        assert done.stderr.startswith(b"error: cannot write "), folder
        assert b"Traceback" not in done.stderr
