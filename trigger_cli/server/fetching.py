"""Events from a server into a journal or a stream, none lost and none doubled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trigger_cli.server.api import Client, ServerError
from trigger_cli.server.filters import EventFilter

_PASSES = 3


class Sink(Protocol):
    """Where events go."""

    def add(self, record: Mapping[str, Any]) -> bool:
        """Take an event; tells whether it is new."""
        ...


@dataclass(slots=True)
class Fetched:
    """How far a fetch has come."""

    received: int = 0
    """Events that the server sent, in this pass."""
    new: int = 0
    """Events that were not there before."""
    total: int | None = None
    """How many the server says there are."""
    pages: int = 0

    @property
    def missing(self) -> int:
        """Events that the server counted and did not send."""
        return max(0, (self.total or 0) - self.received)


def fetch_events(
    client: Client,
    sink: Sink,
    wanted: EventFilter,
    since: int,
    until: int,
    *,
    progress: Callable[[Fetched], None],
    again: Callable[[], bool],
) -> Fetched:
    """Bring the events from `since` to `until` (µs, both included) to `sink`.

    Pages are counted by offset: while a server deletes old events, or sorts those of one instant
    differently from page to page, some slip through. So where fewer came than it counted, all
    are asked for again.

    Args:
        client: The server.
        sink: Drops what it has already.
        wanted: Which events.
        since: The earliest.
        until: The latest.
        progress: Told after every page.
        again: Whether `sink` still knows all that it took, so that asking again doubles nothing.

    Raises:
        ServerError: The server cannot be read (further); what was taken stays.
    """
    count = Fetched()
    for _ in range(_PASSES):
        count.received = 0
        count.total = None
        ids: set[str] = set()
        for page in client.pages(wanted, since, until):
            count.pages += 1
            if count.total is None:
                count.total = page.total
            page_ids: set[str] = set()
            for record in page.events:
                try:
                    count.new += sink.add(record)
                except ValueError as error:
                    where = client.settings.url
                    raise ServerError(f"{where}: the server sent {error}") from None
                page_ids.add(record["id"])
            # An event that comes again does so on the next page: the one before moved it there.
            count.received += len(page_ids - ids)
            ids = page_ids
            progress(count)
        if not count.missing or not again():
            break
    return count
