"""Ctrl-C and the like where they must not come at any moment."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

_Handler: TypeAlias = Callable[[int, FrameType | None], Any]

INTERRUPTS = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}
"""The signals that end a command."""
_SOON = 0.001
"""When to try again, s."""


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold back Ctrl-C and the like: during a fork they would be lost, or interrupt the child."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def ends_deferred(leave: Callable[[], None]) -> Iterator[None]:
    """Let code end by itself that an exception at any place would leave half done.

    A first SIGINT, SIGTERM or SIGHUP calls `leave`, and is handled as before after the block. A
    second one is handled at once.

    Args:
        leave: Asks the code to end; called at any place of the main thread.
    """
    before = _handlers()
    came: list[int] = []

    def defer(number: int, _frame: object) -> None:
        came.append(number)
        _handle_by(before)
        leave()

    _handle_by(dict.fromkeys(before, defer))
    try:
        yield
    finally:
        _handle_by(before)
        if came:
            signal.raise_signal(came[0])


@contextmanager
def interrupts_after(*functions: Callable[..., object]) -> Iterator[None]:
    """Let these functions end before an interrupt is raised: half done, they leave wrong data.

    SIGINT, SIGTERM and SIGHUP are handled as before, but up to a millisecond after the function. They
    must be short, and must not wait for anything.

    Args:
        functions: Functions and methods that are written in Python.
    """
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    codes = {one.__code__ for one in functions}
    before = _handlers()
    waiting: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        one = frame
        while one is not None:
            if one.f_code in codes:
                waiting[:] = [number]
                signal.signal(signal.SIGALRM, lambda _, later: handle(number, later))
                signal.setitimer(signal.ITIMER_REAL, _SOON)
                return
            one = one.f_back
        if waiting:  # once is enough
            waiting.clear()
            signal.setitimer(signal.ITIMER_REAL, 0)
        before[number](number, frame)

    _handle_by(dict.fromkeys(before, handle))
    try:
        yield
    finally:
        _handle_by(before)
        if waiting:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.raise_signal(waiting[0])


def _handlers() -> dict[int, _Handler]:
    """The handlers of the interrupts that are neither ignored nor left to the system."""
    found = {number: signal.getsignal(number) for number in INTERRUPTS}
    return {number: handler for number, handler in found.items() if callable(handler)}


def _handle_by(handlers: Mapping[int, _Handler]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
