"""Finds and reads the files that the paths of a command line name."""

import os
import stat
from collections.abc import Iterator, Sequence
from glob import has_magic
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from trigger_cli.definitions.codes import UNREADABLE_FILE
from trigger_cli.file_search import files_below, files_matching
from trigger_cli.model import Finding, Span
from trigger_cli.same_file import identity_of, require_no_output

STDIN = "-"
SUFFIXES = (".json", ".yaml", ".yml")
"""Suffixes that a folder is searched for; Terraform and Python files must be named."""
TESTS = (".trigger-test.yaml", ".trigger-test.yml")
"""Suffixes of test files, which a folder may also contain: a search skips them."""
RUNS_TESTS = "`trigger-cli test` runs test files"
_SOURCES = (*SUFFIXES, ".jsonc", ".tf", ".tfvars", ".hcl", ".py")
"""Suffixes of sources: no output replaces one in a folder that is searched."""
MAX_BYTES = 8 * 1024 * 1024
"""The size limit. A larger file is probably an event log, given by mistake."""


class NamedFile(Struct, frozen=True):
    """A file to read, as the user named it, its folder or its glob."""

    file: str
    is_found: bool = False
    """Whether a search in a folder or a glob found it."""


def find_files(paths: Sequence[str], *, with_tests: bool = False) -> Iterator[NamedFile | Finding]:
    """The files that `paths` name, in order, each once; a finding for a path without files.

    Args:
        paths: Files, folders (searched at every depth for ``*.json``, ``*.yaml`` and ``*.yml``, in
            sorted order, without hidden folders and ``node_modules``), globs, or ``-``.
        with_tests: Whether files of tests are wanted: a folder then gives these alone, and a glob
            these too. Otherwise neither gives any.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path, with_tests=with_tests):
            if isinstance(found, Finding):
                yield found
                continue
            identity = _identity(found.file)
            if identity not in seen:
                seen.add(identity)
                yield found


def read_bytes(named: NamedFile, stdin: BinaryIO) -> bytes | Finding:
    """The contents of a file, or a finding if it cannot be read.

    Raises:
        InputIsOutputError: The file is an output of the running command.
    """
    if named.file == STDIN:
        if stdin.closed:
            return unreadable(STDIN, "standard input is closed")
        require_no_output(identity_of(stdin))
        content = stdin.read(MAX_BYTES + 1)
    else:
        try:
            mode = Path(named.file).stat().st_mode
            # A pipe is allowed: `lint <(prefect automation inspect …)` names one.
            if not (stat.S_ISREG(mode) or (stat.S_ISFIFO(mode) and not named.is_found)):
                return unreadable(named.file, "this is a device, expected a file")
            with Path(named.file).open("rb") as stream:
                require_no_output(identity_of(stream))
                content = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            return unreadable(named.file, reason(error))
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        return unreadable(
            named.file,
            f"the file is larger than {limit} MiB, expected trigger definitions",
            "an event log is given with --log",
        )
    return content


def unreadable(file: str, message: str, advice: str | None = None) -> Finding:
    """The finding for a file that cannot be read."""
    return UNREADABLE_FILE.finding(message, file, Span(1, 1, 1, 1), help=advice)


def _identity(file: str) -> str:
    try:
        return file if file == STDIN else os.path.realpath(file)
    except ValueError:
        return file  # no file can have this name; reading it reports that


def _expand(path: str, *, with_tests: bool) -> Iterator[NamedFile | Finding]:
    try:
        is_directory = Path(path).is_dir()
        exists = path == STDIN or os.path.lexists(path)
    except (OSError, ValueError) as error:
        yield unreadable(path, reason(error))
        return
    if is_directory:
        yield from _directory(path, with_tests=with_tests)
    elif exists or not has_magic(path):
        yield NamedFile(path)
    else:
        matching = files_matching(path)
        files = [file for file in matching if with_tests or not file.endswith(TESTS)]
        yield from (NamedFile(file, is_found=True) for file in files)
        if not matching:
            yield unreadable(path, "no file matches this pattern")
        elif not files:
            yield unreadable(path, "the pattern matches only test files", RUNS_TESTS)


def _directory(path: str, *, with_tests: bool) -> Iterator[NamedFile | Finding]:
    problems: list[Finding] = []

    def remember(error: OSError) -> None:
        problems.append(unreadable(str(error.filename or path), reason(error)))

    found = list(files_below(path, lambda name: not _is_skipped(name), remember))
    if with_tests:
        yield from problems
        suites = (one for one in found if one.endswith(TESTS))
        yield from (NamedFile(one) for one in suites if not Path(one).name.startswith("."))
        return
    files = [file for file in found if _defines(file)]
    for file in found:
        if file.lower().endswith(_SOURCES) and not _defines(file):
            require_no_output(identity_of(file), "is in a folder that this command reads")
    yield from problems
    yield from (NamedFile(file, is_found=True) for file in files)
    if files or problems:
        return
    if any(file.endswith(TESTS) for file in found):
        yield unreadable(path, "the folder holds only test files", RUNS_TESTS)
    else:
        yield unreadable(path, "the folder holds no *.json, *.yaml or *.yml file")


def _defines(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.endswith(TESTS)


def _is_skipped(folder: str) -> bool:
    """Whether a search skips folders of this name."""
    return folder.startswith(".") or folder == "node_modules"


def reason(error: Exception) -> str:
    """Why a file or folder cannot be read, in words."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return f"cannot be read: {error}"
