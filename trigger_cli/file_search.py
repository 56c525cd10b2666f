"""Searches folders for files; finds each file once, in spite of link cycles and at any depth."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from glob import escape, glob
from pathlib import Path

_ANY_DEPTH = "**"
_SLASH = os.sep
"""`Path` would drop a leading ``./`` and a trailing separator, which names must keep."""


def files_below(
    folder: str,
    enters: Callable[[str], bool] = lambda _name: True,
    on_error: Callable[[OSError], None] = lambda _error: None,
) -> list[str]:
    """The files in a folder at any depth, sorted; links to folders are not followed.

    Args:
        folder: Where to start.
        enters: Whether to search a folder with this name.
        on_error: Called for each folder that cannot be read.
    """
    found = []
    waiting = [folder]
    while waiting:  # not `os.walk`, which recurses before Python 3.12
        here = waiting.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    path = str(Path(here, entry.name))
                    if not entry.is_dir():
                        found.append(path)
                    elif enters(entry.name) and not entry.is_symlink():
                        waiting.append(path)
        except OSError as error:
            on_error(error)
    return sorted(found)


def files_matching(pattern: str) -> list[str]:
    """The files that a glob names, sorted; ``**`` matches any number of folders.

    If links lead to one folder in several ways, ``**`` finds it once. `glob` itself follows every
    way; two links to a parent folder are enough for billions.
    """
    return sorted({path for path in _matches(pattern) if not Path(path).is_dir()})


def _matches(pattern: str) -> Iterator[str]:
    # `Path.glob` accepts no absolute pattern and drops a leading `./`, which names must keep.
    before, found, behind = _split(pattern)
    if not found:
        yield from glob(pattern)  # noqa: PTH207
        return
    for start in glob(before) if before else [""]:  # noqa: PTH207
        for folder in _folders(start):
            yield from _matches(escape(folder) + (behind or "*"))


def _split(pattern: str) -> tuple[str, bool, str]:
    """The parts before and after the first ``**``, and whether there is one."""
    parts = pattern.split(_SLASH)
    if _ANY_DEPTH not in parts:
        return pattern, False, ""
    at = parts.index(_ANY_DEPTH)
    before = _SLASH.join([*parts[:at], ""])
    behind = parts[at + 1 :]
    while behind and behind[0] == _ANY_DEPTH:
        behind = behind[1:]
    return before, True, _SLASH.join(behind)


def _folders(start: str) -> Iterator[str]:
    """`start` and the folders below it, each once, with a trailing separator; no hidden ones."""
    seen: set[tuple[int, int]] = set()
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        try:
            status = os.stat(here or os.curdir)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(here or os.curdir) as entries:
                inside = sorted(
                    (entry.is_symlink(), entry.name)
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_dir()
                )
        except OSError:
            continue  # as in `glob`
        yield here
        waiting += [here + name + _SLASH for _, name in inside]
