"""Reads a log that cannot be cut into shards, from beginning to end."""

import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

from trigger_cli.bounded_queue import BoundedQueue
from trigger_cli.events.documents import elements
from trigger_cli.events.formats import told_shape
from trigger_cli.events.lines import SomeLines, some_lines
from trigger_cli.events.scan import Scanned, Scanner
from trigger_cli.events.shards import SHARD_BYTES
from trigger_cli.events.sources import STDIN, Source, plain_text
from trigger_cli.read.tasks import Lines

ELEMENTS_AT_ONCE = 1_000
_AHEAD = 16
"""How many chunks may wait; decompressed ones can have several hundred kB."""


def read_stream(
    source: Source,
    stdin: BinaryIO | None,
    scanner: Scanner,
    *,
    at_once: int,
    ahead: bool,
    count: Callable[[int], None],
) -> Iterator[Lines | Scanned]:
    """Yield the lines of a log, `at_once` bytes at a time, or the scanned parts of its documents.

    Args:
        source: What to read.
        stdin: The stream for ``-``.
        scanner: Scans documents.
        at_once: About how many bytes of lines, or how many elements of documents, to yield at a
            time; of elements at most `ELEMENTS_AT_ONCE`.
        ahead: Read and decompress in a thread.
        count: Called with the number of bytes of every read, as stored.
    """
    failures: list[str] = []
    chunks = plain_text(source, stdin, count=count, fail=failures.append)
    if ahead:
        chunks = read_ahead(chunks)
    shape, chunks = told_shape(chunks)
    if shape == "documents":
        yield from scanner.scan_texts(elements(chunks), min(at_once, ELEMENTS_AT_ONCE))
    else:
        for lines in grouped(some_lines(chunks), at_once):
            yield Lines(lines)
    for why in failures:
        yield Scanned(failure=why)


def scan_stream(stream: BinaryIO, scanner: Scanner) -> Iterator[Scanned]:
    """Scan a whole log, part by part, as if it came through a pipe."""
    sizes: list[int] = []
    for found in read_stream(
        Source(STDIN), stream, scanner, at_once=SHARD_BYTES, ahead=False, count=sizes.append
    ):
        scanned = scanner.scan(found.stretches) if isinstance(found, Lines) else found
        scanned.bytes_read = sum(sizes)
        sizes.clear()
        yield scanned


def grouped(stretches: Iterator[SomeLines], size: int) -> Iterator[list[SomeLines]]:
    """Group parts until each group has at least `size` bytes."""
    group: list[SomeLines] = []
    held = 0
    for lines in stretches:
        group.append(lines)
        held += sum(map(len, lines or ()))
        if held >= size:
            yield group
            group = []
            held = 0
    if group:
        yield group


def read_ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read `chunks` in a thread; decompressors let other threads run meanwhile.

    The thread ends with the chunks, or when the iterator is closed.
    """
    waiting: BoundedQueue[bytes | BaseException | None] = BoundedQueue(_AHEAD)
    closed = threading.Event()

    def read() -> None:
        last: BaseException | None = None
        try:
            for chunk in chunks:
                waiting.put(chunk)
                if closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  # raised where the chunks are used
            last = error
        waiting.put(last)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while (chunk := waiting.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        closed.set()
        while thread.is_alive():  # it may be putting a chunk into a full queue
            waiting.release()
            thread.join(0.01)
