"""The file that fetched events are appended to: killed at any byte, it goes on where it was."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from trigger_cli.bounded_files import read_small
from trigger_cli.events.lines import LONGEST_RECORD, text_lines
from trigger_cli.server.frames import (
    Compression,
    DamagedFile,
    compressed,
    compression_of_content,
    compression_of_name,
    end_of_frames,
    text_until,
)
from trigger_cli.server.seen import SeenIds
from trigger_cli.times import format_instant, parse_instant

try:
    import fcntl
except ImportError:  # Windows: two at once are the user's own risk
    fcntl = None  # type: ignore[assignment]

FORMAT = "trigger-cli/fetch@1"
_FRAME = 128 * 1024
"""Text in one compressed frame; plain lines are written as they come."""
_HEAD = 8


class JournalError(Exception):
    """The file cannot be gone on with; nothing of it has been changed."""

    def __init__(self, message: str, help_text: str | None = None) -> None:
        super().__init__(message)
        self.help_text = help_text


class Journal:
    """A file of events, one JSON object a line, open for more.

    A companion beside it, ``.NAME.fetch.json``, says from where and by which filters it was
    filled, so that it is never gone on with by others.

    Args:
        path: The file, which need not exist.
        compression: ``None``: as the name ends; an existing file stays as it is.

    Raises:
        JournalError: The file is no log of ours, or another process writes it.
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path, compression: Compression | None = None) -> None:
        self.path = path
        self.companion = path.with_name(f".{path.name}.fetch.json")
        self.seen = SeenIds()
        self.events = 0
        """Events in the file."""
        self.first: int | None = None
        """When the earliest event occurred, µs."""
        self.torn = 0
        """Bytes at the end that some earlier run left unfinished."""
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
        """Learn what the file holds, and find where it was cut off."""
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
        for text in text_lines(text_until(file, found, end)):
            last = self._bounded(text)
            self._learn(last)
        # Whole by its frame, but without a newline: a file made elsewhere.
        self._needs_newline = not last.endswith(b"\n")
        self.torn = file.seek(0, os.SEEK_END) - end
        if self.torn > LONGEST_RECORD:  # nothing that this program left unfinished
            self._bounded(None)
        file.seek(end)

    def _bounded(self, line: bytes | None) -> bytes:
        if line is None:
            limit = LONGEST_RECORD // (1024 * 1024)
            raise JournalError(f"{self.path} holds a line longer than {limit} MiB", _OTHER)
        return line

    def _learn(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            record = orjson.loads(line)
            ident, occurred = record["id"], parse_instant(record["occurred"])
        except (ValueError, LookupError, TypeError, AttributeError):
            place = self.events + 1
            message = f"{self.path}: line {place} is no event with `id` and `occurred`"
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
        """From where the file was filled; ``None`` if nothing says so."""
        try:
            value = orjson.loads(read_small(self.companion))
        except (OSError, ValueError):  # too large, or no JSON
            return None
        return value if isinstance(value, dict) and value.get("format") == FORMAT else None

    def set_origin(self, api: str, since: int, filters: Mapping[str, Any]) -> None:
        """Say from where the file is filled, before its first event is written."""
        value = {"format": FORMAT, "api": api, "since": format_instant(since), "filter": filters}
        temporary = self.companion.with_name(f"{self.companion.name}.new")
        temporary.write_bytes(orjson.dumps(value) + b"\n")
        temporary.replace(self.companion)

    # --- Writing -----------------------------------------------------------------------------

    def add(self, record: Mapping[str, Any]) -> bool:
        """Take an event, unless it is there already; tells whether it is new.

        Raises:
            ValueError: It has no id, or no time.
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
        """Write what has been taken as one frame.

        Raises:
            OSError: The disk is full, or the like; what was there stays readable.
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
        while rest:  # a disk that is nearly full takes a part
            rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Write the rest, and let others at the file.

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


_OTHER = "give --output another name"


def line_of(record: Mapping[str, Any]) -> bytes:
    """An event on one line."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def document_of(value: Any) -> str:
    """A JSON value for a file that a person may read."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def identity(record: Mapping[str, Any]) -> tuple[str, int]:
    """An event's id, and when it occurred, µs.

    Raises:
        ValueError: It lacks one of them.
    """
    ident, occurred = record.get("id"), record.get("occurred")
    if not isinstance(ident, str) or not ident or not isinstance(occurred, str):
        raise ValueError("an event without `id` or `occurred`")
    return ident, parse_instant(occurred)


def _opened(path: Path) -> BinaryIO:
    # Unbuffered: what is written is the system's at once, whatever becomes of this process.
    flags = (
        os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    )  # of a pipe, nobody may hold the other end
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
