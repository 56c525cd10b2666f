"""Runs one command as a terminal would, confined in memory and time, and reports what it took.

A small process of its own, started with ``python -I -S``: the peak memory that the system notes of a
child begins with what its parent has, which for a test session is more than the tool itself takes.
"""

import json
import os
import resource
import signal
import sys
import time

_POLL = 0.004


def main() -> None:
    """Read the orders from the first argument, write the report to file descriptor 1."""
    orders = json.loads(sys.argv[1])
    # It is closed when the child becomes the command: no sooner is there something to interrupt.
    has_become, closed_by_exec = os.pipe()
    child = os.fork()
    if child == 0:
        _become(orders)
    os.close(closed_by_exec)
    os.read(has_become, 1)
    started = time.monotonic()
    status, usage, timed_out = _wait(child, started, orders)
    seconds = time.monotonic() - started
    print(
        json.dumps(
            {
                "exit": os.waitstatus_to_exitcode(status),
                "timed_out": timed_out,
                "seconds": seconds,
                "megabytes": usage.ru_maxrss / 1024,
                "orphaned": _end_the_rest(child),
            }
        )
    )


def _become(orders: dict) -> None:
    """Turn into the command, in a session of its own and with a terminal's signals."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    limit = orders["megabytes"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for descriptor, path in ((1, orders["stdout"]), (2, orders["stderr"])):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(file, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(orders["folder"])
    os.execve("/bin/bash", ["bash", "-c", orders["command"]], orders["environment"])  # noqa: S606


def _wait(child: int, started: float, orders: dict) -> tuple:
    """Wait for the command; on the way interrupt it, or end it when its time is over."""
    interrupt_after, timed_out = orders["interrupt_after"], False
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return status, usage, timed_out
        passed = time.monotonic() - started
        if interrupt_after is not None and passed >= interrupt_after:
            interrupt_after = None
            _signal_all(child, orders["signal"])  # to every process, as a terminal does
        if passed >= orders["seconds"] and not timed_out:
            timed_out = True
            _signal_all(child, signal.SIGKILL)
        time.sleep(_POLL)


def _end_the_rest(group: int) -> bool:
    """End what the command left running; tells whether there was anything."""
    for _ in range(100):  # what is ending is no orphan yet
        if not _signal_all(group, 0):
            return False
        time.sleep(0.01)
    return _signal_all(group, signal.SIGKILL)


def _signal_all(group: int, number: int) -> bool:
    """Signal every process of a group; tells whether there is any."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


main()
