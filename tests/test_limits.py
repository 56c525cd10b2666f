"""No test may wait for ever: each wait for something outside of it has a limit."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import limits
from tests.support import REPOSITORY

WAITS = {"wait", "join", "communicate"}
"""Of a process, a thread, an event: without an argument they have no limit."""
RUNS = {"run", "check_call", "check_output"}
"""Of `subprocess`."""


def unlimited(source: str) -> Iterator[str]:
    """The calls in a file that may never return."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        is_run = isinstance(node.func.value, ast.Name) and node.func.value.id == "subprocess"
        has_limit = any(one.arg == "timeout" for one in node.keywords)
        if (is_run and node.func.attr in RUNS and not has_limit) or (
            node.func.attr in WAITS and not node.args and not has_limit
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def test_every_wait_has_a_limit():
    """What does not come is then named by the failure, and nothing stands still."""
    for path in Path(REPOSITORY, "tests").rglob("*.py"):
        assert [] == list(unlimited(path.read_text("utf-8"))), path


def test_waits_without_a_limit_are_seen():
    """A check that could not fail would show nothing."""
    source = "subprocess.run(x)\nprocess.wait()\nthread.join()\nprocess.communicate(b'')\n"
    assert 3 == len(list(unlimited(source)))
    assert [] == list(unlimited("subprocess.run(x, timeout=1)\nprocess.wait(1)\n', '.join(x)\n"))


@pytest.mark.parametrize("own_session", [False, True])
def test_a_process_that_is_late_is_killed(monkeypatch, own_session):
    """Whoever reads from it reads no more; so does whoever reads from its children."""
    monkeypatch.setattr(limits, "LONGEST", 0.5)
    command = "import subprocess; subprocess.run(['sleep', '60'])" if own_session else "input()"
    process = subprocess.Popen(
        [sys.executable, "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=own_session,
    )
    with limits.ended_in_time(process):
        assert b"" == process.stdout.read()
    assert -9 == process.returncode
