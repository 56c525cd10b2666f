"""Meet everything that can go wrong, and show in a table what happens.

``python tests/hazards/run.py``: every hazard, each with the real command line in a process of its
own, then five minutes of fuzzing. ``--smoke``: the quick ones, in half a minute.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from rich.console import Console
from rich.table import Table

from tests.hazards import (
    amounts,
    contents,
    files,
    fuzzing,
    interrupts,
    outputs,
    packages,
    servers,
    times,
)
from tests.hazards.hazard import Hazard, Outcome, meet, plain_fork
from tests.hazards.materials import make_materials

_SMOKE_SECONDS = 8
_SMOKE_SHARE = 5
"""One in so many of the quick hazards, always the same ones; a test session draws others."""
_MOMENTS = 25
_COLUMNS = (
    "hazard",
    "met",
    "exit codes",
    "peak MB",
    "tracebacks",
    "what the user is told, for instance",
)


def main() -> int:
    """Run what the options ask for; 1 if something went wrong."""
    options = _options()
    console = Console(width=options.width)
    with tempfile.TemporaryDirectory(prefix="hazards-") as made, small_disk() as disk:
        materials = make_materials(Path(made, "materials"))
        chosen = all_hazards(disk, moments=2 if options.smoke else _MOMENTS)
        if options.smoke:
            chosen = [one for one in chosen if one.quick][::_SMOKE_SHARE]
        chosen = [one for one in chosen if options.only in str(one)]
        with plain_fork(), ThreadPoolExecutor(options.jobs) as pool:
            outcomes = list(pool.map(lambda one: meet(one, materials), chosen))
        rows = summarised(outcomes)
        console.print(_table(rows))
        for one in outcomes:
            for problem in one.problems:
                console.print(f"{one.hazard}: {problem}\n  {one.hazard.command}", markup=False)
        seconds = _SMOKE_SECONDS if options.smoke else options.seconds
        tally = fuzzing.fuzz(seconds, options.seed, Path(made))
    for failure in tally.failures:
        console.print(fuzzing.reproducer(failure), markup=False)
    bad = sum(bool(one.problems) for one in outcomes)
    line = (
        f"{len(outcomes):,} hazards met, {bad} not as they should be;"
        f" {sum(tally.examples.values()):,} spoilt inputs in {seconds:g} s of fuzzing from seed"
        f" {tally.seed}, {len(tally.failures)} not as they should be"
    )
    console.print(line)
    if options.markdown:
        Path(options.markdown).write_text(_markdown(rows, line, tally), "utf-8")
    return 1 if bad or tally.failures else 0


def all_hazards(disk: Path | None, *, moments: int) -> list[Hazard]:
    """Every hazard, in the order of the table."""
    return [
        *contents.hazards(),
        *files.hazards(),
        *times.hazards(),
        *amounts.hazards(),
        *packages.hazards(),
        *outputs.hazards(disk),
        *servers.hazards(disk),
        *interrupts.hazards(moments),
    ]


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A file system of two pages, one of them taken; ``None`` where none can be mounted."""
    with tempfile.TemporaryDirectory(prefix="small-disk-") as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=60)
        except OSError:  # no such program
            done = None
        if done is None or done.returncode:
            yield None
            return
        try:
            with suppress(OSError):  # until nothing more fits
                Path(folder, "filler").write_bytes(bytes(16_384))
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True, timeout=60)


def summarised(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """A row for each hazard, whatever met it; a row of one cell begins a part."""
    parts: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for one in outcomes:
        met = one.hazard.name if one.hazard.interrupt_after is None else one.hazard.meets
        parts[one.hazard.kind][met].append(one)
    rows: list[tuple[str, ...]] = []
    for part, hazards in parts.items():
        rows.append((part,))
        for name, met in hazards.items():
            codes = Counter(one.exit for one in met)
            told = Counter(one.said for one in met if one.said)
            speaks = sum("the user sees" in " ".join(one.problems) for one in met)
            wrong = sum(bool(one.problems) for one in met)
            rows.append(
                (
                    name,
                    f"{len(met)}" if not wrong else f"{len(met)}, {wrong} wrongly",
                    ", ".join(f"{code} × {count}" for code, count in sorted(codes.items())),
                    f"{max(one.megabytes for one in met):.0f}",
                    str(speaks),
                    _shortened(max(told, key=lambda text: (told[text], text)) if told else ""),
                )
            )
    return rows


def _shortened(text: str) -> str:
    for folder in (tempfile.gettempdir(), str(Path(__file__).resolve().parent.parent.parent)):
        text = text.replace(folder, "…")
    return text if len(text) <= 120 else text[:119] + "…"


def _table(rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(*_COLUMNS, show_lines=False)
    for row in rows:
        if len(row) == 1:
            table.add_section()
            table.add_row(f"[bold]{row[0]}", end_section=True)
        else:
            table.add_row(*(cell.replace("[", r"\[") for cell in row))
    return table


def _markdown(rows: Sequence[tuple[str, ...]], line: str, tally: fuzzing.Tally) -> str:
    head = Path(__file__).with_name("preface.md").read_text("utf-8")
    lines = [head, line + ".", "", "| " + " | ".join(_COLUMNS) + " |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        cells = [f"**{row[0]}**", *[""] * 5] if len(row) == 1 else [_cell(cell) for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "| fuzzed | inputs |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in tally.examples.items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="Half a minute of it, for CI.")
    parser.add_argument("--seconds", type=float, default=300, help="How long to fuzz.  [300]")
    parser.add_argument(
        "--seed", type=int, default=int.from_bytes(os.urandom(3)), help="Where to begin."
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="Hazards with this in their name."
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="Hazards at a time.")
    parser.add_argument("--markdown", metavar="FILE", help="Write the table to this file.")
    parser.add_argument("--width", type=int, help="Columns of the table.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
