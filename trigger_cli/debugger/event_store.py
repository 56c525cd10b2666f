"""The events of a replay, compressed: a million of them in some tens of megabytes.

Events are packed in blocks; the most recently used blocks are kept unpacked.
"""

import marshal
from array import array
from collections.abc import Iterator
from functools import lru_cache

import zstandard

from trigger_cli.model import Event

BLOCK = 256
_UNPACKED = 32
_LEVEL = 1
_NONE = -1


class EventStore:
    """Events by position, in the order in which the replay took them."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._open: list[tuple[object, ...]] = []
        self._unpacked = lru_cache(_UNPACKED)(self._load)
        self._squeeze = zstandard.ZstdCompressor(level=_LEVEL)
        self._expand = zstandard.ZstdDecompressor()
        # The position for each line; lines are dense, so an array suffices.
        self._of_line = array("i")
        self._names: dict[str, int] = {}
        self.name_ids = array("i")
        """The number of each event's name, by position."""
        self.occurred = array("q")
        """The time of each event, µs, by position."""
        self.left_out = 0
        """How many events of the log were not taken."""

    def __len__(self) -> int:
        return len(self.name_ids)

    def append(self, event: Event) -> int:
        """Add an event; returns its position."""
        position = len(self.name_ids)
        self.occurred.append(event.occurred)
        self.name_ids.append(self._names.setdefault(event.name, len(self._names)))
        line = event.line
        of_line = self._of_line
        if line >= len(of_line):
            of_line.extend([_NONE] * (line + 1 - len(of_line)))
        of_line[line] = position
        # `marshal` does not accept named tuples; labels are already dicts.
        self._open.append(tuple(event))
        if len(self._open) == BLOCK:
            self._blocks.append(self._squeeze.compress(marshal.dumps(self._open)))
            self._open = []
        return position

    def __getitem__(self, position: int) -> Event:
        if not 0 <= position < len(self):
            raise IndexError(position)
        block, place = divmod(position, BLOCK)
        if block == len(self._blocks):
            return Event._make(self._open[place])
        return self._unpacked(block)[place]

    def outline(self, position: int) -> Event:
        """The event with only its time; nothing is unpacked."""
        return Event(0, "", "", self.occurred[position], None, None, {}, ())

    def at_line(self, line: int) -> int | None:
        """The position of the event on a line of the log; ``None`` if the replay took none."""
        if not 0 <= line < len(self._of_line) or self._of_line[line] == _NONE:
            return None
        return self._of_line[line]

    def find_id(self, ident: str) -> int | None:
        """The position of the first event with this id; ``None`` if there is none."""
        needle = ident.encode("utf-8", "surrogatepass")
        for begin, packed in self.blocks(0, forward=True) if len(self) else ():
            if needle in packed:
                for position in range(begin, min(begin + BLOCK, len(self))):
                    if self[position].id == ident:
                        return position
        return None

    @property
    def names(self) -> list[str]:
        """Every name, by its number."""
        return list(self._names)

    def blocks(self, start: int, *, forward: bool) -> Iterator[tuple[int, bytes]]:
        """Each block from the one that contains `start` on: its first position and its bytes.

        The bytes contain every text of the block's events, so that a search can skip blocks without
        the text that it looks for.
        """
        count = len(self._blocks) + bool(self._open)
        first = min(max(start, 0) // BLOCK, count - 1)
        for block in range(first, count) if forward else range(first, -1, -1):
            if block == len(self._blocks):
                yield block * BLOCK, marshal.dumps(self._open)
            else:
                yield block * BLOCK, self._expand.decompress(self._blocks[block])

    def __iter__(self) -> Iterator[Event]:
        for block in range(len(self._blocks)):
            yield from self._load(block)
        yield from map(Event._make, self._open)

    def _load(self, block: int) -> list[Event]:
        packed = self._expand.decompress(self._blocks[block])
        return [Event._make(one) for one in marshal.loads(packed)]  # noqa: S302  # packed above
