"""The companion ``.NAME.fetch.json`` of a fetched file, which records the file's source."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from trigger_cli.bounded_files import read_small
from trigger_cli.whole_files import replacing

FORMAT: Final = "trigger-cli/fetch@1"


def companion_of(path: Path) -> Path:
    """The file that records the source of `path`."""
    return path.with_name(f".{path.name}.fetch.json")


def read_companion(path: Path) -> dict[str, Any] | None:
    """The record for `path`; ``None`` if there is none, or it cannot be read."""
    try:
        value = orjson.loads(read_small(companion_of(path)))
    except (OSError, ValueError):  # too large, or not JSON
        return None
    return value if isinstance(value, dict) and value.get("format") == FORMAT else None


def write_companion(path: Path, **facts: str | Mapping[str, Any] | None) -> None:
    """Record the source of `path`; facts that are ``None`` are left out.

    Raises:
        OSError: The companion cannot be written.
    """
    value = {"format": FORMAT, **{key: fact for key, fact in facts.items() if fact is not None}}
    with replacing(companion_of(path)) as file:
        file.write(orjson.dumps(value) + b"\n")
