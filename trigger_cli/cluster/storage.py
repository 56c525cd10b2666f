"""Logs on storage shared by the machines of a cluster: URLs of `fsspec`, and paths."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem
from msgspec import Struct

from trigger_cli.events.sources import Source
from trigger_cli.same_file import identity_of

# A key and a secret, or a name and a password. A secret may have slashes; a port is not a secret.
_CREDENTIALS = re.compile(r"(?<=://)(?:[^/@\s:]*:(?!\d+/)\S*|[^/\s]*)@")
_SIGNATURE = re.compile(r"(https?://[^\s?]*\?)[^\s'\")>]+")
_LONGEST_REASON = 300
_FETCHED = 4 * 1024 * 1024
"""The size of a request, bytes. Some storages fetch 50 MB at a time, more than a part of a log."""


class Address(Struct, frozen=True):
    """The address of a log; can be sent to another machine."""

    url: str | None
    """Selects the storage, and may have credentials; ``None``: the file system."""
    path: str
    """The path on that storage."""


def masked(text: str) -> str:
    """Remove credentials and signatures from the URLs in a text."""
    return _SIGNATURE.sub(r"\1***", _CREDENTIALS.sub("***@", text))


def find_stored(url: str) -> list[tuple[Source, Address]]:
    """The logs that a URL names, those of a glob sorted; displayed names are `masked`."""
    try:
        with _as_os_errors(url):
            system, path = fsspec.core.url_to_fs(url)
            # In a web address, `?` begins the query.
            plain = path.partition("?")[0] if url.startswith("http") else path
            if not fsspec.core.has_magic(plain):
                return [(_source(url, system, system.info(path)), Address(url, path))]
            # One listing for all files, with their sizes.
            found = system.glob(path, detail=True)
            files = sorted(name for name, info in found.items() if info["type"] == "file")
            if not files:
                return [(Source(masked(url), "no file matches this pattern"), Address(url, path))]
            return [
                (_source(system.unstrip_protocol(name), system, found[name]), Address(url, name))
                for name in files
            ]
    except OSError as error:
        return [(Source(masked(url), error.strerror), Address(url, ""))]


def _source(url: str, system: Any, info: dict[str, Any]) -> Source:
    name = masked(url)
    if info.get("type") == "directory":
        return Source(name, "it is a folder: name the files or use a glob, e.g. '…/*.jsonl'")
    size = info.get("size")
    is_local = isinstance(system, LocalFileSystem)
    identity = identity_of(info["name"]) if is_local else None
    return Source(name, None, None if size is None else int(size), identity)


@contextmanager
def open_stored(address: Address) -> Iterator[BinaryIO]:
    """Open a log for reading.

    Raises:
        OSError: It cannot be opened or read; the message has no credentials.
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
    """A file whose errors are `OSError`, on any storage."""

    def __init__(self, file: Any, url: str | None) -> None:
        self._file = file
        self._url = url

    def read(self, size: int = -1) -> bytes:
        """As for any file."""
        with _as_os_errors(self._url):
            found: bytes = self._file.read(size)
            return found

    def seek(self, offset: int) -> int:
        """As for any file."""
        with _as_os_errors(self._url):
            place: int = self._file.seek(offset)
            return place


@contextmanager
def _as_os_errors(url: str | None) -> Iterator[None]:
    """Convert errors to `OSError`, because each storage has error classes of its own."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        # With a number, like errors of the system: an error without one is a decompressor's.
        number = getattr(error, "errno", None) or errno.EIO
        raise OSError(number, _reason(error, url or "")) from None


def _reason(error: Exception, url: str) -> str:
    if isinstance(error, ImportError):
        # Suggest the package to install, if its name is like the module's.
        cause = error.__cause__
        package = (cause.name if isinstance(cause, ImportError) else None) or ""
        is_named = package and package in str(error).lower()
        return f"{error} (pip install {package})" if is_named else str(error)
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"  # some storages give only its name
    text = getattr(error, "strerror", None)
    if not text and masked(url) == url:
        text = masked(str(error))
    # If the URL has a secret, the storage's message may contain any part of it.
    text = text or type(error).__name__
    return " ".join(text.split())[:_LONGEST_REASON]
