"""Files that are complete, or as they were; what is replaced keeps all but its content."""

import os
import sys

import pytest

from trigger_cli import whole_files
from trigger_cli.whole_files import replacing

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="owners, modes and links of Unix")


def write(path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


@UNIX
def test_a_new_file_has_the_usual_mode(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "new", b"a")
    finally:
        os.umask(before)
    assert (0o640, b"a") == (
        (tmp_path / "new").stat().st_mode & 0o777,
        (tmp_path / "new").read_bytes(),
    )


@UNIX
def test_owner_mode_and_attributes_stay(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"old")
    if os.geteuid() == 0:
        os.chown(file, 1234, 2345)
    file.chmod(0o4751)
    has_attributes = hasattr(os, "setxattr")
    if has_attributes:
        try:
            os.setxattr(file, "user.note", b"mine")
        except OSError:  # this file system has none
            has_attributes = False
    before = file.stat()
    write(file, b"new content")
    after = file.stat()
    assert b"new content" == file.read_bytes()
    assert (before.st_uid, before.st_gid, before.st_mode) == (
        after.st_uid,
        after.st_gid,
        after.st_mode,
    )
    assert before.st_ino != after.st_ino
    if has_attributes:
        assert b"mine" == os.getxattr(file, "user.note")


@UNIX
def test_links_stay_links(tmp_path):
    """Hard ones too: such a file is written in place."""
    file, hard, soft = (tmp_path / name for name in ("file", "hard", "soft"))
    file.write_bytes(b"old and longer")
    hard.hardlink_to(file)
    soft.symlink_to("hard")
    write(soft, b"new")
    assert soft.is_symlink()
    assert hard.samefile(file)
    assert [b"new"] * 3 == [one.read_bytes() for one in (file, hard, soft)]
    assert {"file", "hard", "soft"} == {one.name for one in tmp_path.iterdir()}


@UNIX
def test_who_may_not_give_the_owner_writes_in_place(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_bytes(b"old")
    inode = file.stat().st_ino
    monkeypatch.setattr(whole_files, "_made_alike", lambda *_: False)
    write(file, b"new")
    assert (inode, b"new") == (file.stat().st_ino, file.read_bytes())


@UNIX
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_in_place_is_put_back(error, tmp_path, monkeypatch):
    file, hard = tmp_path / "file", tmp_path / "hard"
    file.write_bytes(b"old content")
    hard.hardlink_to(file)
    settle, calls = whole_files._settle, []

    def fails_third(stream):
        calls.append(stream)
        if len(calls) == 3:  # after the new file and the copy of the old
            raise error
        settle(stream)

    monkeypatch.setattr(whole_files, "_settle", fails_third)
    with pytest.raises(type(error)):
        write(file, b"new")
    assert b"old content" == hard.read_bytes()
    assert {"file", "hard"} == {one.name for one in tmp_path.iterdir()}


@UNIX
def test_what_cannot_even_be_put_back_is_kept_beside(tmp_path, monkeypatch):
    file, hard = tmp_path / "file", tmp_path / "hard"
    file.write_bytes(b"old content")
    hard.hardlink_to(file)
    settle, calls = whole_files._settle, []

    def fails_from_the_third_on(stream):
        calls.append(stream)
        if len(calls) >= 3:
            raise OSError(5, "Input/output error")
        settle(stream)

    monkeypatch.setattr(whole_files, "_settle", fails_from_the_third_on)
    with pytest.raises(OSError, match=r"Input/output error; what it held before is in .*\.kept"):
        write(file, b"new")
    (kept,) = tmp_path.glob(".file*.kept")
    assert b"old content" == kept.read_bytes()


def test_a_failure_of_the_caller_leaves_all_as_it_was(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def fail() -> None:
        with replacing(file) as stream:
            stream.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (b"old", ["file"]) == (file.read_bytes(), [one.name for one in tmp_path.iterdir()])
