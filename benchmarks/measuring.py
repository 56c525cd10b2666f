"""How long a command takes, on the clock and of the processors, and how much memory."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
_SAMPLE_SECONDS = 0.02


class Lane(NamedTuple):
    """One command to measure."""

    name: str
    command: list[str]
    events: int
    bytes: int
    stdin: str | None = None
    """A file to read from standard input."""


class Measured(NamedTuple):
    """One run of a lane."""

    seconds: float
    cpu_seconds: float
    """Of all its processes together."""
    peak_kib: int
    """The most that its processes had resident together, as sampled."""


def measure(lane: Lane) -> Measured:
    """Run a lane once, with all of its processes."""
    with open(lane.stdin or os.devnull, "rb") as stdin:  # noqa: PTH123
        return measure_command(lane.command, stdin)


def measure_command(command: Sequence[str], stdin: IO[bytes] | int | None = None) -> Measured:
    """Run a command once.

    Raises:
        RuntimeError: it failed.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    ended = threading.Event()
    peak = [0]

    def sample() -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            peak[0] = max(peak[0], resident_kib(process.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    ended.set()
    sampler.join()
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:  # lint exits with 1 where it finds something
        raise RuntimeError(f"{command[:6]} failed: {said.decode(errors='replace')[-800:]}")
    # The kernel's own `ru_maxrss` will not do but at need: a child inherits its parent's.
    return Measured(seconds, usage.ru_utime + usage.ru_stime, peak[0] or usage.ru_maxrss)


def resident_kib(root: int) -> int:
    """The resident memory of a process and all below it, KiB; what they share counts once."""
    total = 0
    for pid in _tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        try:
            found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            continue
    return found


@contextmanager
def cores(number: int) -> Iterator[None]:
    """Start commands on so many cores only; each sees no more."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def interleaved(lanes: Sequence[Lane], runs: int) -> dict[str, list[Measured]]:
    """Each lane's runs; one of each after the other, so that all see the same disturbances."""
    found: dict[str, list[Measured]] = {lane.name: [] for lane in lanes}
    for lane in lanes[:1]:
        measure(lane)  # the log gets into memory
    for _ in range(runs):
        for lane in lanes:
            found[lane.name].append(measure(lane))
    return found


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)
