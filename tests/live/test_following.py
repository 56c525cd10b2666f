"""A growing file, read like ``tail -F``."""

import os
from contextlib import closing, suppress
from pathlib import Path

import pytest

from trigger_cli.live.following import FollowedFile


class OverError(Exception):
    """The test has seen enough."""


def followed(path: Path, *steps, notice=lambda _: None):
    """All that is read while `steps` happen, one each time the file has been read to its end."""
    left = list(steps)
    told = []

    def wait():
        if not left:
            raise OverError
        left.pop(0)()

    file = FollowedFile(path, wait, told.append, notice)
    text = b""
    with closing(file), suppress(OverError):
        while True:
            text += file.read(5)
    assert len(steps) + 1 == len(told)
    return text


def append(path, text):
    def step():
        with path.open("ab") as file:
            file.write(text)

    return step


def test_it_grows(tmp_path):
    """Half a line at a time."""
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    assert b"one\ntwo\n" == followed(path, append(path, b"o"), append(path, b"\n"))


def test_it_tells_whether_it_ends_within_a_line(tmp_path):
    """Whenever it has been read to its end."""
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    told = []

    def wait():
        if len(told) == 2:
            raise OverError
        append(path, b"o\n")()

    with (
        closing(FollowedFile(path, wait, told.append, lambda _: None)) as file,
        suppress(OverError),
    ):
        while True:
            file.read(5)
    assert [True, False] == told


def test_it_is_cut_short(tmp_path):
    """And filled anew: ``> log``."""
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\n")
    assert b"one\ntwo\n3\n" == followed(path, lambda: path.write_bytes(b"3\n"))


def test_a_pipe_is_never_cut_short():
    """It has no size, and its end is not the end: of a named one, another writer may open it."""
    reading, writing = os.pipe()
    os.write(writing, b"one\n")
    os.close(writing)
    told = []
    try:
        text = followed(Path(f"/dev/fd/{reading}"), lambda: None, notice=told.append)
    finally:
        os.close(reading)
    assert (b"one\n", []) == (text, told)


def test_another_takes_its_name(tmp_path):
    """What the old one broke off with does not run into the new one's first line."""
    path = tmp_path / "log"
    path.write_bytes(b"one\nbroken o")

    def rotate():
        path.rename(tmp_path / "log.1")
        path.write_bytes(b"new\n")

    assert b"one\nbroken o\nnew\n" == followed(path, rotate)


def test_a_last_line_before_the_change_of_names(tmp_path):
    """Written after the last look at the old file: it is not lost."""
    path = tmp_path / "log"
    path.write_bytes(b"one\n")

    def rotate():
        append(path, b"last\n")()
        path.rename(tmp_path / "log.1")
        path.write_bytes(b"new\n")

    assert b"one\nlast\nnew\n" == followed(path, rotate)


def test_it_is_away_for_a_while(tmp_path):
    """Or not there yet."""
    path = tmp_path / "log"
    assert b"one\ntwo\n" == followed(
        path,
        append(path, b"one\n"),
        path.unlink,
        append(path, b"two\n"),
    )


def test_it_is_cut_short_and_grows_beyond_what_was_read(tmp_path):
    """Between two looks: what stands there now is another text."""
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\n")
    told = []
    text = followed(path, lambda: path.write_bytes(b"1\n2\n3\n4\n5\n6\n"), notice=told.append)
    assert b"one\ntwo\n1\n2\n3\n4\n5\n6\n" == text
    assert ["was cut short and written anew; it is read from its beginning"] == told


def test_a_folder_takes_its_name(tmp_path):
    """There is nothing to wait for."""
    path = tmp_path / "log"
    path.write_bytes(b"one\n")

    def replace():
        path.unlink()
        path.mkdir()

    with pytest.raises(IsADirectoryError, match="a folder has taken its name"):
        followed(path, replace)


def test_a_line_without_its_end_is_told_once(tmp_path):
    """It may be that nobody will end it."""
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    told = []
    followed(path, *[lambda: None] * 50, append(path, b"o\n"), notice=told.append)
    assert ["ends with an incomplete line; waiting for the rest"] == told
