"""The queue between threads."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

import pytest

from tests.limits import LONGEST
from trigger_cli.bounded_queue import BoundedQueue

TraceFunction: TypeAlias = "Callable[[FrameType, str, Any], TraceFunction]"


def test_items_come_in_order_and_no_more_than_the_limit_wait():
    """The thread that puts waits for a place."""
    line: BoundedQueue[int] = BoundedQueue(2)
    done: list[int] = []

    def work() -> None:
        for number in range(5):
            line.put(number)
            done.append(number)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while len(done) < 2:
        time.sleep(0.001)
    assert [0, 1] == done
    assert list(range(5)) == [line.get(LONGEST) for _ in range(5)]
    thread.join(LONGEST)
    assert line.empty()
    with pytest.raises(queue.Empty):
        line.get(0.001)


def test_one_who_waits_to_put_can_be_released():
    """The other side has ended."""
    line: BoundedQueue[int] = BoundedQueue(1)
    line.put(1)
    thread = threading.Thread(target=line.put, args=(2,), daemon=True)
    thread.start()
    line.release()
    thread.join(LONGEST)
    assert not thread.is_alive()


def test_a_signal_at_any_place_of_get_is_that_signal():
    """After that, items still come; `queue.Queue` raises ``RuntimeError`` there or stands still."""
    places = 0
    while True:
        line: BoundedQueue[int] = BoundedQueue(2)
        line.put(1)
        try:
            with interrupted_at(places):
                line.get(0.01)
                line.get(0.01)  # there is none: this one waits
        except KeyboardInterrupt:
            places += 1
        except queue.Empty:
            break
        line.release()  # the interrupt may have come before the place was free again
        line.put(2)
        assert line.get(LONGEST) in (1, 2)
    assert places > 10, "each instruction was interrupted"


@contextmanager
def interrupted_at(place: int) -> Iterator[None]:
    """Raise what Ctrl-C raises, at an instruction of the functions that the block calls."""
    left = place

    def traced(frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal left
        frame.f_trace_opcodes = True
        if event == "opcode":
            if not left:
                sys.settrace(None)
                raise KeyboardInterrupt
            left -= 1
        return traced

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # first versions of 3.12 look for this at `settrace`
    sys.settrace(traced)
    try:
        yield
    finally:
        sys.settrace(before)
