"""Lint of many definition files: ``python benchmarks/lint.py [FILES]``.

Beside it, in the same run, Python's own ``json.load`` of the same files, which is the least that
reading them can cost.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TRIGGERS = Path(__file__).resolve().parent.parent / "sample_events" / "triggers"
RUNS = 5
_LOAD = (
    "import json, pathlib, sys\nfor p in pathlib.Path(sys.argv[1]).iterdir(): json.load(p.open())"
)


def write_definitions(folder: Path, count: int) -> None:
    """So many definitions that ``json.load`` can read too: the samples, without comments."""
    # Imported here, so that this file can be run from anywhere.
    from trigger_cli.definitions import load  # noqa: PLC0415
    from trigger_cli.render.common.plain_json import json_document  # noqa: PLC0415

    values = [one.value for one in load([str(TRIGGERS)]).documents]
    for number in range(count):
        text = json_document(values[number % len(values)])
        (folder / f"{number:05}.json").write_text(text, "utf-8")


def seconds(command: list[str]) -> float:
    """How long a command takes; lint exits with 1 where it finds something."""
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in {0, 1}, command
    return time.perf_counter() - begun


def main(count: int, runs: int = RUNS) -> None:
    """Measure both, interleaved, and print the medians, what a file costs, and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        write_definitions(Path(folder), count)
        lint = [sys.executable, "-m", "trigger_cli", "lint", folder, "--quiet", "--format", "json"]
        load = [sys.executable, "-c", _LOAD, folder]
        pairs = [(seconds(lint), seconds(load)) for _ in range(runs)]
    ours, least = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"lint of {count:,} files: {ours:.2f} s, {ours / count * 1e3:.2f} ms a file;"
        f" json.load: {least:.2f} s, {least / count * 1e3:.2f} ms a file; ratio {ours / least:.1f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
