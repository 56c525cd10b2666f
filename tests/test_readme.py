"""The README is true: its command lines run, its pictures and tables are current."""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys

import pytest

from sample_events import make_pictures
from tests.support import REPOSITORY
from tests.test_architecture import MAY_IMPORT
from trigger_cli.dialects import DIFFERENCES, DOCS, SERVER_3_8, SERVER_3_9

README = (REPOSITORY / "README.md").read_text("utf-8")
SAMPLES_README = (REPOSITORY / "sample_events" / "README.md").read_text("utf-8")
# Set-up commands are run by .ci/run, in an environment of their own.
NOT_RUN_HERE = re.compile(r"pip install|^prefect |^git ")


def command_lines(text):
    """Every line of the text's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [
        line
        for block in blocks
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


COMMANDS = [
    line
    for line in command_lines(README) + command_lines(SAMPLES_README)
    if not NOT_RUN_HERE.search(line)
]


def test_there_are_commands_to_run():
    """An empty list would pass everything below."""
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_line_runs(command, tmp_path):
    """From the repository's top, as a reader would type it; `# exit 1` says what else to expect."""
    expected = int(found.group(1)) if (found := re.search(r"# exit (\d+)", command)) else 0
    shim = tmp_path / "trigger-cli"
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m trigger_cli "$@"\n')
    shim.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert expected == done.returncode, done.stderr.decode()
    assert done.stdout
    assert b"Traceback" not in done.stderr


def test_the_setup_commands_are_marked_for_ci():
    """`.ci/run` takes its two commands from below these markers."""
    for name in ("install", "test"):
        assert 1 == len(re.findall(rf"<!-- ci: {name} -->\n```sh\n[^\n]+\n```", README))


@pytest.mark.parametrize("name", make_pictures.NAMES)
def test_pictures_are_current(name):
    """A picture shows what the command prints today (`python sample_events/make_pictures.py`)."""
    svg = (REPOSITORY / "sample_events" / "pictures" / f"{name}.svg").read_text("utf-8")
    drawn = "".join(
        html.unescape(one) for one in re.findall(r"<text[^>]*clip-path[^>]*>(.*?)</text>", svg)
    )
    printed = make_pictures.draw(name).export_text(styles=False)
    assert "".join(printed.split()) == "".join(drawn.split())
    assert f"sample_events/pictures/{name}.svg" in README


def test_the_architecture_table_names_every_part():
    """What may import what stands in the README as it does in the test that holds it."""
    rows = set(re.findall(r"^\| `(?!trigger_cli)([\w/]+?)(?:\.py|/)` \|", README, re.MULTILINE))
    assert {part for part in MAY_IMPORT if not part.startswith("__")} == rows


def test_the_differences_table_has_every_row():
    """Each as `dialects.py` tells it, and what a server does like the one before it only once."""
    rows = []
    for one in DIFFERENCES:
        docs, older, newer = (one.says(x) for x in (DOCS, SERVER_3_8, SERVER_3_9))
        told = (docs, older if older != docs else "as docs", newer if newer != older else "as 3.8")
        if len({one.says(x) for x in (DOCS, SERVER_3_8, SERVER_3_9)}) > 1:
            rows.append(f"| {one.id} | {one.on} | {' | '.join(told)} |")
    assert rows == re.findall(r"^\| D\d+ \|.*$", README, re.MULTILINE)
