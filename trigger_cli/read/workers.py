"""Worker processes that read parts of a log; their answers come in the order of the parts."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Self, TypeVar

from trigger_cli.events.scan import Scanned, unpack_scanned
from trigger_cli.read.reading import Reading
from trigger_cli.read.tasks import Lines, Task, work_on

_T = TypeVar("_T")
_AT_ONCE = 2
"""Tasks that a worker has at most, so that it need not wait for the next."""
_HELD = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
_AHEAD = 3
"""Answers per worker that may wait for their turn."""


@dataclass(slots=True)
class _Worker:
    """A process and what it has been given."""

    process: BaseProcess
    connection: Connection
    tasks: deque[tuple[Task, _Answer]] = field(default_factory=deque)
    """Given and not answered, in the order in which the answers come."""


@dataclass(slots=True)
class _Answer:
    """A place in the order, filled when the worker is done."""

    scanned: Scanned | None = None


class Workers:
    """Some processes that read the same log; a context manager, which ends them.

    A worker that dies loses nothing: what it had been given is done here instead.
    """

    def __init__(self, count: int, reading: Reading) -> None:
        """Start the processes, before this one starts any thread."""
        self._reading = reading
        self._workers: list[_Worker] = []
        context = _context()
        ends: list[Connection] = []
        with _interrupts_held():
            for _ in range(count):
                ours, theirs = context.Pipe()
                ends.append(ours)
                process = context.Process(
                    target=_serve, args=(theirs, list(ends), reading), daemon=True
                )
                process.start()
                theirs.close()
                self._workers.append(_Worker(process, ours))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.connection.close()  # which ends an idle worker
        for worker in self._workers:
            worker.process.terminate()
            worker.process.join()
            worker.process.close()
        self._workers.clear()

    def in_order(self, tasks: Iterable[tuple[_T, Task | Scanned]]) -> Iterator[tuple[_T, Scanned]]:
        """Each task's answer, beside what came with the task; an answer is passed on as it is."""
        coming = iter(tasks)
        expected: deque[tuple[_T, _Answer]] = deque()
        most = len(self._workers) * _AHEAD
        item: tuple[_T, Task | Scanned] | None = None
        while True:
            while len(expected) < most and (item := item or next(coming, None)) is not None:
                label, task = item
                answer = _Answer()
                if isinstance(task, Scanned):
                    answer.scanned = task
                elif not self._give(task, answer):
                    break
                expected.append((label, answer))
                item = None
            if not expected:
                return
            label, first = expected[0]
            while first.scanned is None:
                self._receive()
                if item is not None:
                    break  # it may be given now
            else:
                expected.popleft()
                yield label, first.scanned

    def _give(self, task: Task, answer: _Answer) -> bool:
        """Give a task to the worker with least to do; ``False`` if all have enough."""
        alive = [one for one in self._workers if not one.connection.closed]
        if not alive:
            answer.scanned = work_on(task, self._reading.scanner())
            return True
        worker = min(alive, key=lambda one: len(one.tasks))
        # A worker that cannot send its answer takes no lines, which would fill the pipe.
        if len(worker.tasks) >= (1 if isinstance(task, Lines) else _AT_ONCE):
            return False
        worker.tasks.append((task, answer))
        try:
            worker.connection.send(task)
        except OSError:
            self._bury(worker)
        return True

    def _receive(self) -> None:
        """Wait for some worker's answer."""
        busy = {one.connection: one for one in self._workers if one.tasks}
        for ready in wait(list(busy)):
            worker = busy[ready]  # type: ignore[index]  # what was waited for
            try:
                packed = worker.connection.recv_bytes()
            except (EOFError, OSError):
                self._bury(worker)
                continue
            worker.tasks.popleft()[1].scanned = unpack_scanned(packed)

    def _bury(self, worker: _Worker) -> None:
        """Do what a dead worker leaves undone."""
        worker.connection.close()
        scanner = self._reading.scanner()
        while worker.tasks:
            task, answer = worker.tasks.popleft()
            answer.scanned = work_on(task, scanner)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C and the like wait: amid a fork it would be lost, or end in the middle of the child."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> ForkContext | SpawnContext:
    """A fork takes 5 ms and needs no imports, but copes with no threads and is not everywhere."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _serve(connection: Connection, theirs: list[Connection], reading: Reading) -> None:
    """Answer tasks until the connection is closed."""
    # Ctrl-C goes to every process of the terminal; the one that gives the tasks decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    for end in theirs:
        end.close()  # inherited: while one is open here, no other worker would see its end
    gc.disable()  # nothing here makes cycles
    scanner = reading.scanner()
    while True:
        try:
            task: Task = connection.recv()
            answer = work_on(task, scanner).pack()
            connection.send_bytes(answer)
        except (EOFError, OSError):
            return
