"""What the workers of a cluster do: pure functions, so that a lost result can be made again."""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple, cast

import fsspec

from trigger_cli.dialect import DIALECTS
from trigger_cli.engine.keyed import KeyedTriggers, KeyState
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, Scanner
from trigger_cli.events.shards import lines_between
from trigger_cli.events.sources import STDIN, Source
from trigger_cli.model import Automation
from trigger_cli.parallel.matching import Matching
from trigger_cli.parallel.whole import scan_stream


class Part(NamedTuple):
    """The lines that begin in a stretch of a log, or all of a log that cannot be cut."""

    url: str
    begin: int
    end: int | None
    """In bytes; ``None``: all of it, in whatever format it is."""


def match_part(part: Part, packed_matching: bytes) -> list[bytes]:
    """Stage one, for a part of a log: `Scanned.pack` of each stretch of it."""
    scanner = _scanner(packed_matching)
    try:
        with fsspec.open(part.url, "rb") as opened:
            file = cast("BinaryIO", opened)
            if part.end is None:
                # As if it came through a pipe: it can only be read from its beginning.
                stretches = scan_stream(Source(STDIN), file, scanner)
                return [scanned.pack() for scanned in stretches]
            return [_match_lines(file, part.begin, part.end, scanner).pack()]
    except OSError as error:
        return [Scanned(failure=system_reason(error)).pack()]


def _match_lines(file: BinaryIO, begin: int, end: int, scanner: Scanner) -> Scanned:
    failure: str | None = None

    def readable() -> Iterator[bytes | None]:
        nonlocal failure
        try:
            yield from lines_between(file, begin, end)
        except OSError as error:
            failure = system_reason(error)

    scanned = scanner.scan(readable())
    scanned.bytes_read = end - begin
    scanned.failure = failure
    return scanned


@lru_cache(maxsize=8)
def _scanner(packed_matching: bytes) -> Scanner:
    matching: Matching = pickle.loads(packed_matching)  # noqa: S301  # the client's own
    return matching.scanner()


class Keys(NamedTuple):
    """Which triggers' keys to evaluate."""

    automations: tuple[Automation, ...]
    dialect: str
    expired_bucket_buffer: int


def evaluate_page(
    state: KeyState | None, packed_keys: bytes, page: bytes
) -> tuple[KeyState, list[int]]:
    """Stage two, for some keys: what they are after a page of events, and which events fired.

    Returns:
        The buckets, and the place in the page of each event that made its trigger fire.
    """
    triggers = _triggers(packed_keys)
    # The state before is left as it is: after a worker's death it may be needed once more.
    after: KeyState = dict(state or {})
    fired: list[int] = []
    for place, row in enumerate(marshal.loads(page)):  # noqa: S302  # the client's own
        fired += [place] * triggers.take(after, *row)
    return after, fired


@lru_cache(maxsize=8)
def _triggers(packed_keys: bytes) -> KeyedTriggers:
    keys: Keys = pickle.loads(packed_keys)  # noqa: S301  # the client's own
    return KeyedTriggers(keys.automations, DIALECTS[keys.dialect], keys.expired_bucket_buffer)
