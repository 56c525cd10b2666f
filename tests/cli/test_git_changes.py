"""``lint --changed``: files that a git branch changed, whatever they are called."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.limits import LONGEST

EMPTY = '{"type": "event", "posture": "Reactive", "expect": []}\n'
GIT = shutil.which("git")

pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")


def test_reports_for_ci_name_files_from_the_repositorys_root(tmp_path):
    """In whatever folder the command runs; of files outside and without a repository, as given."""
    below = tmp_path / "repository" / "below"
    below.mkdir(parents=True)
    (below / "a.json").write_text(EMPTY)
    (below / "a.trigger-test.yaml").write_text("tests: [{name: x, triggers: a.json}]\n")
    (tmp_path / "b.json").write_text(EMPTY)

    def told(form, file="a.json"):
        return run("lint", file, "--format", form, "--exit-zero", cwd=below).stdout.decode()

    def tested():
        return run("test", "a.trigger-test.yaml", "--format", "github", cwd=below).stdout.decode()

    assert "file=a.json" in told("github")
    git(tmp_path / "repository", "init", "--quiet")
    assert "file=below/a.json" in told("github", "./a.json")
    assert "file=below/a.json" in told("github", str(below / "a.json"))
    assert "file=../../b.json" in told("github", "../../b.json")
    assert "below/a.json" == json.loads(told("gitlab"))[0]["location"]["path"]
    (result, *_) = json.loads(told("sarif"))["runs"][0]["results"]
    (location,) = result["locations"]
    assert "below/a.json" == location["physicalLocation"]["artifactLocation"]["uri"]
    assert "a.json" == json.loads(told("json"))["findings"][0]["file"]
    assert "file=below/a.trigger-test.yaml" in tested()


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody without settings of their own."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    who = {
        f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        [str(GIT), *arguments],
        cwd=folder,
        env={**own, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST,
    )
    return done.stdout


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    """A hook's environment names its own repository."""
    for name in [one for one in os.environ if one.startswith("GIT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Main has `a.json` and `b.json`; the branch changes one and adds another."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name in ("a.json", "b.json"):
        (folder / name).write_text(EMPTY)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=first")
    git(folder, "checkout", "--quiet", "-b", "topic")
    (folder / "b.json").write_text(EMPTY + "\n")
    (folder / "below").mkdir()
    (folder / "below" / "c.json").write_text(EMPTY)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=second")
    return folder


def linted(folder: Path, *arguments: str, path: str = ".") -> list[str]:
    """The files that were linted, all of which have findings."""
    done = run("lint", path, *arguments, "--format", "json", cwd=folder)
    assert done.returncode in {0, 1}, done.stderr
    return sorted({one["file"] for one in json.loads(done.stdout)["findings"]})


def test_only_what_the_branch_changed(repository):
    """Against the default branch, or any commit; what is not committed counts as well."""
    assert linted(repository, "--changed") == ["b.json", "below/c.json"]
    assert linted(repository, "--changed-since", "topic") == []
    assert linted(repository, "--changed-since", "HEAD~1") == ["b.json", "below/c.json"]
    (repository / "a.json").write_text(EMPTY + "\n\n")
    (repository / "new.json").write_text(EMPTY)
    (repository / ".gitignore").write_text("hidden.json\n")
    (repository / "hidden.json").write_text(EMPTY)
    assert linted(repository, "--changed-since", "topic") == ["a.json", "new.json"]


def test_what_the_base_changed_since_is_not_counted(repository):
    """The branches are compared where they parted."""
    git(repository, "checkout", "--quiet", "main")
    (repository / "a.json").write_text(EMPTY + "\n\n")
    git(repository, "commit", "--quiet", "--all", "--message=on main")
    git(repository, "checkout", "--quiet", "topic")
    assert linted(repository, "--changed") == ["b.json", "below/c.json"]


def test_paths_are_the_users(repository):
    """From a folder below, with a link, with a deleted file, whatever the repository is set to."""
    git(repository, "config", "diff.relative", "true")
    assert linted(repository / "below", "--changed", path="..") == ["../b.json", "../below/c.json"]
    (repository / "link.json").symlink_to("a.json")
    (repository / "b.json").unlink()
    assert linted(repository, "--changed", path="*.json") == []
    done = run("lint", "b.json", "--changed", cwd=repository)
    assert (done.returncode, b"there is no such file" in done.stdout) == (2, True)


def test_names_are_data(repository):
    """Blanks, newlines, quotes, options and bytes that are no text."""
    names = [
        b"-z.json",
        b"a b.json",
        b"new\nline.json",
        b'"q".json',
        "ü.json".encode(),
        b"\xff.json",
    ]
    for name in names:
        (repository / os.fsdecode(name)).write_text(EMPTY)
    done = run("lint", ".", "--changed", "--format", "json", cwd=repository)
    assert json.loads(done.stdout)["files"] == len(names) + 2


@pytest.mark.parametrize("base", ["none", "--output=stolen", "-h", "HEAD:a.json", "", "\x1b[31m"])
def test_an_unknown_base_is_an_error(repository, base):
    """Nothing that stands for one is an option of git, or reaches the terminal."""
    done = run("lint", ".", f"--changed-since={base}", cwd=repository)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"git knows no commit" in done.stderr
    assert b"\x1b" not in done.stderr
    assert not (repository / "stolen").exists()


def test_branches_without_a_common_commit(repository):
    """Or a clone that lacks it."""
    git(repository, "checkout", "--quiet", "--orphan", "other")
    git(repository, "commit", "--quiet", "--message=alone")
    done = run("lint", ".", "--changed", cwd=repository)
    assert done.returncode == 2
    assert b"git finds no commit that 'main' and this branch have in common" in done.stderr


def test_no_default_branch(repository):
    """What to compare with must be named."""
    git(repository, "branch", "--quiet", "-m", "main", "trunk")
    done = run("lint", ".", "--changed", cwd=repository)
    assert done.returncode == 2
    assert b"--changed-since BRANCH" in done.stderr
    assert linted(repository, "--changed-since", "trunk") == ["b.json", "below/c.json"]


def test_no_repository(tmp_path, monkeypatch):
    """Git's own words, and where it works."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = run("lint", ".", "--changed", cwd=tmp_path)
    assert done.returncode == 2
    assert b"not a git repository" in done.stderr
    assert b"in the folder of a git repository" in done.stderr


def test_no_git(repository):
    """It is told, and how to mend it."""
    done = run("lint", ".", "--changed", cwd=repository, PATH="")
    assert done.returncode == 2
    assert b"--changed needs git, which was not found" in done.stderr


def test_stdin_has_not_changed(repository):
    """Git knows nothing of it."""
    done = run("lint", "-", "--changed", cwd=repository, stdin=EMPTY.encode())
    assert (done.returncode, done.stdout) == (2, b"")
