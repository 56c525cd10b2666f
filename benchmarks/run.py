"""Time and memory of what users do: ``python benchmarks/run.py [--smoke]``.

Each command runs in a process of its own, so its peak memory is its own; lanes are interleaved
and the median of several runs is shown. What must not grow is shown as a ratio of the cost per
event on a long log to that on a short one, measured in the same run. Nothing here fails on a
time: numbers are for a person to read. (The smoke run checks only that every lane works.)
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import lint
import scaling
from generate import write_log
from rich.console import Console
from rich.table import Table

SAMPLES = Path(__file__).resolve().parent.parent / "sample_events"
AUTOMATIONS = SAMPLES / "recording.automations.json"

# Runs the command line and tells its peak memory. The kernel's `ru_maxrss` will not do: a child
# inherits its parent's.
_MEASURED = """
import sys
from trigger_cli.cli import main
try:
    main(sys.argv[1:])
finally:
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(f"peak {peak}", file=sys.stderr)
"""


class Lane(NamedTuple):
    """One command to measure."""

    name: str
    arguments: list[str]
    events: int
    bytes: int


class Measured(NamedTuple):
    """One run of a lane."""

    seconds: float
    peak_kib: int


def measure(lane: Lane) -> Measured:
    """Run a lane once."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *lane.arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
        text=True,
    )
    seconds = time.perf_counter() - begun
    return Measured(seconds, int(done.stderr.rsplit("peak ", 1)[1]))


def replay_lanes(folder: Path, events: int) -> list[Lane]:
    """A log of `events` events through the recording's ten automations, in each format."""
    log = folder / "log.jsonl"
    write_log(log, events)
    newest_first = folder / "newest-first.jsonl"
    newest_first.write_text("".join(reversed(log.read_text("utf-8").splitlines(keepends=True))))
    size = log.stat().st_size
    common = ["replay", str(AUTOMATIONS), "--dialect", "server", "--log"]
    lanes = [
        Lane(f"replay --format {name}", [*common, str(log), "--format", name], events, size)
        for name in ("table", "json", "jsonl")
    ]
    backwards = [*common, str(newest_first), "--format", "json"]
    return [*lanes, Lane("replay, newest first", backwards, events, size)]


def show_lanes(console: Console, lanes: Sequence[Lane], runs: int) -> None:
    """Measure the lanes, interleaved, and show the medians."""
    found: dict[str, list[Measured]] = {lane.name: [] for lane in lanes}
    for _ in range(runs):
        for lane in lanes:
            found[lane.name].append(measure(lane))
    table = Table("command", "events", "seconds", "events/s", "MB/s", "peak MB")
    for lane in lanes:
        seconds = statistics.median(one.seconds for one in found[lane.name])
        peak = max(one.peak_kib for one in found[lane.name]) / 1024
        table.add_row(
            lane.name,
            f"{lane.events:,}",
            f"{seconds:.2f}",
            f"{lane.events / seconds:,.0f}",
            f"{lane.bytes / seconds / 1e6:.0f}",
            f"{peak:.0f}",
        )
    console.print(table)


def show_scaling(console: Console, small: int, large: int, runs: int) -> None:
    """What an event costs on a short and on a long log, side by side."""
    table = Table("µs an event", f"{small:,}", f"{large:,}", "ratio")
    for name, cost in scaling.CASES.items():
        low, high = _interleaved(cost, small, large, runs)
        table.add_row(name, f"{low:.1f}", f"{high:.1f}", f"{high / low:.2f}")
    console.print(table)


def _interleaved(
    cost: Callable[[int], float], small: int, large: int, runs: int
) -> tuple[float, float]:
    pairs = [(cost(small), cost(large)) for _ in range(runs)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def main() -> None:
    """Run all lanes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small and once: does it work?")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=100_000)
    chosen = parser.parse_args()
    events, runs = (2_000, 1) if chosen.smoke else (chosen.events, chosen.runs)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        show_lanes(console, replay_lanes(Path(folder), events), runs)
    show_scaling(console, events // 10, events, runs)
    lint.main(min(events // 100, 1_000), runs)


if __name__ == "__main__":
    main()
