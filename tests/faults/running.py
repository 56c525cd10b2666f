"""Inputs that once had a wrong answer, by letter, and the commands that are run on them."""

import json
from pathlib import Path
from typing import Any

from tests.cli.running import run

FAULTS = Path(__file__).parent


def inputs(letter: str) -> tuple[Path, Path]:
    """The definition and the log of a fault."""
    return FAULTS / f"{letter}.json", FAULTS / f"{letter}.jsonl"


def replayed(*arguments: Any) -> dict[str, Any]:
    """What ``replay --format json`` answers."""
    return json.loads(run("replay", *arguments, "--format", "json").stdout)


def swept(*arguments: Any) -> int:
    """How often ``sweep`` says that the definition fires as it is."""
    done = run("sweep", *arguments, "--threshold", "1", "--format", "json")
    return json.loads(done.stdout)["cells"][0]["firings"]


def firing_times(*arguments: Any) -> list[tuple[str, str]]:
    """Each firing's automation, and its time of day."""
    return [(one["automation"], one["at"][11:19]) for one in replayed(*arguments)["firings"]]
