"""A disk on which one operation fails: the n-th of a command, for n from 1 until none is left.

So SQLite tests itself. Writing, syncing, cutting short, renaming and linking of files that were
opened to be written are counted; reading and the standard streams are not, nor is what a thread
does that was there before: the session makes things in the background.
"""

import _io
import builtins
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

_CALLS = ("fsync", "replace", "rename", "truncate", "ftruncate", "chmod", "link")


class FailingDisk:
    """Counts the operations, and has one of them fail.

    Args:
        fails_at: Which one, from 1; 0: none.
        code: With which ``errno``.
        lasting: Whether all writing after it fails as well, as on a disk that is full.
    """

    def __init__(self, fails_at: int = 0, code: int = 0, *, lasting: bool = False) -> None:
        self.operations = 0
        self.failed: list[str] = []
        """The operations that did not come to pass."""
        self._fails_at = fails_at
        self._code = code
        self._lasting = lasting
        self._others: set[threading.Thread] = set()

    def note(self, name: str) -> None:
        """Count an operation.

        Raises:
            OSError: It is the one that fails.
        """
        if threading.current_thread() in self._others:
            return
        self.operations += 1
        is_after = self._lasting and name == "write" and self.failed
        if self.operations == self._fails_at or is_after:
            self.failed.append(name)
            raise OSError(self._code, os.strerror(self._code))

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Have this process write to it."""
        disk = self
        self._others = {*threading.enumerate()} - {threading.current_thread()}

        class Raw(io.FileIO):
            def write(self, data: Any) -> int:
                disk.note("write")
                return super().write(data)

            def truncate(self, size: int | None = None) -> int:
                disk.note("truncate")
                return super().truncate(size)

        def opened(
            file: Any,
            mode: str = "r",
            buffering: int = -1,
            encoding: str | None = None,
            errors: str | None = None,
            newline: str | None = None,
            closefd: bool = True,
            opener: Any = None,
        ) -> Any:
            if not set(mode) & set("wax+") or file in {0, 1, 2}:
                return real(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            if buffering == 0:
                return raw
            binary = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return binary if "b" in mode else io.TextIOWrapper(binary, encoding, errors, newline)

        real = _io.open
        with ExitStack() as stack:
            for module in (builtins, io, _io):
                stack.enter_context(patch.object(module, "open", opened))
            for name in _CALLS:
                if hasattr(os, name):
                    stack.enter_context(patch.object(os, name, self._counted(name)))
            yield

    def _counted(self, name: str) -> Callable[..., Any]:
        call = getattr(os, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            self.note(name)
            return call(*arguments, **options)

        return counted
