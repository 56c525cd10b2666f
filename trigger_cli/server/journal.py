"""The file of fetched events. Fetching resumes after an interruption at any byte."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from trigger_cli.events.lines import LONGEST_RECORD, text_lines
from trigger_cli.server.companion import read_companion, write_companion
from trigger_cli.server.frames import (
    Compression,
    DamagedFile,
    compressed,
    compression_of_content,
    compression_of_name,
    end_of_frames,
    text_until,
)
from trigger_cli.times import MINUTE, format_instant, parse_instant

try:
    import fcntl
except ImportError:  # Windows: two at once are the user's own risk
    fcntl = None  # type: ignore[assignment]

_FRAME = 128 * 1024
"""Text in one compressed frame; plain lines are written as they come."""
_HEAD = 8
_OTHER = "give --output another name"
OVERLAP = 5 * MINUTE
"""How far back to ask again, µs: a server stores events seconds after they occurred, or later."""
_MOST = 500_000


class SeenIds:
    """Ids of events with their times. Ids of events long before the latest may be dropped."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self.latest: int | None = None
        """When the latest event occurred, µs."""
        self.is_whole = True
        """Whether no id has been dropped."""

    def add(self, ident: str, occurred: int) -> bool:
        """Add an event; returns whether it is new."""
        if ident in self._times:
            return False
        self._times[ident] = occurred
        if self.latest is None or occurred > self.latest:
            self.latest = occurred
        if len(self._times) > _MOST:
            self._forget()
        return True

    def count(self, since: int, until: int) -> int:
        """How many of the known events occurred from `since` to `until`, both included."""
        return sum(since <= at <= until for at in self._times.values())

    def _forget(self) -> None:
        assert self.latest is not None
        # Keep twice what may be asked for again; if that is still too much, drop the older half.
        oldest = self.latest - 2 * OVERLAP
        kept = {ident: at for ident, at in self._times.items() if at >= oldest}
        if len(kept) > _MOST // 2:
            times = sorted(kept.values())
            kept = {ident: at for ident, at in kept.items() if at >= times[-_MOST // 2]}
        self._times = kept
        self.is_whole = False


class JournalError(Exception):
    """Fetching into the file cannot resume; the file is unchanged."""

    def __init__(self, message: str, help_text: str | None = None) -> None:
        super().__init__(message)
        self.help_text = help_text


class Journal:
    """A file of events, one JSON object a line, open for appending.

    A companion file, ``.NAME.fetch.json``, records the server and the filters, so that events of
    another source are never appended.

    Args:
        path: The file, which need not exist.
        compression: ``None``: by the name's suffix. An existing file keeps its own.

    Raises:
        JournalError: The file is not a log of this program, or another process writes it.
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path, compression: Compression | None = None) -> None:
        self.path = path
        self.seen = SeenIds()
        self.events = 0
        """Events in the file."""
        self.first: int | None = None
        """When the earliest event occurred, µs."""
        self.torn = 0
        """Incomplete bytes at the end, left by an earlier run."""
        self.compression = compression or compression_of_name(path.name)
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._needs_newline = False
        self._file = _opened(path)
        try:
            self._read(compression)
        except BaseException:
            self._file.close()
            raise

    def _read(self, asked: Compression | None) -> None:
        """Read the file's events and find where it was cut off."""
        file = self._file
        head = file.read(_HEAD)
        if not head:
            return
        found = compression_of_content(head)
        if found is Compression.none and not head.startswith(b"{"):
            raise JournalError(f"{self.path} is no JSON Lines file of events", _OTHER)
        if asked is not None and asked is not found:
            raise JournalError(f"{self.path} is not compressed as --compress says", _OTHER)
        self.compression = found
        try:
            end = end_of_frames(file, found)
        except DamagedFile as error:
            raise JournalError(f"{self.path}: {error}", _OTHER) from None
        last = b"\n"
        limit = f"{LONGEST_RECORD // (1024 * 1024)} MiB"
        too_long = JournalError(f"{self.path} holds a line longer than {limit}", _OTHER)
        for text in text_lines(text_until(file, found, end)):
            if text is None:
                raise too_long
            self._learn(text)
            last = text
        # A whole frame without a newline at its end: another program made it.
        self._needs_newline = not last.endswith(b"\n")
        self.torn = file.seek(0, os.SEEK_END) - end
        if self.torn > LONGEST_RECORD:  # this program leaves no such file
            raise too_long
        file.seek(end)

    def _learn(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            record = orjson.loads(line)
            ident, occurred = record["id"], parse_instant(record["occurred"])
        except (ValueError, LookupError, TypeError, AttributeError):
            message = f"{self.path}: line {self.events + 1} is no event with `id` and `occurred`"
            raise JournalError(message, _OTHER) from None
        self._note(str(ident), occurred)

    def _note(self, ident: str, occurred: int) -> bool:
        if not self.seen.add(ident, occurred):
            return False
        self.events += 1
        if self.first is None or occurred < self.first:
            self.first = occurred
        return True

    # --- Origin ------------------------------------------------------------------------------

    def origin(self) -> dict[str, Any] | None:
        """The source of the file's events; ``None`` if it is not recorded."""
        return read_companion(self.path)

    def set_origin(
        self, api: str, since: int, filters: Mapping[str, Any], version: str | None = None
    ) -> None:
        """Record the source of the file's events, before the first is written."""
        write_companion(
            self.path, api=api, version=version, since=format_instant(since), filter=filters
        )

    # --- Writing -----------------------------------------------------------------------------

    def add(self, record: Mapping[str, Any]) -> bool:
        """Take an event unless the file has it; returns whether it is new.

        Raises:
            ValueError: The event has no id or no time.
        """
        ident, occurred = identity(record)
        if not self._note(ident, occurred):
            return False
        line = line_of(record)
        self._buffer.append(line)
        self._buffered += len(line)
        if self._buffered >= _FRAME or self.compression is Compression.none:
            self.flush()
        return True

    def flush(self) -> None:
        """Write the events taken so far as one frame.

        Raises:
            OSError: The file cannot be written, for example because the disk is full. Its earlier
                content stays readable.
        """
        if not self._buffer:
            return
        if self.torn:
            self._file.truncate()
            self.torn = 0
        text = b"".join(self._buffer)
        if self._needs_newline:
            text = b"\n" + text
        self._buffer.clear()
        self._buffered = 0
        self._needs_newline = False
        rest = memoryview(compressed(text, self.compression))
        while rest:  # a nearly full disk takes only a part
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Write the rest and release the file's lock.

        Raises:
            OSError: The rest cannot be written.
        """
        try:
            self.flush()
            if self.torn:
                self._file.truncate()
            with suppress(OSError):
                os.fsync(self._file.fileno())
        finally:
            self._file.close()


def line_of(record: Mapping[str, Any]) -> bytes:
    """An event on one line."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def document_of(value: Any) -> str:
    """A JSON value with indentation, for a file that people may read."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def identity(record: Mapping[str, Any]) -> tuple[str, int]:
    """An event's id, and when it occurred, µs.

    Raises:
        ValueError: One of them is missing.
    """
    ident, occurred = record.get("id"), record.get("occurred")
    if not isinstance(ident, str) or not ident or not isinstance(occurred, str):
        raise ValueError("an event without `id` or `occurred`")
    return ident, parse_instant(occurred)


def _opened(path: Path) -> BinaryIO:
    # Unbuffered: what is written survives the death of this process.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)  # a pipe may have no reader
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise JournalError(f"{path} is no file", "without --output, events go to stdout")
    file: BinaryIO = os.fdopen(handle, "r+b", buffering=0)
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise JournalError(f"another fetch is writing {path}") from None
    return file
