"""How long it takes until a command answers, beside Python doing nothing."""

import sys
from pathlib import Path

from cases import write_case
from measuring import Lane, interleaved, median
from rich.console import Console
from rich.table import Table

_LIBRARIES = "import typer, rich.console, rich.table"


def show_start_up(console: Console, folder: Path, ten_events: Path, runs: int) -> None:
    """Medians in ms, and as multiples of ``python -c pass``."""
    triggers = str(write_case(folder, "1 automation"))
    program = [sys.executable, "-m", "trigger_cli"]
    replay = [*program, "replay", triggers, str(ten_events)]
    lanes = [
        Lane("python -c pass", [sys.executable, "-c", "pass"], 1, 0),
        # What no command can go below: the libraries that it is written with.
        Lane("import of typer and rich", [sys.executable, "-c", _LIBRARIES], 1, 0),
        Lane("--help", [*program, "--help"], 1, 0),
        Lane("replay ten events, json", [*replay, "--format", "json"], 1, 0),
        Lane("replay ten events, table", replay, 1, 0),
        Lane("replay ten events, --width 80", [*replay, "--width", "80"], 1, 0),
        Lane("lint", [*program, "lint", triggers], 1, 0),
    ]
    found = interleaved(lanes, runs * 3)
    least = median(one.seconds for one in found["python -c pass"])
    table = Table("start-up", "ms", "of python -c pass")
    for name, measured in found.items():
        seconds = median(one.seconds for one in measured)
        table.add_row(name, f"{seconds * 1e3:.0f}", f"{seconds / least:.1f}×")
    console.print(table)
