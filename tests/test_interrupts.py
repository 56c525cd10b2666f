"""Ctrl-C and the like where they must not come at any moment (`trigger_cli.interrupts`)."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.limits import LONGEST
from tests.support import log_event, written_log, written_trigger
from trigger_cli.interrupts import interrupts_after

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals of POSIX")


def ran(program, *arguments, cwd=None):
    """A program that ended."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        cwd=cwd,
        check=False,
    )


ENDING = """
import os, signal, sys, time
from trigger_cli.interrupts import ends_deferred

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


def test_an_interrupt_waits_for_the_function_that_runs():
    """Also in a function that it calls; elsewhere it comes at once."""
    done = []

    def inner():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("inner")

    def whole():
        inner()
        done.append("whole")

    def never():
        for _ in range(100_000_000):
            pass
        done.append("never")

    def both():
        whole()
        never()

    for function, expected in (
        (whole, ["inner", "whole"]),
        (both, ["inner", "whole"]),
        (inner, []),
    ):
        done.clear()
        with pytest.raises(KeyboardInterrupt), interrupts_after(whole):
            function()
        assert expected == done
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)


INTERRUPTED = """
import os, signal, sys
from trigger_cli import firings
from trigger_cli.cli import main

class Times(list):
    def append(self, value):
        super().append(value)
        if len(self) == 3:
            os.kill(os.getpid(), signal.SIGINT)  # a firing is noted in one column of several

made = firings.FiringStore.__init__
def with_times(self, *given):
    made(self, *given)
    self._times = Times()
firings.FiringStore.__init__ = with_times
main()
"""


def test_an_interrupted_replay_shows_whole_firings(tmp_path):
    """It failed if the interrupt came while a firing was noted."""
    written_trigger(tmp_path / "a.json", {"posture": "Reactive", "expect": ["a"]})
    written_log(tmp_path / "e.jsonl", [log_event("a", n) for n in range(2_000)])
    done = ran(INTERRUPTED, "replay", "a.json", "e.jsonl", "--format", "json", cwd=tmp_path)
    assert (130, "") == (done.returncode, done.stderr.partition("interrupted")[0])
    report = json.loads(done.stdout)
    assert 3 <= len(report["firings"]) == report["automations"][0]["firings"]
