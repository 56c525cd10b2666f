"""How to start further processes, how copies of this one work, and which signals they ignore."""

import gc
import multiprocessing
import pickle
import signal
import socket
import sys
import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from typing import IO, TypeVar

from trigger_cli.interrupts import INTERRUPTS, interrupts_held

_T = TypeVar("_T")
_MOST_AT_ONCE = 8_000
"""How many numbers surely fit into a socket's buffer."""


def may_fork() -> bool:
    """Whether to fork: that is not safe with threads, and not available everywhere."""
    return sys.platform == "linux" and threading.active_count() == 1


def process_context() -> ForkContext | SpawnContext:
    """A fork context if possible, which starts in 5 ms and needs no imports."""
    if may_fork():
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def serve_another() -> None:
    """Set up this process to work for another; call this first."""
    # Ctrl-C goes to every process of the terminal; the process that assigns the work decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)
    gc.disable()  # the work makes few cycles
    gc.freeze()  # inherited objects are not garbage


@contextmanager
def aside(function: Callable[[], _T]) -> Iterator[Callable[[], _T] | None]:
    """Call a pure function in a copy of this process while this process continues.

    Args:
        function: The function; its result must be picklable.

    Yields:
        A function that waits for the result and returns it; if the copy failed, it calls
        `function` here. ``None`` if there is no copy.
    """
    if not may_fork():
        yield None
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    with interrupts_held():
        process = context.Process(target=_answer, args=(function, ours, theirs), daemon=True)
        process.start()
    theirs.close()

    @cache
    def result() -> _T:
        # Piece by piece: results may be large.
        with suppress(EOFError, OSError, pickle.UnpicklingError), _as_file(ours, "rb") as file:
            found: _T = pickle.load(file)  # noqa: S301  # by `_answer`
            return found
        return function()

    try:
        yield result
    finally:
        ours.close()
        process.terminate()
        process.join()
        process.close()


def spread_out(
    work: Callable[[int], _T], count: int, *, processes: int, here: Callable[[int], _T]
) -> list[_T]:
    """The results of ``work(0)``, ``work(1)`` …, by this process and copies of it.

    Each process packs a result before it goes on, which frees what the work took, and what is left of
    it between the parts of the result.

    Args:
        work: A pure function; its results must be picklable.
        count: How many results are wanted.
        processes: How many processes to use, with this one.
        here: Does the same as `work` for those that this process computes, and may show progress.

    Raises:
        Exception: As `work` for the first that fails.
    """
    processes = min(processes, count)
    if processes < 2 or not may_fork():
        return list(map(here, range(count)))
    # The places to do next lie in a socket, from which each process takes one at a time.
    coming, going = socket.socketpair()
    together = count // _MOST_AT_ONCE + 1
    with going:
        going.sendall(array("I", range(0, count, together)))

    def taken() -> Iterator[int]:
        while piece := coming.recv(array("I").itemsize):
            (begin,) = array("I", piece)
            yield from range(begin, min(begin + together, count))

    def done() -> dict[int, bytes]:
        return {place: pickle.dumps(work(place)) for place in taken()}

    found: dict[int, bytes] = {}
    with ExitStack() as stack:
        stack.enter_context(coming)
        copies = [stack.enter_context(aside(done)) for _ in range(processes - 1)]
        with suppress(Exception):
            for place in taken():
                found[place] = pickle.dumps(here(place))
        for copy in copies:
            with suppress(Exception):
                found.update({} if copy is None else copy())
    # What failed, or was lost with a copy, is computed again, in order.
    return [
        pickle.loads(found.pop(place)) if place in found else here(place)  # noqa: S301  # packed here
        for place in range(count)
    ]


def _answer(function: Callable[[], object], theirs: Connection, ours: Connection) -> None:
    """Send the function's result; if it fails, send nothing."""
    serve_another()
    theirs.close()  # else this process would not notice that the other has ended
    with suppress(Exception), _as_file(ours, "wb") as file:
        pickle.dump(function(), file)


def _as_file(connection: Connection, mode: str) -> IO[bytes]:
    return open(connection.fileno(), mode, closefd=False)
