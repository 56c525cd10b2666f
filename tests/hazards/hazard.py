"""One thing that can go wrong, and how a run of the command line is judged that meets it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from tests.limits import LONGEST
from tests.support import REPOSITORY

_CONFINED = Path(__file__).with_name("confined.py")
ON_TERMINAL = shlex.join(
    [sys.executable, "-I", "-S", str(Path(__file__).with_name("on_terminal.py"))]
)
"""Before a command: it runs on a terminal of its own."""
_MOST_MEMORY = 3_000
"""Megabytes of address space at which the system itself says no."""

# What no user may see: Python's own words, and the tool's last line of defence.
_OF_THE_TOOL = re.compile(
    r'File "[^"\n]*/trigger_cli/(?!__(?:init|main)__\.py", line \d+, in <module>\n)'
)
"""A line of a traceback within the tool; its first two files are executed before it can act."""
_PYTHON_SPEAKS = re.compile(
    r"Traceback \(most recent call last\)|^Exception ignored|this is a bug in trigger-cli"
    r"|Fatal Python error|^\S*Warning: ",
    re.MULTILINE,
)
# A terminal obeys these; what logs and definitions hold is only to be shown.
_COMMANDS_TERMINAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Hazard:
    """Something that goes wrong for one reader or command."""

    kind: str
    """Which part of the table it belongs to."""
    name: str
    meets: str
    """What it happens to: a reader, a command."""
    command: str
    """A line for the shell, run in a folder of its own."""
    exits: frozenset[int]
    says: str = ""
    """A regular expression for what stderr tells the user."""
    make: Callable[[Path], None] | None = None
    """Puts files into the folder."""
    after: Callable[[Path], str | None] | None = None
    """Looks at the folder afterwards; what is wrong with it."""
    interrupt_after: float | None = None
    """Seconds until it is sent the signal."""
    signal: signal.Signals = signal.SIGINT
    seconds: float = 60
    """By when it must have ended."""
    megabytes: int = 256
    """The most memory that any of its processes may take. The tool itself takes 60."""
    quick: bool = False
    """Whether every test session tries it."""

    def __str__(self) -> str:
        return f"{self.name} × {self.meets}"


@dataclass(frozen=True)
class Outcome:
    """What happened."""

    hazard: Hazard
    exit: int
    seconds: float
    megabytes: float
    said: str
    """The last line of stderr that is the tool's."""
    problems: tuple[str, ...] = field(default=())


def meet(hazard: Hazard, materials: Path, environment: dict[str, str] | None = None) -> Outcome:
    """Run a hazard's command in a process of its own."""
    with _folder() as made:
        folder, streams = Path(made, "work"), Path(made)
        folder.mkdir()
        if hazard.make is not None:
            hazard.make(folder)
        orders = {
            "command": hazard.command,
            "folder": str(folder),
            "stdout": str(streams / "stdout"),
            "stderr": str(streams / "stderr"),
            "environment": {**surroundings(materials, folder), **(environment or {})},
            "megabytes": _MOST_MEMORY,
            "seconds": hazard.seconds,
            "interrupt_after": hazard.interrupt_after,
            "signal": hazard.signal,
        }
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_CONFINED), json.dumps(orders)],
            capture_output=True,
            check=True,
            timeout=hazard.seconds + LONGEST,
        )
        report = json.loads(done.stdout)
        stderr = (streams / "stderr").read_bytes().decode("utf-8", "replace")
        stdout = _beginning(streams / "stdout")
        problems = tuple(_problems(hazard, report, stdout, stderr))
        if hazard.after is not None and (found := hazard.after(folder)):
            problems += (found,)
    return Outcome(
        hazard, report["exit"], report["seconds"], report["megabytes"], _told(stderr), problems
    )


@contextmanager
def plain_fork() -> Iterator[None]:
    """Hazards are met in several threads, which start processes by plain `fork`.

    The system has refused to start one from a thread of a busy session otherwise ("Bad address").
    The way is documented; it is slow where a process has much memory.
    """
    with patch.object(subprocess, "_USE_VFORK", new=False):
        yield


@contextmanager
def _folder() -> Iterator[str]:
    made = tempfile.mkdtemp(prefix="hazard-")
    try:
        yield made
    finally:
        # Python's own way recurses, and gives up in very deep folders.
        subprocess.run(["rm", "-rf", made], check=True, timeout=LONGEST)


def surroundings(materials: Path, folder: Path) -> dict[str, str]:
    """The environment of a run: the tool on the path, the materials by name, nobody's settings."""
    return {
        "PATH": f"{materials / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(folder),
        "PREFECT_HOME": str(folder),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "80",
        "M": str(materials),
        "SAMPLES": str(REPOSITORY / "sample_events"),
    }


def make_shim(folder: Path) -> None:
    """Put ``trigger-cli`` into `folder`: the tool as this checkout has it."""
    folder.mkdir(parents=True)
    shim = folder / "trigger-cli"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m trigger_cli "$@"\n')
    shim.chmod(0o755)


def _problems(hazard: Hazard, report: dict, stdout: str, stderr: str) -> list[str]:
    found = []
    if hazard.interrupt_after is not None and is_before_the_tool(stderr):
        return found
    if report["timed_out"]:
        found.append(f"it had not ended after {hazard.seconds:g} s")
    elif report["exit"] not in hazard.exits:
        expected = " or ".join(map(str, sorted(hazard.exits)))
        found.append(f"exit {report['exit']}, expected {expected}")
    if speaks := _PYTHON_SPEAKS.search(stderr) or _PYTHON_SPEAKS.search(stdout):
        found.append(f"the user sees {speaks.group().strip()!r}")
    if report["megabytes"] > hazard.megabytes:
        found.append(f"{report['megabytes']:.0f} MB, expected at most {hazard.megabytes}")
    if hazard.says and not re.search(hazard.says, stderr, re.DOTALL):
        found.append(f"stderr does not say {hazard.says!r}")
    if "--color always" in hazard.command:  # colours are wanted there
        stdout, stderr = (_COLOR.sub("", text) for text in (stdout, stderr))
    if broken := re.search(r"bash: .*syntax error", stderr):
        found.append(f"the hazard itself is wrong: {broken.group()}")
    if obeyed := _COMMANDS_TERMINAL.search(stderr) or _COMMANDS_TERMINAL.search(stdout):
        found.append(f"a terminal would obey {obeyed.group()!r}")
    if report["orphaned"]:
        found.append("it left processes behind")
    return [*found, f"stderr: {stderr[-2000:]}"] if found else found


def is_before_the_tool(stderr: str) -> bool:
    """Whether Python was interrupted before the tool's `main`, which handles interrupts, was called."""
    return "KeyboardInterrupt" in stderr and not _OF_THE_TOOL.search(stderr)


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(1_000_000).decode("utf-8", "replace")


def _told(stderr: str) -> str:
    """The line that tells the user what is wrong: the first mistake, else the last line."""
    if is_before_the_tool(stderr):
        return "(Python was not up yet)"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    wanted = [line for line in lines if line.startswith(("error", "warning", "Error"))]
    return (wanted or lines[-1:] or [""])[0]
