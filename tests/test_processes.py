"""A copy of the process works aside (`trigger_cli.processes`)."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from tests.limits import LONGEST
from trigger_cli.processes import aside

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there processes are copied")

PROGRAM = """
import os, signal, sys, threading
from trigger_cli.processes import aside

here = os.getpid()
calls = []

def work():
    calls.append(1)
    where = "here" if os.getpid() == here else "aside"
    %s
    return where, "x" * 1_000_000

with aside(work) as found:
    try:
        print(found()[0], found()[0], len(calls))
    except ValueError as error:
        print(error)
"""


def ran(program):
    """A program's exit code and output."""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("pass", "aside aside 0"),
        ("if where == 'aside': os.kill(os.getpid(), signal.SIGKILL)", "here here 1"),
        ("if where == 'aside': raise OSError", "here here 1"),
        ("raise ValueError(where)", "here"),
        ("if where == 'aside': return lambda: 'is never sent'", "here here 1"),
    ],
    ids=["well", "killed", "failed", "fails everywhere", "cannot be sent"],
)
def test_a_copy_finds_it_or_it_is_found_here(what, expected):
    """And is found once."""
    done = ran(PROGRAM % what)
    assert (expected + "\n", "") == (done.stdout, done.stderr)


def test_the_copy_ends_with_the_one_that_asks():
    """It does not wait for ever to say what nobody reads."""
    program = PROGRAM.replace("found()[0], found()[0]", "os.kill(here, signal.SIGKILL)")
    done = ran(program % "pass")
    # The copy holds the output open while it lives.
    assert -9 == done.returncode


def test_with_threads_there_is_no_copy():
    """The copy would have their locks, and not them."""
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        with aside(lambda: 1) as found:
            assert found is None
    finally:
        waiting.set()
        thread.join(LONGEST)


ENDING = """
import os, signal, sys, time
from trigger_cli.processes import ends_deferred

came = []
signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(143))
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with ends_deferred(lambda: came.append(1)):
    os.kill(os.getpid(), signal.SIGHUP)
    print("ignored", came, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    print("deferred", came, flush=True)
    %s
print("never", flush=True)
"""


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("pass", "ignored []\ndeferred [1]\n"),
        (
            "os.kill(os.getpid(), signal.SIGTERM); print('never')",
            "ignored []\ndeferred [1]\n",
        ),
        ("raise ValueError", "ignored []\ndeferred [1]\n"),
    ],
    ids=["it ends", "a second signal", "it fails"],
)
def test_a_deferred_signal_is_handled_after_the_block(then, expected):
    """A second one at once; ignored ones stay ignored."""
    done = ran(ENDING % then)
    assert (143, expected) == (done.returncode, done.stdout)
