"""A queue between threads with a limited number of items, safe when a signal interrupts it."""

import queue
from typing import Generic, TypeVar

_T = TypeVar("_T")


class BoundedQueue(Generic[_T]):
    """A queue for one thread that puts and another that gets, which may be the main thread.

    A signal handler may raise an exception anywhere in `get`. In `queue.Queue` that can leave a lock
    in a wrong state: Ctrl-C then ends in `RuntimeError`, or nothing goes on. `SimpleQueue` is safe
    but has no limit, so a second one holds the free places.

    Args:
        most: The most items that wait.
    """

    def __init__(self, most: int) -> None:
        self._items: queue.SimpleQueue[_T] = queue.SimpleQueue()
        self._places: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(most):
            self._places.put(None)

    def put(self, item: _T) -> None:
        """Add an item; wait until there is a place."""
        self._places.get()
        self._items.put(item)

    def get(self, timeout: float | None = None) -> _T:
        """Take the oldest item; wait until there is one.

        Args:
            timeout: The longest wait in seconds; ``None`` for no limit.

        Raises:
            queue.Empty: There was none in that time.
        """
        item = self._items.get(timeout=timeout)
        self._places.put(None)
        return item

    def empty(self) -> bool:
        """Whether no item waits."""
        return self._items.empty()

    def release(self) -> None:
        """Make a place, so that a `put` that waits can end; the caller needs no more items."""
        self._places.put(None)
