"""Copies of the process work aside (`trigger_cli.processes`)."""

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
        ("if where == 'aside': return [b'x' * 200_000, lambda: 'half is sent']", "here here 1"),
    ],
    ids=["well", "killed", "failed", "fails everywhere", "cannot be sent", "is half sent"],
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


SPREAD = """
import os, signal, sys
from trigger_cli import processes

processes._MOST_AT_ONCE = %d
here = os.getpid()
first = set(os.listdir("/proc/self/fd"))

def work(place):
    %s
    return place, os.getpid() == here, "x" * 100_000

try:
    found = processes.spread_out(work, 9, processes=3, here=work)
    print([one[0] for one in found], {one[1] for one in found} <= {True, False})
except ValueError as error:
    print(error)
assert first == set(os.listdir("/proc/self/fd"))
"""
NINE = "[0, 1, 2, 3, 4, 5, 6, 7, 8] True"


@pytest.mark.parametrize("most", [8_000, 2])
@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("pass", NINE),
        ("if os.getpid() != here: os.kill(os.getpid(), signal.SIGKILL)", NINE),
        ("if os.getpid() != here: raise OSError", NINE),
        ("if os.getpid() == here and place > 5: raise ValueError(place)", "6"),
        ("if place in (2, 7): raise ValueError(place)", "2"),
        ("if place > 0: raise ValueError(place)", "1"),
    ],
    ids=[
        "well",
        "copies are killed",
        "copies fail",
        "fails late",
        "fails twice",
        "fails everywhere",
    ],
)
def test_work_that_is_spread_out_is_done_once_and_in_order(what, expected, most):
    """Whatever becomes of a copy; the first failure counts."""
    done = ran(SPREAD % (most, what))
    if what.endswith("ValueError(place)") and "here" in what:
        # A copy may have done them.
        assert done.stdout.strip() in {NINE, "6", "7", "8"}, done.stderr
    else:
        assert (expected + "\n", "") == (done.stdout, done.stderr)


def test_copies_share_the_work():
    """This process and a copy each wait in their first piece until the other has one."""
    meets = """
    if not met:
        met.append(1)
        if os.getpid() == here:
            os.write(called, b"12")
            os.read(heard, 1)
        else:
            os.write(told, b"1")
            os.read(come, 1)
    """
    program = (SPREAD % (8_000, meets)).replace("<= {True, False}", "== {True, False}")
    begin = "(come, called), (heard, told), met = os.pipe(), os.pipe(), []"
    assert NINE + "\n" == ran(program.replace("first = set", f"{begin}\nfirst = set")).stdout
