"""What a test session begins early and needs late, once however many processes share its tests."""

import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST = 1200.0
"""How long a result may take, seconds: the oracle's environment comes over the network."""


class Background:
    """Results that the session's first process makes in threads, for all of its processes.

    Args:
        folder: Where results are left, the same for all processes of the session.
        makes: Whether this is the first process.
    """

    def __init__(self, folder: Path, *, makes: bool) -> None:
        self._folder = folder
        self._makes = makes
        self._threads: list[threading.Thread] = []

    def begin(self, name: str, make: Callable[[], object]) -> None:
        """Have `make` called, here or in the first process; what it returns must be picklable."""
        if self._makes:
            thread = threading.Thread(target=self._make, args=(name, make))
            self._threads.append(thread)
            thread.start()

    def finish(self) -> None:
        """Return when everything that this process makes is made."""
        for thread in self._threads:
            thread.join(LONGEST)

    def _make(self, name: str, make: Callable[[], object]) -> None:
        try:
            outcome = (make(), None)
        except BaseException:  # noqa: BLE001  # whatever it is, somebody waits for it
            outcome = (None, traceback.format_exc())
        building = self._folder / f"{name}.building"
        building.write_bytes(pickle.dumps(outcome))
        building.rename(self._folder / name)

    def result(self, name: str) -> Any:
        """What was made under that name; waits for it.

        Raises:
            AssertionError: It could not be made.
        """
        path = self._folder / name
        deadline = time.monotonic() + LONGEST
        while not path.exists():
            assert time.monotonic() < deadline, f"{name} was not made within {LONGEST:.0f} s"
            time.sleep(0.05)
        value, error = pickle.loads(path.read_bytes())  # noqa: S301  # this session's own
        assert error is None, error
        return value


def let_others_go_first() -> None:
    """Give way to the threads that run already, and what they start.

    A real server that is late decides otherwise, while a test that is late is only late. (On
    Linux this concerns the calling thread alone; elsewhere it changes nothing between the two.)
    """
    os.nice(3)  # more, and beside other busy programs the tests would hardly go on
