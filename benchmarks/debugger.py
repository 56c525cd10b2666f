"""``trigger-cli debug`` on a long log: ``python benchmarks/debugger.py [--events N] [--log LOG]``.

How long it takes to open, what it keeps in memory, and what a key costs: in the core, and in the
whole app at 160×50 (which draws every pane anew).
"""

import argparse
import asyncio
import gc
import resource
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from generate import write_log

from trigger_cli.debugger.app.app import Debugger
from trigger_cli.debugger.breakpoints import parse_breakpoint
from trigger_cli.debugger.edits import definitions_of
from trigger_cli.debugger.goto import find, go_to
from trigger_cli.debugger.position import at_record, at_stop, step_event, step_within
from trigger_cli.debugger.recorder import record
from trigger_cli.debugger.selection import EVERYTHING
from trigger_cli.debugger.session import Given, Session
from trigger_cli.debugger.views.change_pane import change_lines
from trigger_cli.debugger.views.event_pane import event_parts
from trigger_cli.definitions import load
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log import Log
from trigger_cli.read.log_range import with_labels
from trigger_cli.read.reading import AllLabels, Reading

AUTOMATIONS = (
    Path(__file__).resolve().parent.parent / "sample_events" / "recording.automations.json"
)


def timed(name: str, work: Callable[[], object], runs: int = 1) -> object:
    """Do it, and print how long it took: the median, and the longest."""
    taken = []
    result: object = None
    for _ in range(runs):
        began = perf_counter()
        result = work()
        taken.append(perf_counter() - began)
    longest = f"  longest {show(max(taken))}" if runs > 1 else ""
    print(f"{name:<44} {show(statistics.median(taken)):>10}{longest}")
    return result


def show(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"


def open_log(log: Path) -> Session:
    definitions = load([str(AUTOMATIONS)])
    records = with_labels(Log([str(log)], Reading(AllLabels(), "occurred")))
    options = ReplayOptions()
    recording = record(definitions.automations, records, options)
    gc.collect()
    gc.freeze()  # as the command does
    return Session(
        recording,
        options,
        definitions_of(definitions.automations, definitions.documents),
        Given([str(AUTOMATIONS)], [str(log)]),
    )


def measure_core(session: Session) -> None:
    recording, index = session.recording, session.index
    last = at_stop(recording, recording.stops - 1)
    session.position = last
    timed("step one event back", lambda: step_event(recording, last, -1), 1000)
    timed(
        "step one transition back",
        lambda: step_within(recording, index.records(EVERYTHING), last, forward=False),
        1000,
    )
    timed(
        "jump to the last firing",
        lambda: step_within(recording, index.firings(EVERYTHING), last, forward=False),
        1000,
    )
    timed("go to a time", lambda: go_to(recording, "-12h", last, session.zone), 1000)
    session.position = at_record(
        recording, recording.root_firings[len(recording.root_firings) // 2]
    )
    timed("tell what the event did", lambda: list(event_parts(session, 80)), 100)
    timed("tell what happened, with the chain", lambda: change_lines(session), 100)
    session.position = at_stop(recording, 0)
    timed(
        "search to the end for what is not there",
        lambda: find(recording, "no such text", session.position, forward=True),
    )
    one = parse_breakpoint("event prefect.flow-run.Fail*")
    timed("set a breakpoint on an event pattern", lambda: session.hits(one))
    session.toggle(one)
    timed("run to the next breakpoint", lambda: session.next_hit(forward=True), 1000)


async def measure_app(session: Session) -> None:
    app = Debugger(session)
    began = perf_counter()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        print(f"{'the first screen':<44} {show(perf_counter() - began):>10}")
        for name, key in (
            ("a key that does nothing (the driver's own)", "f12"),
            ("key: to the end", "greater_than_sign"),
            ("key: one event back", "left"),
            ("key: one transition back", "left_square_bracket"),
            ("key: the previous firing", "F"),
            ("key: zoom in", "plus"),
        ):
            taken = []
            for _ in range(1 if "end" in name else 10):
                began = perf_counter()
                await pilot.press(key)
                await pilot.pause()
                taken.append(perf_counter() - began)
            print(f"{name:<44} {show(statistics.median(taken)):>10}  longest {show(max(taken))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--log", type=Path, help="a log that is there already")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = chosen.log or Path(folder) / "log.jsonl"
        if chosen.log is None:
            write_log(log, chosen.events)
        session = timed("open", lambda: open_log(log))
    assert isinstance(session, Session)
    recording = session.recording
    packed = sum(map(len, recording.events._blocks))  # noqa: SLF001
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(recording.events):,} events, {recording.records:,} records,"
        f" {len(recording.lanes):,} buckets, {len(recording.root_firings):,} firings;"
        f" peak {peak:,.0f} MB, of which events {packed / 1e6:,.0f} MB"
    )
    measure_core(session)
    asyncio.run(measure_app(session))
    timed("replay in the other dialect", session.replay_other)
    timed("edit a field, and replay", lambda: session.edit(0, "$", "within = 5m"))


if __name__ == "__main__":
    main()
