"""Speed and memory of what users do, beside what they might take instead.

    python benchmarks/run.py [--smoke] [--all] [--only PART] [--events N] [--runs N]

Without an option it shows one table: what users ask, on 1, 2 and all cores, beside DuckDB.

Each command runs in a process of its own; the commands of a table are interleaved, and medians
are shown. Ratios of one run tell more than numbers of two, and nothing here fails on a time:
numbers are for a person to read. (The smoke run checks only that every lane works; peers that
are not installed are said to be skipped.)
"""

import argparse
import compileall
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import lint
import peers
import scaling
import zstandard
from cases import CASES, write_case
from generate import write_keyed_log, write_log
from measuring import REPOSITORY, Lane, Measured, cores, interleaved, median
from prefect_engine import prefect_engine
from rich.console import Console
from rich.table import Table
from start_up import show_start_up

_KEYS = 100_000
_TOOL = [sys.executable, "-m", "trigger_cli"]


class Log(NamedTuple):
    """A log to replay."""

    path: Path
    events: int

    @property
    def bytes(self) -> int:
        """Its size, as stored."""
        return self.path.stat().st_size


class Bench(NamedTuple):
    """What all parts of the benchmark share."""

    console: Console
    folder: Path
    log: Log
    runs: int
    smoke: bool

    def lane(self, name: str, case: str, *options: str, log: Log | None = None) -> Lane:
        """A replay of one of the cases, as JSON."""
        log = log or self.log
        triggers = str(write_case(self.folder, case))
        return replay_lane(name, triggers, log.path, log.events, "--format", "json", *options)

    def show(self, title: str, lanes: Sequence[Lane]) -> dict[str, float]:
        """Measure lanes and show them; ratios are to the first. Returns events/s of each."""
        found = interleaved(lanes, self.runs)
        table = Table(title, "seconds", "events/s", "first is", "µs CPU/event", "MB/s", "peak MB")
        speeds = {
            lane.name: lane.events / median(one.seconds for one in found[lane.name])
            for lane in lanes
        }
        for lane in lanes:
            measured = found[lane.name]
            seconds = median(one.seconds for one in measured)
            cpu = median(one.cpu_seconds for one in measured)
            table.add_row(
                lane.name,
                f"{seconds:.2f}",
                f"{speeds[lane.name]:,.0f}",
                f"{speeds[lanes[0].name] / speeds[lane.name]:.2f}×",
                f"{cpu / lane.events * 1e6:.2f}",
                f"{lane.bytes / seconds / 1e6:.0f}",
                f"{max(one.peak_kib for one in measured) / 1024:.0f}",
            )
        self.console.print(table)
        return speeds


def replay_lane(name: str, triggers: str, log: Path, events: int, *options: str) -> Lane:
    """A replay of a log."""
    command = [*_TOOL, "replay", triggers, "--log", str(log)]
    return Lane(name, [*command, *options], events, log.stat().st_size)


