"""What a sweep costs beside separate replays: ``python benchmarks/sweep.py [--events N]``.

A grid of 10 × 10 over one log, each command in a process of its own, interleaved. A hundred
separate replays would cost 100; the sweep must stay below 10.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases import RECORDING as AUTOMATIONS
from generate import write_log
from measuring import Lane, measure
from rich.console import Console
from rich.table import Table

PROGRAM = [sys.executable, "-m", "trigger_cli"]
WINDOWS = "12,24,36,48,60,90,120,180,240,300"
TENTHS = ",".join(f"0.{n}" for n in range(10))
BOTH = ["--threshold", "1..10", "--within", WINDOWS]
FIRST_CHILD = ["--set", "/triggers/0/threshold=1..10", "--within", WINDOWS]
_COMPLETED = {"posture": "Reactive", "expect": ["prefect.flow-run.Completed"]}
_RUNNING = {"posture": "Reactive", "expect": ["prefect.flow-run.Running"]}


class Case(NamedTuple):
    """A trigger and what of it is varied, ten values each."""

    grid: list[str]
    trigger: dict[str, Any] | None = None
    """``None``: the recording's automation of that name."""
    dialect: str = "docs"


CASES = {
    "two-completed-in-60": Case(BOTH),
    "per-flow-two-completed-in-120": Case(BOTH),
    "every event": Case(BOTH, {"posture": "Reactive"}),
    "stuck-running": Case(BOTH),
    "stuck-running, server": Case(BOTH, None, "server"),
    "absence, every event": Case(BOTH, {"posture": "Proactive"}),
    "heartbeats of each run": Case(
        BOTH,
        {
            "posture": "Proactive",
            "after": ["prefect.flow-run.*"],
            "for_each": ["prefect.resource.id"],
        },
    ),
    "compound": Case(
        FIRST_CHILD, {"type": "compound", "require": "all", "triggers": [_RUNNING, _COMPLETED]}
    ),
    "sequence": Case(FIRST_CHILD, {"type": "sequence", "triggers": [_RUNNING, _COMPLETED]}),
    "a sequence's child": Case(
        ["--set", "/triggers/1/threshold=1..10", "--set", f"/triggers/1/within={WINDOWS}"],
        {"type": "sequence", "within": 120, "triggers": [_RUNNING, _COMPLETED]},
    ),
    "metric, by range": Case(
        ["--set", "/metric/threshold=1..10", "--set", f"/metric/range={WINDOWS}"],
        {"type": "metric", "metric": {"name": "duration", "operator": ">", "threshold": 1}},
    ),
    "metric, by firing_for": Case(
        ["--set", f"/metric/threshold={TENTHS}", "--set", f"/metric/firing_for={WINDOWS}"],
        {"type": "metric", "metric": {"name": "successes", "operator": "<", "threshold": 1}},
    ),
}

# One of each kind.
SMOKE = ("two-completed-in-60", "stuck-running, server", "compound", "metric, by range")


def trigger_file(folder: Path, name: str) -> Path:
    """The definition of one case, in a file of its own."""
    trigger: Any = CASES[name].trigger
    if trigger is None:
        automations = json.loads(AUTOMATIONS.read_text("utf-8"))
        own = name.partition(",")[0]
        trigger = next(one for one in automations if one["name"] == own)
    path = folder / "trigger.json"
    path.write_text(json.dumps(trigger), "utf-8")
    return path


def main() -> None:
    """Measure every case, and show the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="few, small, once: does it work?")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--events", type=int, default=100_000)
    chosen = parser.parse_args()
    events, runs = (2_000, 1) if chosen.smoke else (chosen.events, chosen.runs)
    table = Table("trigger", "one replay", "sweep of 10 × 10", "in replays", "peak MB")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        log = folder / "log.jsonl"
        write_log(log, events)
        for name in SMOKE if chosen.smoke else CASES:
            case = CASES[name]
            trigger = str(trigger_file(folder, name))
            common = ["--log", str(log), "--dialect", case.dialect, "--format", "json", "--quiet"]
            replay = Lane("replay", [*PROGRAM, "replay", trigger, *common], events, 0)
            sweep = Lane("sweep", [*PROGRAM, "sweep", trigger, *case.grid, *common], events, 0)
            pairs = [(measure(replay), measure(sweep)) for _ in range(runs)]
            one = statistics.median(first.seconds for first, _ in pairs)
            grid = statistics.median(second.seconds for _, second in pairs)
            peak = max(second.peak_kib for _, second in pairs) / 1024
            table.add_row(name, f"{one:.2f} s", f"{grid:.2f} s", f"{grid / one:.1f}", f"{peak:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
