"""No test waits for ever: how long what it starts may take, and what then becomes of it.

Each test has a limit of its own (`timeout` in ``pyproject.toml``). These are shorter, so that the
failure names what did not end, and nothing is left running.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from threading import Thread, Timer
from typing import Any

LONGEST = 200.0
"""How long a process that a test starts may take, seconds: much longer than on a busy machine."""


@contextmanager
def ended_in_time(process: Popen[Any]) -> Iterator[Popen[Any]]:
    """The process, which is killed after `LONGEST` seconds, or at the end if it still runs."""
    with killed_if_late(process), process:
        try:
            yield process
        finally:
            _kill(process)


@contextmanager
def killed_if_late(process: Popen[Any]) -> Iterator[None]:
    """Kill the process if this takes longer than `LONGEST` seconds.

    Who reads from it then reads no more, so that a test which would stand still fails instead.
    """
    limit = Timer(LONGEST, _kill, [process])
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


@contextmanager
def serving(server: Any, *interval: float) -> Iterator[None]:
    """A server that answers in a thread of its own; `interval`: how often it looks for its end."""
    thread = Thread(target=server.serve_forever, args=interval)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(LONGEST)


def _kill(process: Popen[Any]) -> None:
    """Kill a process, and all of its session if it has one of its own."""
    if process.poll() is not None:
        return
    if os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
