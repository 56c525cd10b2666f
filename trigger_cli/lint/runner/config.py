"""``[tool.trigger-cli]`` of ``pyproject.toml``, or ``trigger-cli.toml``: settings of the linter.

The nearest of these files in a definition's folder or above applies to it, as in ruff.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct, field

from trigger_cli.bounded_files import BadFileError, read_toml
from trigger_cli.definitions.wording import describe
from trigger_cli.dialects import dialects_in
from trigger_cli.lint.runner.selection import UnknownSelectorError, check_selectors
from trigger_cli.model import Severity
from trigger_cli.vocabulary import nearest

OWN_FILE = "trigger-cli.toml"
PYPROJECT = "pyproject.toml"
_LEVELS = get_args(Severity)
_KEYS = ("select", "ignore", "dialect", "fail-level", "per-file-ignores", "baseline")


class BadConfigError(ValueError):
    """The configuration is wrong; the message states the place and what was expected."""


class Config(Struct, frozen=True):
    """One configuration file, or none."""

    path: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    dialect: str | None = None
    fail_level: str | None = None
    baseline: Path | None = None
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def ignored_in(self, file: str) -> tuple[tuple[str, str], ...]:
        """The selectors that are ignored in one file, each with the setting that contains it."""
        found = [(selector, "ignore") for selector in self.ignore]
        for pattern, selectors in self.per_file_ignores.items():
            if self._names(pattern, file):
                found += [(one, f"per-file-ignores.{pattern}") for one in selectors]
        return tuple(found)

    def _names(self, pattern: str, file: str) -> bool:
        path = Path(file)
        if fnmatchcase(path.name, pattern):
            return True
        if self.path is None:
            return False
        try:
            relative = path.resolve().relative_to(self.path.parent)
        except (OSError, ValueError):
            return False
        return fnmatchcase(relative.as_posix(), pattern)


class Configs:
    """The configuration of each file; each configuration file is read once."""

    def __init__(self, only: Path | None) -> None:
        """Read only the file `only`, if it is given."""
        self._only = read_config(only) if only is not None else None
        self._of_folder: dict[Path, Config] = {}

    def of(self, file: str) -> Config:
        """The configuration for a definition file (``-``: for the working folder).

        Raises:
            BadConfigError: The configuration is wrong.
        """
        try:
            return self.here() if file == "-" else self.of_folder(Path(file).resolve().parent)
        except (OSError, RuntimeError):
            return Config()

    def here(self) -> Config:
        """The configuration for the working folder.

        Raises:
            BadConfigError: The configuration is wrong.
        """
        try:
            folder = Path.cwd()
        except OSError:  # it was deleted
            return self._only or Config()
        return self.of_folder(folder)

    def of_folder(self, folder: Path) -> Config:
        """The configuration for the files of a folder."""
        if self._only is not None:
            return self._only
        if folder not in self._of_folder:
            own = _in_folder(folder)
            above = folder.parent
            if own is None:
                own = Config() if above == folder else self.of_folder(above)
            self._of_folder[folder] = own
        return self._of_folder[folder]


def read_config(path: Path) -> Config:
    """Read one configuration file, named by the user.

    Raises:
        BadConfigError: The file cannot be read, or something in it is wrong.
    """
    return _config(path, _table(path, required=True) or {})


def _in_folder(folder: Path) -> Config | None:
    for name in (OWN_FILE, PYPROJECT):
        path = folder / name
        if path.is_file():
            table = _table(path, required=False)
            if table is not None:
                return _config(path, table)
    return None


def _table(path: Path, *, required: bool) -> dict[str, Any] | None:
    try:
        content = read_toml(path)
    except OSError as error:
        raise BadConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except BadFileError as error:
        raise BadConfigError(f"{path}: {error}") from None
    if path.name != PYPROJECT:
        return content
    tool = content.get("tool")
    table = tool.get("trigger-cli") if isinstance(tool, dict) else None
    if table is None and required:
        raise BadConfigError(f"{path}: there is no [tool.trigger-cli] in it")
    if table is not None and not isinstance(table, dict):
        raise BadConfigError(f"{path}: tool.trigger-cli: found {describe(table)}, expected a table")
    return table


def _config(path: Path, table: Mapping[str, Any]) -> Config:
    for key in table:
        if key not in _KEYS:
            near = nearest(key, _KEYS, likeness=0.6)
            hint = f"did you mean `{near}`?" if near else f"known keys: {', '.join(_KEYS)}"
            raise BadConfigError(f"{path}: unknown key `{key}`; {hint}")
    select, ignore = (_selectors(path, key, table.get(key, [])) for key in ("select", "ignore"))
    level = table.get("fail-level")
    if level is not None and level not in _LEVELS:
        expected = ", ".join(f'"{one}"' for one in _LEVELS)
        raise _wrong(path, "fail-level", repr(level), f"expected one of {expected}")
    dialect = table.get("dialect")
    if dialect is not None:
        try:
            dialects_in(str(dialect))
        except ValueError as error:
            raise _wrong(path, "dialect", repr(dialect), str(error)) from None
    ignores = table.get("per-file-ignores", {})
    if not isinstance(ignores, dict):
        expected = 'expected a table, "pattern" = ["TRG…"]'
        raise _wrong(path, "per-file-ignores", describe(ignores), expected)
    per_file_ignores = {
        pattern: _selectors(path, f"per-file-ignores.{pattern}", selectors)
        for pattern, selectors in ignores.items()
    }
    baseline = table.get("baseline")
    if baseline is not None and not isinstance(baseline, str):
        raise _wrong(path, "baseline", describe(baseline), "expected a file name")
    return Config(
        path.resolve(),
        select,
        ignore,
        dialect,
        level,
        path.parent / baseline if baseline is not None else None,
        per_file_ignores,
    )


def _wrong(path: Path, key: str, found: str, why: str) -> BadConfigError:
    return BadConfigError(f"{path}: `{key}`: found {found}, {why}")


def _selectors(path: Path, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        expected = "expected a list of codes, prefixes or names"
        raise _wrong(path, key, describe(value), expected)
    try:
        check_selectors(value)
    except UnknownSelectorError as error:
        raise BadConfigError(f"{path}: `{key}`: {error}") from None
    return tuple(value)
