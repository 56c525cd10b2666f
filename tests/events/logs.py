"""What the tests of `trigger_cli.events` share: events as a log writes them, and pipes."""

import io
import json
from collections.abc import Iterable
from typing import Any

NOON = 1_772_366_400_000_000
"""2026-03-01T12:00:00Z, in µs."""


def event_record(**fields: Any) -> dict[str, Any]:
    """An event as the API gives it, with `fields` put in."""
    return {
        "occurred": "2026-03-01T12:00:00.000000Z",
        "event": "prefect.flow-run.Completed",
        "resource": {"prefect.resource.id": "prefect.flow-run.1"},
        "related": [{"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow"}],
        "payload": {"intended": {"from": "RUNNING", "to": "COMPLETED"}},
        "id": "01a207c2-a2a6-7f56-96a8-bf1ad068337d",
        "follows": None,
        "received": "2026-03-01T12:00:01.000000Z",
    } | fields


def json_lines(records: Iterable[Any]) -> bytes:
    """A log with one of `records` a line."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def in_pieces(data: bytes, size: int) -> list[bytes]:
    """`data` cut into pieces of `size` bytes, as a pipe may hand it over."""
    return [data[begin : begin + size] for begin in range(0, len(data), size)]


class Pipe(io.RawIOBase):
    """A stream that gives one piece a read, cannot seek, and has no size."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")

    def readable(self) -> bool:
        return True
