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
"""By the name of a package, the extra that brings it."""


def missing_extra(error: ModuleNotFoundError) -> CommandError | None:
    """What to tell of a package that is not there; ``None`` if no extra brings it."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return None
    return CommandError(
        f"this needs the package {package}, which is not installed",
        USAGE,
        f"pip install 'trigger-cli[{EXTRAS[package]}]'",
    )
