"""The next chunks of a log, read and decompressed while the last ones are being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

_CHUNKS = 16
"""How many chunks may wait; decompressed ones have up to some hundred kB."""


def read_ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """`chunks`, from a thread of their own: decompressors let other threads run meanwhile.

    The thread ends with the chunks, or when the iterator is closed.
    """
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(_CHUNKS)
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
        while thread.is_alive():  # it may be about to put a chunk into a full queue
            while not waiting.empty():
                waiting.get()
            thread.join(0.01)
