"""A part of a log, and how to scan it.

A part needs no other part of the log, so any process on any machine can read it.
"""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.events.lines import SomeLines
from trigger_cli.events.problems import system_reason
from trigger_cli.events.scan import Scanned, Scanner
from trigger_cli.events.shards import Shard, lines_of


class Lines(Struct, frozen=True):
    """Lines that have already been read."""

    stretches: list[SomeLines]


Task: TypeAlias = Shard | Lines


def work_on(task: Task, scanner: Scanner) -> Scanned:
    """Scan a part of a log; a read error is part of the result."""
    if isinstance(task, Lines):
        return scanner.scan(task.stretches)
    read = 0
    failure: str | None = None

    def counted() -> Iterator[SomeLines]:
        nonlocal read, failure
        try:
            for lines in lines_of(task):
                read += sum(map(len, lines or ()))
                yield lines
        except OSError as error:
            failure = system_reason(error)

    scanned = scanner.scan(counted())
    scanned.bytes_read = read
    scanned.failure = failure
    return scanned
