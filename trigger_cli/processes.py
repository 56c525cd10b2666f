"""Processes beside this one: how they are started, and what they leave alone."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from typing import TypeVar

_T = TypeVar("_T")
_HELD = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


def may_fork() -> bool:
    """Whether this process can be copied: that copes with no threads, and is not everywhere."""
    return sys.platform == "linux" and threading.active_count() == 1


def process_context() -> ForkContext | SpawnContext:
    """A fork, where that may be: it takes 5 ms and needs no imports."""
    if may_fork():
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let Ctrl-C and the like wait: amid a fork it would be lost, or end in the middle of the child."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve_another() -> None:
    """Make this process one that works for another, as the first thing that it does."""
    # Ctrl-C goes to every process of the terminal; the one that gives the work decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    gc.disable()  # the work makes few cycles
    gc.freeze()  # what is inherited is no garbage


@contextmanager
def aside(function: Callable[[], _T]) -> Iterator[Callable[[], _T] | None]:
    """Have a pure function called in a copy of this process while this one goes on.

    Args:
        function: What is called; what it returns can be pickled.

    Yields:
        What waits for the result and gives it; calls the function here if the copy failed.
        ``None``: there is no copy.
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
        with suppress(EOFError, OSError):
            found: _T = pickle.loads(ours.recv_bytes())  # noqa: S301  # by `_answer`
            return found
        return function()

    try:
        yield result
    finally:
        ours.close()
        process.terminate()
        process.join()
        process.close()


def _answer(function: Callable[[], object], theirs: Connection, ours: Connection) -> None:
    """Send what the function returns; if it fails, nothing."""
    serve_another()
    theirs.close()  # else nobody would notice that the one that asks has ended
    with suppress(Exception):
        ours.send_bytes(pickle.dumps(function()))
