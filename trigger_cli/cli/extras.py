"""The packages of the extras (``pyproject.toml``), which are not always installed."""

from __future__ import annotations

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
    if package not in EXTRAS:
        return None
    return CommandError(
        f"this needs the package {package}, which is not installed",
        USAGE,
        f"pip install 'trigger-cli[{EXTRAS[package]}]'",
    )
