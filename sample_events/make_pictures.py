"""Make the documentation's pictures from real output: ``python sample_events/make_pictures.py``.

Rich's own export draws what the terminal shows. A test compares each picture's text with what
the command prints today.
"""

from __future__ import annotations

import io
import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from datetime import UTC
from pathlib import Path
from textwrap import shorten

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from trigger_cli.cli import main as main_of_command_line
from trigger_cli.definitions import load
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.read.log import Log
from trigger_cli.read.reading import AllLabels, Reading
from trigger_cli.render.replay.table import render_replay

HERE = Path(__file__).resolve().parent
PICTURES = {"replay": ("15-compound-exports.json", "nightly.events.jsonl")}
WIDTH = 110
# Longer, a title would run over the buttons of the window.
_TITLE = 106
TRIGGERS = "sample_events/triggers"
NIGHTLY = "sample_events/nightly.events.jsonl"
# Pictures of what a command line prints, by name.
COMMAND_LINES = {
    "diff": f"diff {TRIGGERS}/10-after.json --between dialects --log {NIGHTLY}",
    "sweep": f"sweep {TRIGGERS}/09-threshold-within.json --log {NIGHTLY}"
    " --threshold 1..6 --within 10s,30s,1m,64.3,5m,15m,1h,2h",
    "audit": "audit sample_events/recording.automations.json"
    " sample_events/recording.events.jsonl --limit 3",
    "events": f"events {NIGHTLY} --limit 4",
    "test": "test sample_events/failing.trigger-test.yaml --coverage",
    "capture": f"capture {TRIGGERS}/09-threshold-within.json {NIGHTLY} --firing 2 --pseudonymise",
}
NAMES = (*PICTURES, *COMMAND_LINES)


def draw(name: str) -> Console:
    """The console on which a picture's command has printed."""
    # From the repository's top, so that a picture names the files as a reader would.
    with chdir(HERE.parent):
        if name in COMMAND_LINES:
            return _ran(COMMAND_LINES[name])
        return _replayed(*PICTURES[name])


def _ran(command_line: str) -> Console:
    """What the command line prints on a terminal, its colours included."""
    printed = io.StringIO()
    arguments = [*shlex.split(command_line), "--color", "always"]
    if not command_line.startswith("capture"):  # it prints a file, which has no width
        arguments += ["--width", str(WIDTH)]
    with redirect_stdout(printed), redirect_stderr(printed), suppress(SystemExit):
        main_of_command_line(arguments)
    console = _recording_console()
    console.print(Text.from_ansi(printed.getvalue()), soft_wrap=True)
    return console


def _replayed(triggers: str, log: str) -> Console:
    automations = load([f"sample_events/triggers/{triggers}"]).automations
    reader = Log([f"sample_events/{log}"], Reading(AllLabels(), "occurred"))
    run = ReplayRun(automations, reader, ReplayOptions(), with_buckets=True, compare_dialects=True)
    for _ in run:
        pass
    report = run.report()
    report.log.sources = reader.sources
    report.log.lines, report.log.events = reader.stats.lines, reader.stats.events
    console = _recording_console()
    render_replay(report, console, zone=UTC)
    return console


def _recording_console() -> Console:
    return Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )


def _title(name: str) -> str:
    line = COMMAND_LINES.get(name) or f"{name} {' '.join(PICTURES[name])}"
    return shorten(f"trigger-cli {line}", _TITLE, placeholder=" …")


def main() -> None:
    """Write every picture."""
    for name in NAMES:
        svg = draw(name).export_svg(title=_title(name), theme=MONOKAI, unique_id=name)
        (HERE / "pictures" / f"{name}.svg").write_text(svg + "\n", "utf-8")


if __name__ == "__main__":
    main()
