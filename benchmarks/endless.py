"""A log of any length through a pipe, and how much memory it takes to replay it.

    python benchmarks/endless.py [EVENTS] [--order log|occurred] [--shuffled] [--smoke]

The log is generated as it goes (ten million events are 14 GB) and never stands on a disk; what
must be sorted goes to a temporary file. Prints samples of the memory, and the speed, of which the
generator has its part. Exits 1 if the replay fails.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cases import write_case
from generate import templates
from measuring import REPOSITORY, resident_kib

SAMPLES = 12


def main() -> None:
    """Generate, replay, and watch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--order", default="occurred")
    parser.add_argument("--case", default="1 automation")
    parser.add_argument("--shuffled", action="store_true", help="rounds in no order")
    parser.add_argument("--smoke", action="store_true", help="few events: does it work?")
    chosen = parser.parse_args()
    events = 2_000 if chosen.smoke else chosen.events
    with tempfile.TemporaryDirectory() as folder:
        done = replay(Path(folder), events, chosen.case, chosen.order, shuffled=chosen.shuffled)
    sys.exit(0 if done else 1)


def replay(folder: Path, events: int, case: str, order: str, *, shuffled: bool) -> bool:
    """Feed a replay, and sample its memory while it runs; tells whether it went well."""
    known = templates()
    rounds = max(events // len(known), 1)
    # A step that shares no factor with the number of rounds visits each once, far apart.
    step = next(n for n in range(rounds // 3 + 1, rounds + 2) if _coprime(n, rounds))
    command = [sys.executable, "-m", "trigger_cli", "replay", str(write_case(folder, case)), "-"]
    process = subprocess.Popen(
        [*command, "--order", order, "--format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdin is not None
    begun = time.perf_counter()
    held: list[float] = []

    def sample(fed: int) -> None:
        held.append(resident_kib(process.pid) / 1024)
        print(f"{fed:>10,}   {held[-1]:>11,.0f}   {time.perf_counter() - begun:>7.1f}")

    print("events fed   resident MB   seconds")
    try:
        for number in range(rounds):
            wanted = number * step % rounds if shuffled else number
            process.stdin.write("".join(one.fill(wanted) + "\n" for one in known).encode())
            if number % max(rounds // SAMPLES, 1) == 0:
                sample(number * len(known))
        process.stdin.close()
    except BrokenPipeError:
        print("the replay ended before its log")
    total = rounds * len(known)
    print("all fed" if order == "log" else "all fed; what was sorted is now replayed")
    while process.poll() is None:
        sample(total)
        time.sleep(2 if events > 1_000_000 else 0.2)
    seconds = time.perf_counter() - begun
    print(f"{total:,} events, {total / seconds:,.0f}/s, exit code {process.returncode}")
    print(
        f"resident at half of the log {held[len(held) // 2]:,.0f} MB, at most {max(held):,.0f} MB"
    )
    return process.returncode == 0


def _coprime(one: int, other: int) -> bool:
    while other:
        one, other = other, one % other
    return one == 1


if __name__ == "__main__":
    main()
