"""A part of a log, and how to scan it.

A part needs no other part of the log, so any process on any machine can read it.
"""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.events.lines import SomeLines
from trigger_cli.events.scan import Scanned, Scanner
from trigger_cli.events.shards import Shard, lines_of


class Lines(Struct, frozen=True):
    """Lines that have already been read."""

    stretches: list[SomeLines]


Task: TypeAlias = Shard | Lines


def work_on(task: Task, scanner: Scanner) -> Scanned:
    """Scan a part of a log."""
    if isinstance(task, Lines):
        return scanner.scan(task.stretches)
    sizes: list[int] = []

    def counted() -> Iterator[SomeLines]:
        for lines in lines_of(task):
            sizes.append(sum(map(len, lines or ())))
            yield lines

    scanned = scanner.scan(counted())
    scanned.bytes_read = sum(sizes)
    return scanned
