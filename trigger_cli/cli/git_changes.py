"""Which files a git branch changed: ``lint --changed``; and where a file lies in the repository.

Git runs in a separate process. It returns names as bytes that end in NUL, and gets commits by id,
so that the name of a file or a branch is never read as an option.
"""

import os
import subprocess
from pathlib import Path

from msgspec import Struct

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.definitions.files import STDIN

_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
# These options switch off settings of a repository that run programs or change paths.
_GIT = ("git", "--no-pager", "-c", "core.fsmonitor=false")
_DIFF = ("diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames")
_DIFF_MORE = ("--no-relative", "--ignore-submodules", "--diff-filter=d")


class Changes(Struct, frozen=True):
    """The files that differ from a commit, including those that git does not track yet."""

    base: str
    """The commit, as shown to the user."""
    paths: frozenset[str]
    """Paths as git stores them: links in folders are resolved, a file that is a link is not."""

    def has(self, file: str) -> bool:
        """Whether `file` is one of them; true for a missing file, so that its reader reports it."""
        try:
            folder, name = os.path.split(file)
            places = {str(Path(os.path.realpath(folder), name)), os.path.realpath(file)}
            return not os.path.lexists(file) or not places.isdisjoint(self.paths)
        except ValueError:  # no file can have this name
            return True


def from_repository(file: str) -> str:
    """A file's path from the root of the repository around the working directory, as CI names files.

    Unchanged if there is no repository, or the file lies outside of it.
    """
    here = Path.cwd()
    root = next((one for one in (here, *here.parents) if os.path.lexists(one / ".git")), None)
    path = Path(os.path.normpath(here / file))
    if root is None or file == STDIN or not path.is_relative_to(root):
        return file
    return path.relative_to(root).as_posix()


def changes_since(base: str | None) -> Changes:
    """The files that the current branch changed, including uncommitted changes.

    Args:
        base: A branch or another commit; changes count from the merge base with it. ``None``: the
            default branch.

    Raises:
        CommandError: There is no git, no repository, or no such commit.
    """
    top = Path(os.fsdecode(_answer(("rev-parse", "--show-toplevel")).removesuffix(b"\n")))
    name = _default_branch() if base is None else base
    commit = _commit(name)
    if commit is None:
        raise CommandError(
            f"git knows no commit {name!r}",
            USAGE,
            "name a branch, a tag or a commit; in CI, fetch it first",
        )
    merged = _ask(("merge-base", commit, "HEAD"))
    if merged.returncode:
        raise CommandError(
            f"git finds no commit that {name!r} and this branch have in common",
            USAGE,
            "a shallow clone lacks it: fetch more of the history",
        )
    parted = os.fsdecode(merged.stdout.strip())
    tracked = _answer((*_DIFF, *_DIFF_MORE, parted, "--"), top)
    fresh = _answer(("ls-files", "--others", "--exclude-standard", "-z"), top)
    names = [one for one in (tracked + fresh).split(b"\0") if one]
    real = Path(os.path.realpath(top))
    paths = frozenset(str(real / os.fsdecode(one)) for one in names)
    return Changes(f"{name} ({parted[:10]})", paths)


def _default_branch() -> str:
    """The remote's default branch, or a branch with one of the usual names."""
    found = next((one for one in _DEFAULT_BRANCHES if _commit(one) is not None), None)
    if found is None:
        raise CommandError(
            "git knows no default branch (main or master, of origin or here)",
            USAGE,
            "name what to compare with: --changed-since BRANCH",
        )
    return found


def _commit(name: str) -> str | None:
    """The id of the commit with that name."""
    done = _ask(("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))
    return None if done.returncode else os.fsdecode(done.stdout.strip())


def _answer(arguments: tuple[str, ...], folder: Path | None = None) -> bytes:
    done = _ask(arguments, folder)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise CommandError(
            f"git cannot tell what has changed: {said or f'exit code {done.returncode}'}",
            USAGE,
            "--changed works in the folder of a git repository",
        )
    return done.stdout


def _ask(
    arguments: tuple[str, ...], folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # a fixed program; names are ids or follow `--`
            [*_GIT, *arguments],
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(
            "--changed needs git, which was not found", USAGE, "install git"
        ) from None
    except OSError as error:
        raise CommandError(f"git cannot be run: {error.strerror or error}", USAGE) from None
