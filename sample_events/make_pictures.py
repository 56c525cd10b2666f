"""Make the README's pictures from real output: ``python sample_events/make_pictures.py``.

Rich's own export draws what the terminal shows. A test compares each picture's text with what
the command prints today.
"""

from __future__ import annotations

import io
from contextlib import chdir
from datetime import UTC
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from trigger_cli.definitions import load
from trigger_cli.events import LogReader, in_order
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.render.replay_table import render_replay

HERE = Path(__file__).resolve().parent
PICTURES = {"replay": ("15-compound-exports.json", "nightly.events.jsonl")}
WIDTH = 110


def draw(name: str) -> Console:
    """The console on which a picture's command has printed."""
    # From the repository's top, so that a picture names the files as a reader would.
    with chdir(HERE.parent):
        return _replayed(*PICTURES[name])


def _replayed(triggers: str, log: str) -> Console:
    automations = load([f"sample_events/triggers/{triggers}"]).automations
    reader = LogReader([f"sample_events/{log}"])
    records = in_order(reader, "occurred", locate=reader.locate)
    run = ReplayRun(automations, records, ReplayOptions(), with_buckets=True, compare_dialects=True)
    for _ in run:
        pass
    report = run.report()
    report.log.sources = reader.sources
    report.log.lines, report.log.events = reader.stats.lines, reader.stats.events
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    render_replay(report, console, zone=UTC)
    return console


def main() -> None:
    """Write every picture."""
    for name, (triggers, log) in PICTURES.items():
        title = f"trigger-cli replay {triggers} {log}"
        svg = draw(name).export_svg(title=title, theme=MONOKAI, unique_id=name)
        (HERE / "pictures" / f"{name}.svg").write_text(svg + "\n", "utf-8")


if __name__ == "__main__":
    main()
