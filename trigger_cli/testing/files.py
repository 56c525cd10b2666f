"""Finds the test files that the paths of a command line name."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from trigger_cli.definitions.files import (
    TESTS,
    NamedFile,
    find_files,
    is_skipped,
    reason,
    unreadable,
)
from trigger_cli.file_search import files_below
from trigger_cli.model import Finding


def find_suites(paths: Sequence[str]) -> Iterator[NamedFile | Finding]:
    """The test files that `paths` name: files of any name, globs, and folders."""
    expanded: list[str] = []
    problems: list[Finding] = []

    def remember(error: OSError) -> None:
        problems.append(unreadable(str(error.filename), reason(error)))

    for path in paths:
        if not Path(path).is_dir():
            expanded.append(path)
            continue
        found = files_below(path, lambda name: not is_skipped(name), remember)
        suites = (file for file in found if file.endswith(TESTS))
        expanded += [file for file in suites if not Path(file).name.startswith(".")]
    yield from problems
    yield from find_files(expanded, with_tests=True)
