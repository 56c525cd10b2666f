"""Tests of ``definitions/files.py``."""

import io
import os

import pytest

from trigger_cli.definitions import files
from trigger_cli.definitions.files import NamedFile, find_files, read_bytes
from trigger_cli.model import Finding


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with definition files at several depths."""
    monkeypatch.chdir(tmp_path)
    names = ["b.yaml", "a.json", "c.txt", "sub/d.YML", ".git/e.json", "node_modules/f.json"]
    for name in names:
        path = tmp_path / "defs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return tmp_path


def named(*paths):
    return [found if isinstance(found, Finding) else found.file for found in find_files(paths)]


def messages(*paths):
    return [
        (found.file, found.code, found.message)
        for found in find_files(paths)
        if isinstance(found, Finding)
    ]


def unread(path):
    finding = read_bytes(NamedFile(str(path)), io.BytesIO())
    assert isinstance(finding, Finding)
    return finding.code, finding.message


def test_folders(folder):
    """A folder means its JSON and YAML files at every depth, sorted, hidden ones left out."""
    assert ["defs/a.json", "defs/b.yaml", "defs/sub/d.YML"] == named("defs")


def test_globs(folder):
    """A glob means the files that match it, ``**`` at every depth."""
    assert ["defs/a.json"] == named("defs/*.json")
    assert ["defs/sub/d.YML"] == named("defs/**/*.YML")


def test_named_files_are_taken_as_they_are(folder):
    """A file that is named is read whatever its suffix."""
    assert ["defs/c.txt", "-"] == named("defs/c.txt", "-")


def test_a_file_is_read_once(folder):
    """However often and by whatever way a file is named, it is read once."""
    (folder / "link.json").symlink_to("defs/a.json")

    assert ["defs/a.json", "defs/b.yaml", "defs/sub/d.YML", "-"] == named(
        "defs/a.json", "./defs/a.json", "link.json", "defs", "defs/*.json", "-", "-"
    )


def test_a_name_with_glob_characters(folder):
    """A file that exists under exactly this name is no pattern."""
    (folder / "x[1].json").write_text("{}")

    assert ["x[1].json"] == named("x[1].json")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("*.toml", "no file matches this pattern"),
        ("empty", "the folder holds no *.json, *.yaml or *.yml file"),
        ("a\0b", "cannot be read: "),
    ],
)
def test_paths_that_name_nothing(folder, path, message):
    """A path that names no file is an error, not silence."""
    (folder / "empty").mkdir()
    found = list(find_files([path]))
    if not isinstance(found[0], Finding):
        found = [read_bytes(found[0], io.BytesIO())]

    assert [("TRG107", True)] == [
        (finding.code, finding.message.startswith(message)) for finding in found
    ]


def test_missing_files(tmp_path):
    """A missing file is said to be missing."""
    assert ("TRG107", "there is no such file or folder") == unread(tmp_path / "x.json")


def test_symlink_loops(tmp_path):
    """A link to itself is an error of its file."""
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)

    assert "TRG107" == unread(loop)[0]
    assert [str(loop)] == named(str(loop))


def test_devices():
    """A device is not read: it may never end."""
    assert ("TRG107", "this is a device, expected a file") == unread("/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_forbidden_files(tmp_path):
    """A file that may not be read is an error of that file."""
    path = tmp_path / "x.json"
    path.touch(mode=0)

    assert ("TRG107", "cannot be read: permission denied") == unread(path)


def test_large_files(tmp_path, monkeypatch):
    """A file far larger than any definition is not read to its end."""
    monkeypatch.setattr(files, "MAX_BYTES", 1024 * 1024)
    path = tmp_path / "x.json"
    path.write_bytes(b" " * (1024 * 1024 + 1))

    expected = "the file is larger than 1 MiB, expected trigger definitions"
    assert ("TRG107", expected) == unread(path)


def test_pipes_and_standard_input(tmp_path):
    """A pipe can be named, as the shell does for ``<(command)``, and ``-`` is the input."""
    reading, writing = os.pipe()
    os.write(writing, b"{}")
    os.close(writing)

    assert b"{}" == read_bytes(NamedFile(f"/dev/fd/{reading}"), io.BytesIO())
    assert b"[]" == read_bytes(NamedFile("-"), io.BytesIO(b"[]"))
    os.close(reading)
