"""Folders are searched once each, whatever links there are."""

from glob import glob
from pathlib import Path

import pytest

from trigger_cli.file_search import files_below, files_matching


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Some folders, a hidden one, and a link to a folder elsewhere."""
    for name in (
        "a.json",
        "one/b.json",
        "one/two/c.json",
        ".hidden/d.json",
        "one/.e.json",
        "x/f.txt",
    ):
        path = tmp_path / "here" / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "g.json").touch()
    here = tmp_path / "here"
    (here / "tree" / "link").symlink_to(elsewhere)
    monkeypatch.chdir(here)
    return here


PATTERNS = (
    "tree/**/*.json", "./tree/**/*.json", "**/*.json", "tree/**", "tree/**/one/*", "**/two/**/*.json",
    "tree/*/*.json", "tree/**/**/c.json", "tree/?.json", "nothing/**/*.json", "tree/**/two",
    "tree/one/**/[bc].json",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_globs_always_meant(pattern, tree):
    """Without circles, the same as the standard library's `glob`, to the letter."""
    found = glob(pattern, recursive=True)  # noqa: PTH207  # it is what is compared
    expected = sorted({path for path in found if not Path(path).is_dir()})
    assert expected == files_matching(pattern)


def test_an_absolute_pattern(tree):
    """The names are absolute then."""
    assert [str(tree / "tree/one/two/c.json")] == files_matching(str(tree / "tree/**/c.json"))


def test_links_in_circles(tree):
    """Two links back would make a path of each choice between them, forty levels deep."""
    for name in ("p", "q"):
        (tree / "tree" / name).symlink_to(".")
        (tree / "tree" / "one" / name).symlink_to("..")
    assert files_matching("tree/**/c.json") == ["tree/one/two/c.json"]


def test_files_below_a_folder(tree):
    """Hidden ones too, unless their folder is not entered; links to folders are not followed."""
    assert files_below("tree") == [
        "tree/.hidden/d.json", "tree/a.json", "tree/one/.e.json", "tree/one/b.json",
        "tree/one/two/c.json", "tree/x/f.txt",
    ]  # fmt: skip
    assert files_below("tree", lambda name: name != "one") == [
        "tree/.hidden/d.json", "tree/a.json", "tree/x/f.txt",
    ]  # fmt: skip


def test_a_folder_that_is_not_there(tmp_path):
    """Whoever asks is told."""
    told = []
    assert files_below(str(tmp_path / "gone"), on_error=told.append) == []
    assert [type(one) for one in told] == [FileNotFoundError]
