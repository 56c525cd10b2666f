"""The file of fetched events; a fetch can resume after an interruption at any byte."""

import json
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from trigger_cli.events.lines import LONGEST_RECORD, text_lines
from trigger_cli.events.shards import chunks_of
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
from trigger_cli.server.seen_ids import SeenIds, identity
from trigger_cli.times import format_instant, parse_instant

try:
    import fcntl
except ImportError:  # Windows: no protection against two processes
    fcntl = None  # type: ignore[assignment]

_FRAME = 128 * 1024
"""The size of the text of a compressed frame; plain lines are written at once."""
_HEAD = 8
_TAIL = 4 * 1024
"""How many bytes of the end are compared before something is appended."""
_OTHER = "give --output another name"


class JournalError(Exception):
    """Fetching into the file cannot resume; the file is unchanged."""

    def __init__(self, message: str, help_text: str | None = None) -> None:
        super().__init__(message)
        self.help_text = help_text


class UnkeepableError(Exception):
    """An event cannot be stored; the message continues after the event: "is nested too deeply"."""


class Journal:
    """A file of events, one JSON object a line, open for appending.

    A companion file, ``.NAME.fetch.json``, records the server and the filters, so that events of
    another source are never appended.

    Args:
        path: The file; it need not exist.
        compression: ``None``: by the name's suffix. An existing file keeps its compression.

    Raises:
        JournalError: The file is not a log of this program, or another process is writing it.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, compression: Compression | None = None) -> None:
        self.path = path
        self.seen = SeenIds()
        self.events = 0
        """Events in the file."""
        self.first: int | None = None
        """The time of the earliest event, µs."""
        self.torn = 0
        """Incomplete bytes at the end, from an earlier run."""
        self.compression = compression or compression_of_name(path.name)
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._needs_newline = False
        self.is_restored = False
        """Whether the file was deleted during the fetch, and was created again."""
        self.origin = read_companion(path)
        """The source of the file's events; ``None`` if it is not recorded."""
        self._size = 0
        self._tail = b""
        """The last bytes of the file, which no other program may change."""
        self._began = 0
        """Where this fetch began to write."""
        self._checksum = 0
        """The checksum of what this fetch has written."""
        self._file = _opened(path)
        try:
            self._read(compression)
        except BaseException:
            self._file.close()
            raise

    def _read(self, asked: Compression | None) -> None:
        """Read the file's events and find where the file was cut off."""
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
        # A whole frame without a newline at its end: another program wrote it.
        self._needs_newline = not last.endswith(b"\n")
        self.torn = file.seek(0, os.SEEK_END) - end
        if self.torn > LONGEST_RECORD:  # this program does not leave such a file
            raise too_long
        self._size = end + self.torn
        self._began = end
        file.seek(max(0, end - _TAIL))
        self._tail = file.read(min(end, _TAIL))
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

    def set_origin(
        self, api: str, since: int, filters: Mapping[str, Any], version: str | None = None
    ) -> None:
        """Record the source of the file's events, before the first is written."""
        write_companion(
            self.path, api=api, version=version, since=format_instant(since), filter=filters
        )
        self.origin = read_companion(self.path)

    def set_doubt(self, since: int | None) -> None:
        """Record that events later than `since`, µs, may be missing; ``None``: none is missing."""
        facts = self._facts()
        facts.pop("doubt", None)
        if since is not None:
            facts["doubt"] = format_instant(since)
        if since is not None or "doubt" in (self.origin or {}):
            write_companion(self.path, **facts)
            self.origin = read_companion(self.path)

    # --- Writing -----------------------------------------------------------------------------

    def add(self, record: Mapping[str, Any]) -> bool:
        """Add an event unless the file has it; returns whether it is new.

        Raises:
            ValueError: The event has no id or no time.
            UnkeepableError: The event cannot be written so that it can be read again.
            JournalError: Another program has changed the file.
            OSError: The file cannot be written.
        """
        ident, occurred = identity(record)
        if self.seen.time_of(ident) is not None:
            return False
        line = line_of(record)
        self._note(ident, occurred)
        self._buffer.append(line)
        self._buffered += len(line)
        if self._buffered >= _FRAME or self.compression is Compression.none:
            self.flush()
        return True

    def flush(self) -> None:
        """Write the events added so far as one frame.

        Raises:
            OSError: The file cannot be written, for example because the disk is full. Its earlier
                content stays readable.
            JournalError: Another program has changed the file.
        """
        if not self._buffer:
            return
        self._require_own_content()
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
        while rest:  # a nearly full disk accepts only a part
            many = self._file.write(rest)
            self._size = self._file.tell()
            self._checksum = zlib.crc32(rest[:many], self._checksum)
            self._tail = (self._tail + rest[max(0, many - _TAIL) : many])[-_TAIL:]
            rest = rest[many:]
        self._require_own_name()

    def close(self) -> None:
        """Write the rest and release the file's lock.

        Raises:
            OSError: The rest cannot be written.
            JournalError: Another program has changed the file.
        """
        if self._file.closed:  # another file has its name
            return
        try:
            self.flush()
            self._require_own_content(whole=True)
            if self.torn:
                self._file.truncate()
            self._require_own_name()
            with suppress(OSError):
                os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _facts(self) -> dict[str, Any]:
        """The facts in the companion, without the companion's format number."""
        return {key: one for key, one in (self.origin or {}).items() if key != "format"}

    # --- Other programs ----------------------------------------------------------------------

    def _require_own_content(self, *, whole: bool = False) -> None:
        """Check that no other program has changed the file: events would be lost.

        Args:
            whole: Compare all that this fetch has written, not only the end of the file.
        """
        file = self._file
        changed = f"{self.path} was changed by another program while it was written: "
        found = os.fstat(file.fileno()).st_size
        if found != self._size:
            what = f"it has {found:,} bytes, expected {self._size:,}"
            help_text = "run it again: it goes on from what the file holds now"
            raise JournalError(changed + what, help_text)
        end = file.tell()
        file.seek(end - len(self._tail))
        is_same = file.read(len(self._tail)) == self._tail
        if whole and is_same:
            file.seek(self._began)
            checksum = 0
            for chunk in chunks_of(file, end - self._began):
                checksum = zlib.crc32(chunk, checksum)
            is_same = checksum == self._checksum
        file.seek(end)
        if not is_same:
            raise JournalError(
                f"{changed}its size is as expected, its content is not",
                f"restore {self.path}, or give --output another name",
            )

    def _require_own_name(self) -> None:
        """Check that the path still refers to this file; creates a deleted file again."""
        own = os.fstat(self._file.fileno())
        try:
            if os.path.samestat(own, self.path.stat()):
                return
            what = f"another file has taken the name of {self.path} while it was written"
        except FileNotFoundError:
            with suppress(FileNotFoundError):
                self._file = self._copied_to(self.path)
                self.is_restored = True
                return
            what = f"the folder of {self.path} was removed while the file was written"
        except OSError as error:
            what = f"{self.path} cannot be reached any more: {error.strerror}"
        raise JournalError(
            what, f"what was fetched is in {self._kept()}, and can be continued there"
        )

    def _kept(self) -> Path:
        """Copy the file to another name: beside it, else in the working or a temporary folder."""
        for folder in (self.path.parent, Path()):
            with suppress(OSError):
                return self._kept_in(folder).absolute()
        return self._kept_in(Path(tempfile.mkdtemp(prefix="trigger-cli-")))

    def _kept_in(self, folder: Path) -> Path:
        number = 1
        while True:
            kept = folder / f"fetched-{number}-{self.path.name}"
            with suppress(FileExistsError):
                self._copied_to(kept).close()
                return kept
            number += 1

    def _copied_to(self, path: Path) -> BinaryIO:
        """Copy the file and its companion to another name; returns it open at its end."""
        copy = _opened(path, os.O_EXCL)
        try:
            self._file.seek(0)
            shutil.copyfileobj(self._file, copy)
            if self.origin is not None:
                write_companion(path, **self._facts())
        except BaseException:
            copy.close()
            path.unlink(missing_ok=True)
            raise
        self._file.close()
        return copy


def line_of(record: Mapping[str, Any]) -> bytes:
    """An event on one line.

    Raises:
        UnkeepableError: It is nested too deeply, or longer than a line of a log may be.
    """
    line = _json(record, orjson.OPT_APPEND_NEWLINE)
    if len(line) > LONGEST_RECORD:
        raise UnkeepableError(f"takes more than {LONGEST_RECORD // (1024 * 1024)} MiB")
    return line


def document_of(value: Any) -> str:
    """A JSON value with indentation, for a file that people may read.

    Raises:
        UnkeepableError: The value is nested too deeply.
    """
    return _json(value, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _json(value: Any, options: int) -> bytes:
    try:
        return orjson.dumps(value, option=options)
    except orjson.JSONEncodeError:  # it reads 1,024 levels, but writes only 254
        pass
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise UnkeepableError("is nested too deeply") from None
    return text.encode() + b"\n"


def _opened(path: Path, more: int = 0) -> BinaryIO:
    # Unbuffered: written data survives a crash of this process.
    flags = os.O_RDWR | os.O_CREAT | more | getattr(os, "O_NONBLOCK", 0)  # a pipe has no reader
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
