"""Each operation on files of each command that writes some, failing in turn: nothing is half done."""

import errno
import os
import sys
import threading

import pytest

from tests.cli.running import run
from tests.cli.test_fetch import listening, recent
from tests.hazards.failing_disk import FailingDisk
from tests.limits import LONGEST
from tests.server.fakes import FakeServer
from tests.support import SAMPLES, read_log

TRIGGER = SAMPLES / "triggers" / "09-threshold-within.json"
LOG = "log.jsonl"
EVENTS = (SAMPLES / "nightly.events.jsonl").read_text("utf-8").splitlines(keepends=True)[:60]
SPOILT = '{"type": "event", "expect": ["a",], "posture": "Reactive"}\n'
MENDED = '{"type": "event", "expect": ["a"], "posture": "Reactive"}\n'
# By name: the command, the file that it writes, and what the file held before.
COMMANDS = {
    "replay --output": (["replay", TRIGGER, LOG, "--output", "out"], "out", "before\n"),
    "replay, JSON": (["replay", TRIGGER, LOG, "--format", "json", "-o", "out"], "out", None),
    "replay --save": (["replay", TRIGGER, LOG, "--save", "out.svg"], "out.svg", "before\n"),
    "capture": (["capture", TRIGGER, LOG, "--output", "out"], "out", "before\n"),
    "lint --fix": (["lint", "out.json", "--fix"], "out.json", SPOILT),
}
CASES = [
    (name, linked)
    for name, case in COMMANDS.items()
    for linked in (False, True)
    if case[2] or not linked
]
CODES = {"a full disk": (errno.ENOSPC, True), "a broken disk": (errno.EIO, False)}


def files(folder):
    """The files of a folder and what they hold."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def prepared(folder, written, before, *, linked):
    folder.mkdir()
    (folder / LOG).write_text("".join(EVENTS), "utf-8")
    if before is not None:
        (folder / written).write_text(before)
    if linked:
        (folder / "hard").hardlink_to(folder / written)
    return files(folder)


def test_other_threads_are_left_alone(tmp_path):
    """Of those that were there before, nothing is counted and nothing fails."""
    begin, done = threading.Event(), threading.Event()

    def other():
        begin.wait(LONGEST)
        (tmp_path / "other").write_text("whole")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    disk = FailingDisk(1, errno.EIO)
    with disk.mounted():
        begin.set()
        assert done.wait(LONGEST)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            (tmp_path / "mine").write_text("none")
    thread.join(LONGEST)
    assert "whole" == (tmp_path / "other").read_text()
    assert ["write"] == disk.failed


@pytest.mark.skipif(sys.platform == "win32", reason="hard links of Unix")
@pytest.mark.parametrize(("name", "linked"), CASES, ids=str)
@pytest.mark.parametrize("kind", CODES)
def test_a_file_is_whole_or_as_it_was(name, linked, kind, tmp_path, monkeypatch):
    """And the user is told, and nothing is left beside it."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    command, written, before = COMMANDS[name]
    prepared(tmp_path / "sound", written, before, linked=linked)
    sound = FailingDisk()
    with sound.mounted():
        expected = run(*command, cwd=tmp_path / "sound")
    whole = files(tmp_path / "sound")
    assert sound.operations >= 4  # written, synced, named
    assert linked == ("hard" in whole)
    code, lasting = CODES[kind]
    for n in range(1, sound.operations + 1):
        folder = tmp_path / str(n)
        as_it_was = prepared(folder, written, before, linked=linked)
        disk = FailingDisk(n, code, lasting=lasting)
        with disk.mounted():
            done = run(*command, cwd=folder)
        said = done.stderr.decode()
        found = files(folder)
        assert disk.failed, n
        assert "Traceback" not in said
        assert "bug" not in said
        kept = {one for one in found if one.endswith(".kept")}
        if done.returncode == expected.returncode:
            assert whole == found, (n, disk.failed)  # it was managed otherwise
            continue
        assert 2 == done.returncode
        assert f"error: cannot write {written}: {os.strerror(code)}" in said, (n, disk.failed)
        if kept:  # not even its former content could be written: it stands beside, and is told
            assert (linked, lasting) == (True, True)
            (former,) = kept
            assert former in said
            assert as_it_was[written] == found[former]
        else:
            assert as_it_was == found, (n, disk.failed)


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("name", ["e.jsonl", "e.jsonl.zst"])
def test_fetch_goes_on_where_it_failed(name, kind, tmp_path):
    """What a failed fetch leaves is read, and another one completes it."""
    server = FakeServer([recent(number) for number in range(9)], page_size=4)
    with listening(server) as url:
        environment = {"PREFECT_API_URL": url, "PREFECT_HOME": str(tmp_path)}

        def fetch(folder):
            return run("fetch", "-o", name, "--patience", "0", cwd=folder, **environment)

        (tmp_path / "sound").mkdir()
        sound = FailingDisk()
        with sound.mounted():
            assert 0 == fetch(tmp_path / "sound").returncode
        code, lasting = CODES[kind]
        for n in range(1, sound.operations + 1):
            folder = tmp_path / str(n)
            folder.mkdir()
            disk = FailingDisk(n, code, lasting=lasting)
            with disk.mounted():
                done = fetch(folder)
            said = done.stderr.decode()
            assert "Traceback" not in said
            assert "bug" not in said
            if done.returncode:
                assert os.strerror(code) in said
            assert 0 == fetch(folder).returncode
            assert [f"id-{number}" for number in range(9)] == [
                one.id for one in read_log(folder / name, order="log")
            ]
            assert {name, f".{name}.fetch.json"} == set(files(folder))
