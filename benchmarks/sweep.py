"""What a sweep costs beside separate replays: ``python benchmarks/sweep.py [--events N]``.

A grid of 10 × 10 over one log, each command in a process of its own, interleaved. A hundred
separate replays would cost 100; the sweep must stay below 10.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases import RECORDING as AUTOMATIONS
from generate import write_log
from measuring import Lane, measure
from rich.console import Console
from rich.table import Table

CASES = ("two-completed-in-60", "per-flow-two-completed-in-120", "stuck-running", "every event")
PROGRAM = [sys.executable, "-m", "trigger_cli"]
EVERY_EVENT = {"posture": "Reactive", "threshold": 2, "within": 60}
GRID = ["--threshold", "1..10", "--within", "12,24,36,48,60,90,120,180,240,300"]


def trigger_file(folder: Path, case: str) -> Path:
    """The definition of one case, in a file of its own."""
    automations = json.loads(AUTOMATIONS.read_text("utf-8"))
    named = {one["name"]: one for one in automations}
    path = folder / "trigger.json"
    path.write_text(json.dumps(named.get(case, EVERY_EVENT)), "utf-8")
    return path


def main() -> None:
    """Measure every case, and show the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small and once: does it work?")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--events", type=int, default=100_000)
    chosen = parser.parse_args()
    events, runs = (2_000, 1) if chosen.smoke else (chosen.events, chosen.runs)
    table = Table("trigger", "one replay", "sweep of 10 × 10", "in replays", "peak MB")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log.jsonl"
        write_log(log, events)
        for case in CASES:
            trigger = str(trigger_file(folder, case))
            common = ["--log", str(log), "--format", "json", "--quiet"]
            replay = Lane("replay", [*PROGRAM, "replay", trigger, *common], events, 0)
            sweep = Lane("sweep", [*PROGRAM, "sweep", trigger, *GRID, *common], events, 0)
            pairs = [(measure(replay), measure(sweep)) for _ in range(runs)]
            one = statistics.median(first.seconds for first, _ in pairs)
            grid = statistics.median(second.seconds for _, second in pairs)
            peak = max(second.peak_kib for _, second in pairs) / 1024
            table.add_row(case, f"{one:.2f} s", f"{grid:.2f} s", f"{grid / one:.1f}", f"{peak:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
