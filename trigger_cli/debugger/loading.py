"""Opens a log in a separate thread, while the screen shows the progress."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Thread
from typing import TypeVar

from trigger_cli.debugger.session import Session
from trigger_cli.read.log import LogStats

_T = TypeVar("_T")
_PATIENCE = 0.5
"""The time to wait for a thread that was asked to stop, seconds."""


class _StoppedError(Exception):
    """The session is no longer needed."""


class Loading:
    """A session that is being opened.

    Args:
        logs: The names of the logs.
        stats: The progress of reading; the reader updates it.
    """

    def __init__(self, logs: Sequence[str], stats: LogStats) -> None:
        self.logs = logs
        self.stats = stats
        self.replayed = 0
        """The number of replayed events."""
        self._session: Session | None = None
        self._error: BaseException | None = None
        self._is_stopped = False
        self._thread: Thread | None = None

    def start(self, opened: Callable[[], Session]) -> None:
        """Start; `opened` reads and replays, and calls `watch` and `note` during that."""
        # A daemon, because the process must not wait for it at exit: it may be reading from a pipe.
        self._thread = Thread(target=self._run, args=[opened], daemon=True)
        self._thread.start()

    def _run(self, opened: Callable[[], Session]) -> None:
        try:
            self._session = opened()
        except BaseException as error:  # noqa: BLE001  # raised again in `session`
            self._error = error

    def watch(self, stretches: Iterable[_T]) -> Iterator[_T]:
        """The stretches of a log as they are read."""
        for one in stretches:
            self.note(0)
            yield one

    def note(self, replayed: int) -> None:
        """Record the number of replayed events.

        Raises:
            _StoppedError: The thread was asked to stop.
        """
        if self._is_stopped:
            raise _StoppedError
        self.replayed = replayed

    @property
    def is_over(self) -> bool:
        """Whether there is a session or an error."""
        return self._thread is not None and not self._thread.is_alive()

    @property
    def session(self) -> Session | None:
        """The session; ``None`` if there is none yet.

        Raises:
            Exception: The error of opening it.
        """
        if self._error is not None and not isinstance(self._error, _StoppedError):
            raise self._error
        return self._session

    def stop(self) -> bool:
        """Ask the thread to stop; returns whether it has stopped, or is still waiting for input."""
        self._is_stopped = True
        # An interrupt may come just before the thread starts.
        if self._thread is not None and self._thread.ident is not None:
            self._thread.join(_PATIENCE)
        return self._thread is None or not self._thread.is_alive()
