"""What each stage of a replay on a cluster costs, on one core and without a cluster.

    python benchmarks/cluster.py [EVENTS] [--smoke]

A cluster adds workers to two of the three: matching, and evaluating. What stays with the one
process that was started is the limit, so its cost an event tells how far a cluster goes.
"""

import argparse
import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases import CASES
from generate import write_log
from rich.console import Console
from rich.table import Table

from trigger_cli.cluster.storage import Address
from trigger_cli.cluster.tasks import Part, match_part
from trigger_cli.definitions import load_text
from trigger_cli.dialects import DOCS
from trigger_cli.events.scan import unpack_scanned
from trigger_cli.parallel.replay import ParallelReplay
from trigger_cli.pipeline import ReplayOptions, ReplayRun, replayed
from trigger_cli.read.garbage_collection import seldom_collecting
from trigger_cli.read.log import Log
from trigger_cli.read.reading import Reading

_T = TypeVar("_T")
_SHOWN = ("1 automation", "recording's ten", "everything, each resource")


class _Inline:
    """A cluster of one worker, in this process, that knows how long it has worked."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def count(self) -> int:
        return 1

    def ask(self, function: Callable[..., _T], *arguments: Any) -> _T:
        done, seconds = _timed(partial(function, *arguments))
        self.seconds += seconds
        return done

    def result(self, answer: _T) -> _T:
        return answer


class _Matched:
    """Has the parts of a log that was matched before."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts

    def in_order(self, tasks):
        del tasks
        return ((0, unpack_scanned(part)) for part in self._parts)


def main() -> None:
    """Match a log, put it in order, evaluate the triggers; each alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=200_000)
    parser.add_argument("--smoke", action="store_true", help="few events: does it work?")
    chosen = parser.parse_args()
    events = 2_000 if chosen.smoke else chosen.events
    table = Table("µs CPU/event", "match", "here", "evaluate", "bytes/event", "looked at")
    with tempfile.TemporaryDirectory() as folder, seldom_collecting():
        log = Path(folder) / "log.jsonl"
        write_log(log, events)
        for case in _SHOWN:
            table.add_row(case, *costs(log, events, case))
    Console(width=None if sys.stdout.isatty() else 100).print(table)


def costs(log: Path, events: int, case: str) -> list[str]:
    """What each stage costs, for the automations of a case."""
    automations = load_text(json.dumps(CASES[case]), file="case.json").automations
    sides = replace(replayed(automations, DOCS), only_shown=True)
    reading = Reading(sides, "occurred", with_received=False)
    packed, size = pickle.dumps(reading), log.stat().st_size
    step = 32 * 1024 * 1024
    parts, matched = _timed(
        lambda: [
            scanned
            for begin in range(0, size, step)
            for scanned in match_part(
                Part(Address(None, str(log)), begin, min(begin + step, size)), packed
            )
        ]
    )
    worker = _Inline()
    records = Log([str(log)], reading).in_rows(_Matched(parts))
    run = ReplayRun(
        automations,
        records,
        ReplayOptions(),
        with_buckets=False,
        compare_dialects=False,
        firings_only=True,
        make_replay=partial(ParallelReplay, helpers=worker, page_rows=1_000),
    )

    def drive() -> None:
        for _ in run:
            pass

    _, driven = _timed(drive)
    each = (matched, driven - worker.seconds, worker.seconds)
    per_event = [f"{seconds / events * 1e6:.2f}" for seconds in each]
    received = sum(map(len, parts)) / events
    return [*per_event, f"{received:.0f}", f"{run.report().log.matched / events:.0%}"]


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    begun = time.process_time()
    done = work()
    return done, time.process_time() - begun


if __name__ == "__main__":
    main()
