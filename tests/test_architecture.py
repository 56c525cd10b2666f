"""Who may import whom: the table in the README's architecture section, held."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support import REPOSITORY

PACKAGE = REPOSITORY / "trigger_cli"

# For each part, the other parts of trigger_cli that it may import. `*`: any.
MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"cli", "front_page"},
    "front_page": {"__version__"},
    "model": set(),
    "moments": set(),
    "small_files": set(),
    "folders": set(),
    "dialect": set(),
    "semantics": set(),
    "definitions": {"model", "moments", "folders"},
    "events": {"model", "moments", "folders"},
    "matching": {"model", "dialect"},
    "engine": {"model", "moments", "matching", "dialect"},
    "parallel": {"model", "dialect", "engine", "events"},
    "cluster": {"model", "dialect", "matching", "engine", "events", "parallel"},
    "views": {"model", "moments", "dialect", "engine"},
    "report": {"model", "views"},
    "read": {"model", "moments"},
    "pipeline": {"model", "moments", "dialect", "engine", "read", "report"},
    # Log-based rules are handed what a replay showed (`lint/facts.py` gathers it).
    "lint": {
        "definitions",
        "model",
        "moments",
        "dialect",
        "matching",
        "engine",
        "pipeline",
        "report",
        "small_files",
    },
    "why_not": {"model", "dialect", "matching", "engine"},
    "explain": {
        "model",
        "moments",
        "dialect",
        "matching",
        "why_not",
        "engine",
        "views",
        "pipeline",
        "read",
        "report",
    },
    # Of `explain` and `why_not`, render takes the records alone.
    "history": {
        "definitions",
        "model",
        "moments",
        "dialect",
        "matching",
        "engine",
        "views",
        "pipeline",
        "read",
        "why_not",
        "explain",
    },
    "testing": {
        "definitions",
        "folders",
        "model",
        "moments",
        "dialect",
        "matching",
        "why_not",
        "engine",
        "views",
        "pipeline",
        "read",
        "explain",
    },
    "debugger": {
        "definitions",
        "model",
        "moments",
        "dialect",
        "matching",
        "why_not",
        "engine",
        "views",
        "report",
        "pipeline",
        "render",
    },
    "server": {"model", "moments", "small_files", "events"},
    "live": {"model", "moments", "dialect", "engine", "views"},
    "render": {
        "model",
        "moments",
        "dialect",
        "views",
        "report",
        "explain",
        "why_not",
        "history",
        "testing",
    },
    "cli": {"*"},
}
# Third-party packages, by the part that may use them; the core needs none.
LIBRARIES = {
    "server": {"httpx", "websockets", "orjson", "zstandard"},
    "definitions": {"msgspec", "pydantic", "pydantic_core", "lark", "ruamel"},
    "events": {"orjson", "msgspec", "zstandard"},
    "cluster": {"distributed", "fsspec"},
    "render": {"rich", "orjson"},
    # Its core packs events with zstandard; Textual stays in its `app/` (tests/debugger holds that).
    "debugger": {"rich", "textual", "zstandard"},
    "cli": {"typer", "rich"},
}
STANDARD_ONLY = set(MAY_IMPORT) - set(LIBRARIES)
# What would make a replay depend on more than its input (T2), or print where only cli/ may.
FORBIDDEN_MODULES = {"random", "time", "secrets"}
FORBIDDEN_CALLS = {"print", "input"}
FORBIDDEN_METHODS = {"now", "utcnow", "today"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            if node.module == "trigger_cli":
                found.update(f"trigger_cli.{alias.name}" for alias in node.names)
            else:
                found.add(node.module)
    return found


def test_every_part_has_its_row():
    """A new part must say what it may import."""
    assert set(MAY_IMPORT) == {part_of(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    """No part imports what its row does not name."""
    part = part_of(path)
    allowed = MAY_IMPORT[part]
    for name in imports_of(path):
        root, _, rest = name.partition(".")
        if root == "trigger_cli":
            target = rest.partition(".")[0]
            is_own = target in {part, "__version__"}
            assert is_own or "*" in allowed or target in allowed, f"{part} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_where_they_belong(path):
    """The core uses the standard library alone."""
    import sys

    part = part_of(path)
    for name in imports_of(path):
        root = name.partition(".")[0]
        if root != "trigger_cli" and root not in sys.stdlib_module_names:
            assert root in LIBRARIES.get(part, set()), f"{part} must not import {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if part_of(path) not in {"cli", "__main__"}],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_nothing_outside_the_command_line_prints_or_reads_the_clock(path):
    """Data in, records out (T2)."""
    assert not FORBIDDEN_MODULES & {name.partition(".")[0] for name in imports_of(path)}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                assert function.id not in FORBIDDEN_CALLS, f"{path}:{node.lineno}"
            elif isinstance(function, ast.Attribute) and function.attr in FORBIDDEN_METHODS:
                raise AssertionError(f"{path}:{node.lineno} reads the clock")
