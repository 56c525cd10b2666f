"""What a release needs: a version that the changelog tells, and complete metadata."""

import re
import tomllib
from datetime import date

from tests.support import REPOSITORY
from trigger_cli import __version__

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_changelog_tells_of_the_version():
    """Its newest section with a date is this version's."""
    text = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    sections = re.findall(r"^## (?:Unreleased|(\S+) – (\S+))$", text, re.MULTILINE)
    released = [one for one in sections if one[0]]
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == len(sections)
    assert sections.index(released[0]) <= 1
    assert __version__ == released[0][0]
    assert all(date.fromisoformat(day) for _, day in released)


def test_the_metadata():
    """Who wrote it, that it is typed, and every Python that it runs on."""
    assert all(one["name"] for one in PROJECT["authors"])
    assert "Typing :: Typed" in PROJECT["classifiers"]
    for minor in (11, 12, 13, 14):
        assert f"Programming Language :: Python :: 3.{minor}" in PROJECT["classifiers"]
    assert any("tzdata" in one and "win32" in one for one in PROJECT["dependencies"])
