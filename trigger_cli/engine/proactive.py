"""When the buckets of one proactive trigger are due (``semantics.md`` P2, P5).

An evaluation reads only the buckets that have reached their end and, in the server dialect, those
that are satisfied; it would not change the others. So its cost does not grow with the number of
open buckets.
"""

from collections.abc import Mapping
from heapq import heappop, heappush

from trigger_cli.model import Bucket, Key


class Deadlines:
    """The open buckets of one proactive trigger, by their end.

    A heap entry is checked when it is read: it is stale if the key's bucket has since been closed
    or replaced by one with another window.
    """

    def __init__(self, buckets: Mapping[Key, tuple[Bucket, int]]) -> None:
        self._buckets = buckets
        self._heap: list[tuple[int, int, int, Key]] = []
        self._pushed = 0

    def add(self, key: Key, bucket: Bucket) -> None:
        """Register a newly opened or renewed bucket."""
        heappush(self._heap, (bucket.end, bucket.start, self._pushed, key))
        self._pushed += 1

    def pop_ended(self, now: int) -> list[Key]:
        """The keys whose bucket ends at or before `now`, by the bucket's start, then key (P2)."""
        ended = []
        while self._heap and self._heap[0][0] <= now:
            entry = heappop(self._heap)
            if self._is_live(entry):
                ended.append(entry)
        ended.sort(key=lambda entry: (entry[1], entry[3]))
        return [key for _end, _start, _pushed, key in ended]

    def next_end(self) -> int | None:
        """The earliest end of an open bucket, µs."""
        while self._heap:
            if self._is_live(self._heap[0]):
                return self._heap[0][0]
            heappop(self._heap)
        return None

    def _is_live(self, entry: tuple[int, int, int, Key]) -> bool:
        end, start, _pushed, key = entry
        held = self._buckets.get(key)
        return held is not None and held[0].end == end and held[0].start == start
