"""What is known of a fetched file: ``.NAME.fetch.json`` beside it tells where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from trigger_cli.bounded_files import read_small
from trigger_cli.whole_files import replacing

FORMAT: Final = "trigger-cli/fetch@1"


def companion_of(path: Path) -> Path:
    """The file that tells where `path` came from."""
    return path.with_name(f".{path.name}.fetch.json")


def read_companion(path: Path) -> dict[str, Any] | None:
    """What is recorded of `path`; ``None`` where nothing is, or nothing that can be read."""
    try:
        value = orjson.loads(read_small(companion_of(path)))
    except (OSError, ValueError):  # too large, or no JSON
        return None
    return value if isinstance(value, dict) and value.get("format") == FORMAT else None


def write_companion(path: Path, **facts: str | Mapping[str, Any] | None) -> None:
    """Record where `path` came from; facts that are ``None`` are left out.

    Raises:
        OSError: It cannot be written.
    """
    value = {"format": FORMAT, **{key: fact for key, fact in facts.items() if fact is not None}}
    with replacing(companion_of(path)) as file:
        file.write(orjson.dumps(value) + b"\n")
