"""Pure functions that workers run on a log, so that a lost result can be recomputed."""

import pickle
from functools import lru_cache

from msgspec import Struct

from trigger_cli.cluster.storage import Address, open_stored
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, Scanner
from trigger_cli.events.shards import lines_between
from trigger_cli.read.reading import Reading
from trigger_cli.read.stream import scan_stream


class Part(Struct, frozen=True):
    """The lines that begin in a part of a log, or all of a log that cannot be cut."""

    address: Address
    begin: int
    end: int | None
    """The end in bytes; ``None``: all of the log, in any format."""


def match_part(part: Part, packed_reading: bytes) -> list[bytes]:
    """Scan a part of a log; return `Scanned.pack` of each stretch."""
    scanner = _scanner(packed_reading)
    opened = False
    try:
        with open_stored(part.address) as file:
            opened = True
            if part.end is None:
                return [scanned.pack() for scanned in scan_stream(file, scanner)]
            scanned = scanner.scan(lines_between(file, part.begin, part.end))
            scanned.bytes_read = part.end - part.begin
            return [scanned.pack()]
    except OSError as error:
        # The log existed when it was cut up, so say that it is the worker that cannot open it.
        where = "" if opened else "a worker cannot open it: "
        return [Scanned(failure=where + system_reason(error)).pack()]


@lru_cache(maxsize=8)
def _scanner(packed_reading: bytes) -> Scanner:
    reading: Reading = pickle.loads(packed_reading)  # noqa: S301  # pickled by the client
    return reading.scanner()
