"""Files in the package: the engine's rules, the samples, and a starter folder.

An installed package has all of them beside the code. In a checkout, files from elsewhere in the
repository are read there, so that there is one copy (``pyproject.toml``, force-include).
"""

from pathlib import Path
from typing import Final

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent

SAMPLES: Final = (
    "triggers",
    "tests",
    "upgrade",
    "nightly.events.jsonl",
    "recording.automations.json",
    "recording.events.jsonl",
    "failing.trigger-test.yaml",
)
"""The parts of ``sample_events`` that are shipped."""


def shipped(name: str, in_repository: str) -> Path:
    """The path of a file or folder of the package: beside the code, else in the repository."""
    beside = _PACKAGE / name
    return beside if beside.exists() else _REPOSITORY / in_repository


def samples() -> dict[str, Path]:
    """The sample triggers, tests and logs, by their names in ``sample_events``."""
    return _files(shipped("samples", "sample_events"), SAMPLES)


def starter() -> dict[str, Path]:
    """A trigger, its test and a CI configuration, by their names in a repository."""
    return _files(_PACKAGE / "starter", (".",))


def _files(root: Path, names: tuple[str, ...]) -> dict[str, Path]:
    found = (
        path
        for name in names
        for path in ([root / name] if (root / name).is_file() else sorted((root / name).rglob("*")))
        if path.is_file()
    )
    return {path.relative_to(root).as_posix(): path for path in found}
