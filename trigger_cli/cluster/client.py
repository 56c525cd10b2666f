"""The connection to a cluster's scheduler, with its errors in plain words."""

import asyncio
import logging
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from distributed import Client, KilledWorker
from distributed.comm import connect as comm_connect
from distributed.security import Security

from trigger_cli import __version__

_T = TypeVar("_T")
Answer: TypeAlias = Any
"""A `distributed.Future`, which has no types."""

_PATIENCE = "10s"
"""How long the first answer of a cluster may take: the address may be wrong."""
PATIENCE = 120.0
"""How long a cluster may be without workers, seconds."""
LONGEST_WORK = 1800.0
"""How long a call may take, seconds: it may wait behind the calls of others."""
LONGEST_ANSWER = 60.0
"""How long a scheduler or a worker may take to answer a question, seconds."""
_LOOK_EVERY = 1.0
"""How often a wait checks that there are workers, seconds."""
_FIRST = 1
"""The priority of calls that the replay waits for, above that of reading ahead."""

# Sent as text: a worker without trigger-cli could not import a function of it, but has `eval`.
_ASK_VERSIONS = (
    "__import__('trigger_cli').__version__, '.'.join(map(str, __import__('sys').version_info[:2]))"
)

_TLS_HELP = (
    "TLS needs DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY, "
    "and a scheduler that uses it (docs/guides/cluster.md)"
)


class ClusterError(Exception):
    """The cluster does not do what was asked.

    Args:
        message: The reason.
        help_text: A remedy, if it differs from the usual one.
    """

    def __init__(self, message: str, help_text: str | None = None) -> None:
        super().__init__(message)
        self.help_text = help_text


class Cluster:
    """Calls functions on a cluster's workers; if a worker dies, another repeats its calls.

    Args:
        client: A `distributed.Client`.
        address: The scheduler's address.
        patience: How long the cluster may be without workers, seconds.
    """

    def __init__(self, client: Any, address: str, patience: float = PATIENCE) -> None:
        self._client = client
        self._address = address
        self._patience = patience

    def threads(self) -> dict[str, int]:
        """The current workers, each with its number of threads.

        Raises:
            ClusterError: The scheduler is gone.
        """
        with _plain_errors():
            threads: dict[str, int] = self._client.sync(self._threads)
            return threads

    def count(self) -> int:
        """The current number of workers.

        Raises:
            ClusterError: The scheduler is gone.
        """
        return len(self.threads())

    def ask(self, function: Callable[..., object], /, *arguments: object) -> Answer:
        """As `submit`, with priority over reading ahead."""
        return self.submit(function, *arguments, priority=_FIRST)

    def submit(
        self, function: Callable[..., object], *arguments: object, priority: int = 0
    ) -> Answer:
        """Have a worker call a pure `function`; an argument may be an answer.

        Raises:
            ClusterError: The scheduler is gone.
        """
        with _plain_errors():
            # Not `pure`, which would reuse an earlier result for ever: logs change.
            return self._client.submit(function, *arguments, pure=False, priority=priority)

    def result(self, answer: Answer) -> Any:
        """Wait for an answer and return what the function returned.

        Raises:
            ClusterError: The scheduler is gone; too many workers died during the call; there were
                no workers for longer than `patience`; or the call takes longer than `LONGEST_WORK`.
            Exception: What the function raised.
        """
        with _plain_errors():
            return self._client.sync(self._result, answer)

    async def _threads(self) -> Any:
        return await _in_time(self._client.nthreads(), "the scheduler")

    async def _result(self, answer: Answer) -> Any:
        getting = asyncio.ensure_future(answer.result())
        now = asyncio.get_running_loop().time
        began = had_workers = now()
        try:
            while not (await asyncio.wait({getting}, timeout=_LOOK_EVERY))[0]:
                workers = len(await self._threads())
                if workers:
                    had_workers = now()
                self._require_patience(workers, now() - began, now() - had_workers)
            return getting.result()
        finally:
            getting.cancel()

    def _require_patience(self, workers: int, waited: float, without_workers: float) -> None:
        """Raise `ClusterError` if there have been no workers, or no answer, for too long."""
        if without_workers > self._patience:
            raise ClusterError(
                f"the cluster at {self._address} has no workers left, and none came in"
                f" {without_workers:.0f} s",
                f"start workers (`dask worker {self._address}`) and the replay again, wait longer"
                " with --patience, or use --jobs",
            )
        if waited > LONGEST_WORK:
            raise ClusterError(
                f"the cluster at {self._address} has {workers} workers, but a piece of work has"
                f" not come back in {waited:.0f} s",
                "see what the workers do or wait for, and start the replay again, or use --jobs",
            )


