"""Worker processes that read parts of a log and call pure functions."""

import gc
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Self, TypeAlias, TypeVar

from msgspec import Struct, field

from trigger_cli.events.scan import Scanned, Scanner, unpack_scanned
from trigger_cli.events.shards import Shard
from trigger_cli.interrupts import interrupts_held
from trigger_cli.processes import process_context, serve_another
from trigger_cli.read.reading import Reading
from trigger_cli.read.tasks import Task, work_on

_T = TypeVar("_T")
_AT_ONCE = 2
"""How many parts of a file are assigned to a worker, so that it need not wait for the next."""
_AHEAD = 3
"""How many answers per worker may wait for their turn."""


class _Call(Struct, frozen=True):
    """An importable pure function and its arguments."""

    function: Callable[..., object]
    arguments: tuple[object, ...]


_Work: TypeAlias = Task | _Call


class Answer(Struct):
    """The result of some work, filled in when the worker is done."""

    work: _Work
    packed: bytes | None = None


class _Worker(Struct):
    """A process and the work assigned to it."""

    process: BaseProcess
    connection: Connection
    given: deque[Answer] = field(default_factory=deque)
    """Work not answered yet, in the order in which the answers come."""


class Workers:
    """Worker processes that read a log and compute on it; a context manager that ends them.

    If a worker dies, this process does the work that the worker had.
    """

    def __init__(self, count: int, reading: Reading) -> None:
        """Start the processes; call this before this process starts any thread."""
        self._reading = reading
        self._workers: list[_Worker] = []
        context = process_context()
        ends: list[Connection] = []
        with interrupts_held():
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

    def count(self) -> int:
        """The number of workers."""
        return len(self._workers)

    # --- Reading -----------------------------------------------------------------------

    def in_order(self, tasks: Iterable[tuple[_T, Task | Scanned]]) -> Iterator[tuple[_T, Scanned]]:
        """Yield each task's result with the task's value; a finished result passes unchanged."""
        coming = iter(tasks)
        expected: deque[tuple[_T, Answer | Scanned]] = deque()
        most = len(self._workers) * _AHEAD
        item: tuple[_T, Task | Scanned] | None = None
        while True:
            while len(expected) < most and (item := item or next(coming, None)) is not None:
                label, task = item
                given = task if isinstance(task, Scanned) else self._give(task)
                if given is None:
                    break
                expected.append((label, given))
                item = None
            if not expected:
                if item is None:
                    return
                self._receive()  # every worker is busy with calls
                continue
            label, first = expected[0]
            while isinstance(first, Answer) and first.packed is None:
                self._receive()
                if item is not None:
                    break  # a worker may be free now
            else:
                expected.popleft()
                yield label, first if isinstance(first, Scanned) else _scanned(first)

    # --- Calls -------------------------------------------------------------------------

    def ask(self, function: Callable[..., object], /, *arguments: object) -> Answer:
        """Have a worker call an importable pure function; pass the answer to `result`."""
        while (answer := self._give(_Call(function, arguments))) is None:
            self._receive()
        return answer

    def result(self, answer: Answer, /) -> Any:
        """Wait for an answer and return what the function returned.

        Raises:
            Exception: What the function raised.
        """
        while answer.packed is None:
            self._receive()
        result, error = pickle.loads(answer.packed)  # noqa: S301  # by `_done`
        if error is not None:
            raise error
        return result

    # --- Processes ---------------------------------------------------------------------

    def _give(self, work: _Work) -> Answer | None:
        """Assign work to the least busy worker; ``None`` if all are busy."""
        answer = Answer(work)
        alive = [one for one in self._workers if not one.connection.closed]
        if not alive:
            answer.packed = _done(work, self._reading.scanner())
            return answer
        worker = min(alive, key=lambda one: len(one.given))
        # Send no long work to a worker that may be blocked on its answer: it would fill the pipe.
        if len(worker.given) >= (_AT_ONCE if isinstance(work, Shard) else 1):
            return None
        worker.given.append(answer)
        try:
            worker.connection.send(work)
        except OSError:
            self._take_over(worker)
        return answer

    def _receive(self) -> None:
        """Wait for an answer of any worker."""
        busy = {one.connection: one for one in self._workers if one.given}
        for ready in wait(list(busy)):
            worker = busy[ready]  # type: ignore[index]  # what was waited for
            try:
                packed = worker.connection.recv_bytes()
            except (EOFError, OSError):
                self._take_over(worker)
                continue
            worker.given.popleft().packed = packed

    def _take_over(self, worker: _Worker) -> None:
        """Do the remaining work of a dead worker."""
        worker.connection.close()
        scanner = self._reading.scanner()
        while worker.given:
            answer = worker.given.popleft()
            answer.packed = _done(answer.work, scanner)


def _scanned(answer: Answer) -> Scanned:
    assert answer.packed is not None
    return unpack_scanned(answer.packed)


def _done(work: _Work, scanner: Scanner) -> bytes:
    """The packed result of some work: for a call, its return value or the error that it raised."""
    if not isinstance(work, _Call):
        return work_on(work, scanner).pack()
    try:
        return pickle.dumps((work.function(*work.arguments), None))
    except Exception as error:  # noqa: BLE001  # raised by `Workers.result`
        return pickle.dumps((None, error))


def _serve(connection: Connection, theirs: list[Connection], reading: Reading) -> None:
    """Answer requests until the connection is closed."""
    serve_another()
    for end in theirs:
        end.close()  # inherited; while it is open here, another worker would not see its end
    scanner = reading.scanner()
    while True:
        try:
            work: _Work = connection.recv()
            connection.send_bytes(_done(work, scanner))
        except (EOFError, OSError):
            return
        if isinstance(work, _Call):
            gc.collect()
