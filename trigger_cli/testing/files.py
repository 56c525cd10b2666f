"""The test files that the paths on a command line name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from trigger_cli.definitions.files import TESTS, NamedFile, find_files
from trigger_cli.model import Finding


def find_suites(paths: Sequence[str]) -> Iterator[NamedFile | Finding]:
    """The test files that `paths` name: files of any name, globs, and what folders hold."""
    yield from find_files(_expanded(paths))


def _expanded(paths: Sequence[str]) -> list[str]:
    expanded: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            expanded.append(path)
            continue
        files = sorted(str(file) for file in Path(path).rglob("*") if _is_suite(file, path))
        expanded += files
    return expanded


def _is_suite(file: Path, folder: str) -> bool:
    inside = file.relative_to(folder).parts
    hidden = any(part.startswith(".") or part == "node_modules" for part in inside)
    return not hidden and file.name.endswith(TESTS) and file.is_file()
