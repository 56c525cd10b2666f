"""Logs on storage that a cluster's machines share: URLs of `fsspec`, and paths."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec

from trigger_cli.events.sources import Source

# A key and a secret, or a name and a password; a secret may hold slashes, a port is none.
_CREDENTIALS = re.compile(r"(?<=://)(?:[^/@\s:]*:(?!\d+/)\S*|[^/\s]*)@")
_SIGNATURE = re.compile(r"(https?://[^\s?]*\?)[^\s'\")>]+")
_LONGEST_REASON = 300
_FETCHED = 4 * 1024 * 1024
"""Bytes of a request. Some storages fetch 50 MB at a time, which is more than a part of a log."""


class Address(NamedTuple):
    """Where a log is; can be sent to another machine."""

    url: str | None
    """Says which storage, and holds credentials if there are any; ``None``: files."""
    path: str
    """On that storage."""


def masked(text: str) -> str:
    """A text without the credentials and signatures of the URLs in it."""
    return _SIGNATURE.sub(r"\1***", _CREDENTIALS.sub("***@", text))


def find_stored(url: str) -> list[tuple[Source, Address]]:
    """The logs that a URL names, those of a glob sorted; what is shown of it is `masked`."""
    try:
        with _as_os_errors(url):
            system, path = fsspec.core.url_to_fs(url)
            # In a web address `?` begins the query.
            plain = path.partition("?")[0] if url.startswith("http") else path
            if not fsspec.core.has_magic(plain):
                return [(_source(masked(url), system.info(path)), Address(url, path))]
            # One listing for all of them, however many: files, with their sizes.
            found = system.glob(path, detail=True)
            files = sorted(name for name, info in found.items() if info["type"] == "file")
            if not files:
                return [(Source(masked(url), "no file matches this pattern"), Address(url, path))]
            return [
                (_source(masked(system.unstrip_protocol(name)), found[name]), Address(url, name))
                for name in files
            ]
    except OSError as error:
        return [(Source(masked(url), error.strerror), Address(url, ""))]


def _source(name: str, info: dict[str, Any]) -> Source:
    if info.get("type") == "directory":
        return Source(name, "it is a directory: name the files or use a glob, e.g. '…/*.jsonl'")
    size = info.get("size")
    return Source(name, None, None if size is None else int(size))


@contextmanager
def open_stored(address: Address) -> Iterator[BinaryIO]:
    """A log's bytes.

    Raises:
        OSError: it cannot be opened or read, its message without credentials.
    """
    with _as_os_errors(address.url):
        if address.url is None:
            file = open(address.path, "rb", buffering=0)  # noqa: PTH123, SIM115  # as `sources.py`
        else:
            system, _ = fsspec.core.url_to_fs(address.url)
            file = system.open(address.path, "rb", block_size=_FETCHED)
    with file:
        yield cast("BinaryIO", _Reading(file, address.url))


class _Reading:
    """A file whose errors are `OSError`, whatever storage it comes from."""

    def __init__(self, file: Any, url: str | None) -> None:
        self._file = file
        self._url = url

    def read(self, size: int = -1) -> bytes:
        """As of any file."""
        with _as_os_errors(self._url):
            found: bytes = self._file.read(size)
            return found

    def seek(self, offset: int) -> int:
        """As of any file."""
        with _as_os_errors(self._url):
            place: int = self._file.seek(offset)
            return place


@contextmanager
def _as_os_errors(url: str | None) -> Iterator[None]:
    """Each storage has errors of its own, which share no class: here they become `OSError`."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        # With a number, as the system's own: what has none comes from a decompressor.
        number = getattr(error, "errno", None) or errno.EIO
        raise OSError(number, _reason(error, url or "")) from None


def _reason(error: Exception, url: str) -> str:
    if isinstance(error, ImportError):
        # What to install, if the package that the scheme needs has a name like its own.
        cause = error.__cause__
        package = (cause.name if isinstance(cause, ImportError) else None) or ""
        is_named = package and package in str(error).lower()
        return f"{error} (pip install {package})" if is_named else str(error)
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"  # some storages give only its name
    text = getattr(error, "strerror", None)
    if not text and masked(url) == url:
        text = masked(str(error))
    # Where the URL holds a secret, the storage's own words may hold any piece of it.
    text = text or type(error).__name__
    return " ".join(text.split())[:_LONGEST_REASON]
