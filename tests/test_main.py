"""`trigger_cli/__main__.py`: signals that come on a command's way out."""

import signal
import subprocess
import sys
from functools import partial

import pytest

from tests.cli.running import environment_apart
from tests.limits import LONGEST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")

PROGRAM = """
import os, signal, sys, time
import trigger_cli.cli
from trigger_cli import __main__ as program

def run():
    {run}

def leave(*arguments, leaves=program._take_no_more, **options):
    program._take_no_more = leaves
    {leave}
    leaves(*arguments, **options)

class Lost:
    def __del__(self):
        raise KeyboardInterrupt

trigger_cli.cli.main = run
program._take_no_more = leave
sys.argv = ["trigger-cli", "doctor"]
try:
    program.main()
finally:
    {after}
"""


@pytest.fixture
def ended(tmp_path):
    """How a command ends that does so; as a module, as the tool itself is run."""
    return partial(end_of, tmp_path)


def end_of(folder, run="sys.exit(1)", leave="pass", after="pass"):
    (folder / "program.py").write_text(PROGRAM.format(run=run, leave=leave, after=after))
    return subprocess.run(
        [sys.executable, "-m", "program"],
        cwd=folder,
        env=environment_apart(),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("run", ["sys.exit(1)", "raise KeyboardInterrupt", "pass"])
def test_a_signal_on_the_way_out(number, run, ended):
    """It has its own exit code, and no traceback: Python would end by SIGINT, whatever came."""
    done = ended(run, f"os.kill(os.getpid(), {int(number)})")
    assert (128 + number, "") == (done.returncode, done.stderr)


def test_a_lost_interrupt_does_not_come_after_the_end(ended):
    """One that a destructor swallows comes once more, but only while it can be caught."""
    done = ended("Lost(); sys.exit(1)", after="time.sleep(0.1)")
    assert done.returncode in {1, 130}, done
    assert not done.stderr


def test_a_signal_in_time_has_its_exit_code(ended):
    """As ever."""
    done = ended("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)")
    assert (143, "") == (done.returncode, done.stderr)


def test_a_signal_while_a_text_is_executed(ended):
    """As when a data class is made: Python would end itself by SIGINT, whatever came."""
    done = ended("exec('os.kill(os.getpid(), signal.SIGHUP); time.sleep(60)')")
    assert (129, "") == (done.returncode, done.stderr)
