"""The events that have already been received: their ids, in bounded memory."""

from collections.abc import Mapping
from typing import Any

from trigger_cli.times import MINUTE, parse_instant

OVERLAP = 5 * MINUTE
"""How far back to request events again, µs: a server may store events late, by seconds or more."""
_MOST = 500_000


class SeenIds:
    """Ids of events with their times. Ids of events long before the latest may be dropped."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self.latest: int | None = None
        """The time of the latest event, µs."""
        self.is_whole = True
        """Whether no id has been dropped."""
        self.taken = 0
        """How many events were new."""

    def add(self, ident: str, occurred: int) -> bool:
        """Add an event; returns whether it is new."""
        if ident in self._times:
            return False
        self._times[ident] = occurred
        self.taken += 1
        if self.latest is None or occurred > self.latest:
            self.latest = occurred
        if len(self._times) > _MOST:
            self._forget()
        return True

    def time_of(self, ident: object) -> int | None:
        """The time of a known event, µs, as first received."""
        return self._times.get(ident) if isinstance(ident, str) else None

    def count(self, since: int, until: int) -> int:
        """How many known events occurred from `since` to `until`, µs, both included."""
        return sum(since <= at <= until for at in self._times.values())

    def _forget(self) -> None:
        assert self.latest is not None
        # Keep twice the overlap; if that is still too much, drop the older half.
        oldest = self.latest - 2 * OVERLAP
        kept = {ident: at for ident, at in self._times.items() if at >= oldest}
        if len(kept) > _MOST // 2:
            times = sorted(kept.values())
            kept = {ident: at for ident, at in kept.items() if at >= times[-_MOST // 2]}
        self._times = kept
        self.is_whole = False


def identity(record: Mapping[str, Any]) -> tuple[str, int]:
    """The id of an event, and its time, µs.

    Raises:
        ValueError: One of them is missing, or is not an id or a time.
    """
    ident, occurred = record.get("id"), record.get("occurred")
    if not isinstance(ident, str) or not ident or not isinstance(occurred, str):
        raise ValueError("an event without `id` or `occurred`")
    try:
        return ident, parse_instant(occurred)
    except ValueError as error:
        raise ValueError(f"an event whose `occurred` is {error}") from None
