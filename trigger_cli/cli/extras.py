"""The packages of the extras (``pyproject.toml``), which are not always installed."""

from importlib.util import find_spec
from typing import Final

from trigger_cli.cli.failures import USAGE, CommandError

EXTRAS: Final = {
    "textual": "debug",
    "httpx": "live",
    "websockets": "live",
    "distributed": "cluster",
    "fsspec": "cluster",
    "hcl2": "hcl",
}
"""The extra that installs a package, by the package's name."""


def missing_extra(error: ModuleNotFoundError) -> CommandError | None:
    """The error for a missing package; ``None`` if it belongs to no extra."""
    package = (error.name or "").partition(".")[0]
    return _missing(package) if package in EXTRAS else None


def require_extra(extra: str) -> None:
    """Stop before anything is asked for that only an extra can use.

    Raises:
        CommandError: A package of the extra is missing.
    """
    for package, of in EXTRAS.items():
        if of == extra and find_spec(package) is None:
            raise _missing(package)


def _missing(package: str) -> CommandError:
    return CommandError(
        f"this needs the package {package}, which is not installed",
        USAGE,
        f"pip install 'trigger-cli[{EXTRAS[package]}]'",
    )