@contextmanager
def connect(address: str, patience: float = PATIENCE) -> Iterator[Cluster]:
    """Connect to the scheduler at `address`, e.g. ``tcp://10.0.0.1:8786``.

    At the end, also after an exception, the cluster drops the calls that are not done.

    Args:
        address: The scheduler's address.
        patience: How long the cluster may later be without workers, seconds.

    Raises:
        ClusterError: No scheduler answers, it has no workers, or a worker cannot do the work.
    """
    with _nothing_logged():
        try:
            # Connect directly first: a `Client` that fails to connect hangs when it is deleted.
            asyncio.run(_check_reachable(address))
            client = Client(address, timeout=_PATIENCE, set_as_default=False)
        except Exception as error:  # noqa: BLE001
            # The address, the network or another protocol version can raise any kind of error.
            message = f"no cluster answers at {address}: {_words(error)}"
            what_to_do = _TLS_HELP if address.startswith("tls:") else None
            raise ClusterError(message, what_to_do) from None
        try:
            try:
                client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError:
                raise ClusterError(f"the cluster at {address} has no workers") from None
            _require_versions(client)
            yield Cluster(client, address, patience)
        finally:
            # A scheduler that is gone does not answer, so do not wait for it.
            client.close(timeout=2)


async def _check_reachable(address: str) -> None:
    arguments = Security().get_connection_args("client")
    comm = await comm_connect(address, timeout=_PATIENCE, **arguments)
    await comm.close()


def _require_versions(client: Any) -> None:
    """Raise `ClusterError` unless the workers have the versions of this process."""
    ours = (__version__, f"{sys.version_info[0]}.{sys.version_info[1]}")

    async def ask() -> Any:
        return await _in_time(client.run(eval, _ASK_VERSIONS, on_error="return"), "a worker")

    with _plain_errors():
        answers: dict[str, object] = client.sync(ask)
    for worker, theirs in sorted(answers.items()):
        if isinstance(theirs, ImportError):
            raise ClusterError(f"the worker {worker} cannot import trigger-cli: {_words(theirs)}")
        if isinstance(theirs, tuple) and theirs != ours:
            # `marshal` and `pickle` data is readable only by the same versions.
            raise ClusterError(
                f"the worker {worker} has trigger-cli {theirs[0]} on Python {theirs[1]},"
                f" but this is {ours[0]} on {ours[1]}"
            )


async def _in_time(asked: Awaitable[_T], who: str) -> _T:
    """Await an answer; raise `ClusterError` if it does not come in time."""
    try:
        return await asyncio.wait_for(asked, LONGEST_ANSWER)
    except TimeoutError:
        raise ClusterError(f"{who} has not answered for {LONGEST_ANSWER:.0f} s") from None


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except KilledWorker as error:
        raise ClusterError(
            f"{error.allowed_failures + 1} workers died of the same piece of work;"
            " have they too little memory?"
        ) from None
    except (CancelledError, TimeoutError, OSError) as error:
        # A worker's own errors with logs are part of its answer, so this is the connection.
        raise ClusterError(f"the scheduler is gone: {_words(error)}") from None


@contextmanager
def _nothing_logged() -> Iterator[None]:
    """Suppress the log output of `distributed` on stderr; errors are raised instead."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _words(error: BaseException) -> str:
    """An exception's message on one line, or its class name."""
    return " ".join(str(error).split())[:300] or type(error).__name__