def questions(bench: Bench) -> None:
    """What users ask, in one table: on 1, 2 and all cores, beside what answers a part of it."""
    log, short = bench.log, Log(bench.folder / "short.jsonl", bench.log.events // 9)
    write_log(short.path, short.events)
    one, ten = "1 automation", "recording's ten"
    found, absent = peers.commands(log.path)
    lanes = [
        _asked("one automation: replay", bench, log, "replay", one),
        *(
            Lane(f"one automation: {name}", found[name], log.events, log.bytes)
            for name in _PEERS
            if name in found
        ),
        _asked("my ten: replay", bench, log, "replay", ten),
        _asked("my ten: lint --log", bench, log, "lint", ten),
        _asked("my ten: diff of dialects", bench, log, "diff", ten, "--between", "dialects"),
        _asked("a thousand: replay", bench, log, "replay", "1,000 automations"),
        _asked("why one did not fire: explain", bench, log, "explain", one),
        _asked("why my ten did not fire: explain", bench, short, "explain", ten),
        Lane(
            "what is in the log: events",
            [*_TOOL, "events", str(log.path)],
            log.events,
            log.bytes,
        ),
        _asked("whether the server was right: audit", bench, short, "audit", ten),
    ]
    all_cores = len(os.sched_getaffinity(0))
    measured: list[dict[str, list[Measured]]] = []
    heads = []
    for number in sorted({1, min(2, all_cores), all_cores}):
        with cores(number):
            measured.append(interleaved(lanes, bench.runs))
        heads.append(f"{number} core{'s' * (number > 1)}: events/s")
    table = Table("question: what answers it", "events", *heads, "peak MB")
    for lane in lanes:
        runs = [each[lane.name] for each in measured]
        speeds = [lane.events / median(one.seconds for one in each) for each in runs]
        peak = max(one.peak_kib for each in runs for one in each) / 1024
        shown = [f"{speed:,.0f}" for speed in speeds]
        table.add_row(lane.name, f"{lane.events:,}", *shown, f"{peak:.0f}")
    bench.console.print(table)
    for name in absent:
        if name in _PEERS:
            bench.console.print(f"skipped, as it is not installed: {name}")


_PEERS = ("DuckDB, nested label", "DuckDB, name only")
"""They count the events that a selective automation matches; none of them knows a window."""


def _asked(name: str, bench: Bench, log: Log, command: str, case: str, *options: str) -> Lane:
    """A command on one of the cases, as a user types it."""
    triggers = str(write_case(bench.folder, case))
    words = [*_TOOL, command, triggers, "--log", str(log.path), *options]
    return Lane(name, words, log.events, log.bytes)


def selective(bench: Bench) -> None:
    """One selective trigger, beside what only filters."""
    compressed = bench.folder / "log.jsonl.zst"
    with bench.log.path.open("rb") as plain, compressed.open("wb") as packed:
        zstandard.ZstdCompressor().copy_stream(plain, packed)
    packed_log = Log(compressed, bench.log.events)
    lanes = [
        bench.lane("trigger-cli, 2 jobs", "1 automation", "--jobs", "2"),
        bench.lane("trigger-cli, 1 job", "1 automation", "--jobs", "1"),
        bench.lane("trigger-cli, zstd, 2 jobs", "1 automation", "--jobs", "2", log=packed_log),
        bench.lane("trigger-cli, zstd, 1 job", "1 automation", "--jobs", "1", log=packed_log),
    ]
    found, absent = peers.commands(bench.log.path)
    for name, command in found.items():
        lanes.append(Lane(name, command, bench.log.events, bench.log.bytes))
    bench.show("one selective trigger", lanes)
    for name in absent:
        bench.console.print(f"skipped, as it is not installed: {name}")


def many(bench: Bench) -> None:
    """Many automations cost little more than one."""
    cases = ("1 automation", "10 automations", "100 automations", "recording's ten")
    bench.show("automations, 2 jobs", [bench.lane(name, name, "--jobs", "2") for name in cases])


def keys(bench: Bench) -> None:
    """Many keys cost little more than one."""
    path = bench.folder / "keyed.jsonl"
    count = min(_KEYS, bench.log.events // 2)
    write_keyed_log(path, bench.log.events, count)
    log = Log(path, bench.log.events)
    bench.show(
        f"{count:,} keys, 2 jobs, every event counts",
        [
            bench.lane("one key", "no key", "--jobs", "2", log=log),
            bench.lane("for_each", "each run", "--jobs", "2", log=log),
            bench.lane("proactive, all open", "watch each run", "--jobs", "2", log=log),
        ],
    )


def everything(bench: Bench) -> None:
    """Every event is looked at, and every view."""
    case = "everything, one key"
    lanes = [
        bench.lane("everything matches, 1 job", case, "--jobs", "1"),
        bench.lane("everything matches, 2 jobs", case, "--jobs", "2"),
        bench.lane("for each resource, 1 job", "everything, each resource", "--jobs", "1"),
        bench.lane("composites, 2 jobs", "composites", "--jobs", "2"),
        bench.lane("metric, 2 jobs", "metric", "--jobs", "2"),
    ]
    triggers = str(write_case(bench.folder, "recording's ten"))
    log = bench.log
    lanes += [
        replay_lane(f"recording's ten, {view}", triggers, log.path, log.events, "--format", view)
        for view in ("json", "jsonl", "table")
    ]
    backwards = bench.folder / "newest-first.jsonl"
    lines = log.path.read_text("utf-8").splitlines(keepends=True)
    backwards.write_text("".join(reversed(lines)), "utf-8")
    newest_first = Log(backwards, log.events)
    lanes.append(bench.lane("recording's ten, newest first", "recording's ten", log=newest_first))
    bench.show("what matches more", lanes)


_BESIDE = {
    "replay": ("replay", "{triggers}", "{log}"),
    "explain": ("explain", "{triggers}", "{log}"),
    "diff of dialects": ("diff", "{triggers}", "--log", "{log}", "--between", "dialects"),
    "lint --log": ("lint", "{triggers}", "--log", "{log}"),
    "events": ("events", "{log}"),
    "replay --order received": ("replay", "{triggers}", "{log}", "--order", "received"),
    "audit": ("audit", "{triggers}", "{log}"),
    "capture, of 10 minutes": (
        "capture",
        "{triggers}",
        "{log}",
        "--automation",
        "{first}",
        "--until",
        "+10m",
    ),
}


def beside(bench: Bench) -> None:
    """The other commands beside `replay`, on logs of three lengths.

    Each cell: the time on the clock and that of all processors, as multiples of `replay`, and the
    peak memory, MB.
    """
    lengths = (bench.log.events // 9, bench.log.events // 3, bench.log.events)
    logs = []
    for events in lengths[:-1]:
        path = bench.folder / f"log-{events}.jsonl"
        write_log(path, events)
        logs.append(Log(path, events))
    logs.append(bench.log)
    for case in ("1 automation", "recording's ten"):
        table = Table(case, *(f"{log.events:,}: ×, CPU ×, MB" for log in logs))
        columns = [_times_of_replay(bench, case, log) for log in logs]
        for name in columns[0]:
            table.add_row(name, *(column[name] for column in columns))
        bench.console.print(table)


def _times_of_replay(bench: Bench, case: str, log: Log) -> dict[str, str]:
    """Of each command: its cell in the table of `beside`."""
    triggers, first = write_case(bench.folder, case), CASES[case][0]["name"]
    lanes = []
    for name, words in _BESIDE.items():
        arguments = [word.format(triggers=triggers, log=log.path, first=first) for word in words]
        lanes.append(Lane(name, [*_TOOL, *arguments], log.events, log.bytes))
    found = interleaved(lanes, bench.runs)
    clock = {name: median(one.seconds for one in runs) for name, runs in found.items()}
    cpu = {name: median(one.cpu_seconds for one in runs) for name, runs in found.items()}
    return {
        name: f"{clock[name] / clock['replay']:.1f}  {cpu[name] / cpu['replay']:.1f}"
        f"  {max(one.peak_kib for one in runs) / 1024:.0f}"
        for name, runs in found.items()
    }


def prefect(bench: Bench) -> None:
    """Prefect's own engine, on the same automations and events."""
    theirs = None if bench.smoke else prefect_engine(2_000)
    if theirs is None:
        bench.console.print("skipped, as its environment is not there: Prefect's own engine")
        return
    lane = bench.lane("trigger-cli", "recording's ten", "--dialect", "server")
    speed = bench.show("the recording's ten automations, server dialect", [lane])["trigger-cli"]
    slow = theirs.events / theirs.prefect_seconds
    bench.console.print(
        f"Prefect's engine: {theirs.events:,} events, {theirs.prefect_firings} firings,"
        f" {slow:.0f} events/s; ours is {speed / slow:,.0f}× as fast;"
        f" same firings: {'yes' if theirs.same else 'NO'}"
    )


def start_up(bench: Bench) -> None:
    """How long until a command answers."""
    ten = bench.folder / "ten.jsonl"
    write_log(ten, 10)
    show_start_up(bench.console, bench.folder, ten, bench.runs)


def growth(bench: Bench) -> None:
    """What an event costs on a short and on a long log, side by side."""
    large, small = bench.log.events // 3, bench.log.events // 30
    table = Table("µs an event", f"{small:,}", f"{large:,}", "ratio")
    for name, cost in scaling.CASES.items():
        pairs = [(cost(small), cost(large)) for _ in range(bench.runs)]
        low, high = median(p[0] for p in pairs), median(p[1] for p in pairs)
        table.add_row(name, f"{low:.1f}", f"{high:.1f}", f"{high / low:.2f}")
    bench.console.print(table)


def linting(bench: Bench) -> None:
    """Lint of many files."""
    lint.main(min(bench.log.events // 100, 1_000), bench.runs)


PARTS: dict[str, Callable[[Bench], None]] = {
    "questions": questions,
    "selective": selective,
    "many": many,
    "keys": keys,
    "everything": everything,
    "beside": beside,
    "prefect": prefect,
    "start-up": start_up,
    "growth": growth,
    "lint": linting,
}


def main() -> None:
    """Run all parts, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small and once: does it work?")
    parser.add_argument("--all", action="store_true", help="every part")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, repeatable")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=300_000)
    chosen = parser.parse_args()
    events, runs = (2_000, 1) if chosen.smoke else (chosen.events, chosen.runs)
    # As pip does when it installs a package; here Python may have been told to write no bytecode.
    compileall.compile_dir(REPOSITORY / "trigger_cli", quiet=1)
    console = Console(width=None if sys.stdout.isatty() else 110)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log.jsonl"
        write_log(log, events)
        bench = Bench(console, folder, Log(log, events), runs, chosen.smoke)
        parts = chosen.only or (PARTS if chosen.smoke or chosen.all else ("questions",))
        for part in parts:
            PARTS[part](bench)


if __name__ == "__main__":
    main()
