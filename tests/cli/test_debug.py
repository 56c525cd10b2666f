"""``trigger-cli debug`` as a user runs it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys

import pytest

from tests.cli.running import run
from tests.limits import LONGEST, ended_in_time
from tests.support import REPOSITORY, SAMPLES

TRIGGERS = SAMPLES / "triggers" / "09-threshold-within.json"
LOG = SAMPLES / "nightly.events.jsonl"


def test_it_needs_a_terminal():
    """Into a pipe there is nothing to show, and that is said."""
    done = run("debug", TRIGGERS, LOG)
    assert 2 == done.returncode
    assert b"needs a terminal" in done.stderr
    assert b"" == done.stdout


def test_without_a_log():
    """As in every command, a mistake on the command line is exit 2."""
    done = run("debug", TRIGGERS)
    assert 2 == done.returncode
    assert b"no log was given" in done.stderr


@pytest.mark.parametrize("by_stdin", [False, True])
def test_in_a_terminal(by_stdin):
    """It opens, takes keys, and prints what was copied when it is left; also with the log on stdin."""
    leader, follower = pty.openpty()
    log = "-" if by_stdin else str(LOG)

    def own_terminal() -> None:
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)

    with LOG.open("rb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "trigger_cli", "debug", str(TRIGGERS), log],
            stdin=file if by_stdin else follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
            cwd=REPOSITORY,
            preexec_fn=own_terminal,  # noqa: PLW1509  # a terminal of its own
        )
    os.close(follower)
    seen = b""
    keys = iter([(b"Firings", b"f"), (b"01:01:46", b"y"), (b"Copied", b"\r"), (b"Copied", b"q")])
    wanted, key = next(keys)
    with ended_in_time(process):
        while process.poll() is None:
            if select.select([leader], [], [], 0.3)[0]:
                try:
                    seen += os.read(leader, 65_536)
                except OSError:
                    break
            elif wanted is not None and wanted in seen:
                os.write(leader, key)
                wanted, key = next(keys, (None, b""))
        process.wait(LONGEST)
    os.close(leader)
    assert 0 == process.returncode
    last = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", seen).splitlines()[-1].decode()
    assert f"trigger-cli explain {TRIGGERS} --log {log}" in last
    assert "--firing 1" in last
