"""Fetches events from a server into a file or a stream, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trigger_cli.server.api import Client, EventFilter, ServerError
from trigger_cli.server.journal import UnkeepableError
from trigger_cli.server.seen import SeenIds, identity

_PASSES = 3
_TOLD = 5
"""How many events that cannot be stored are reported individually."""


class Sink(Protocol):
    """A target for events."""

    seen: SeenIds
    """The ids of events that it accepted."""

    def add(self, record: Mapping[str, Any]) -> bool:
        """Add an event; returns whether it is new.

        Raises:
            UnkeepableError: It cannot be written.
        """
        ...


@dataclass(slots=True)
class Fetched:
    """The progress of a fetch."""

    received: int = 0
    """Events that the server sent, in this pass."""
    new: int = 0
    """Events that were new to the sink."""
    total: int | None = None
    """The number of events that the server stated."""
    pages: int = 0
    left_out: int = 0
    """Events that cannot be stored: later than requested, too deep, or too long."""

    @property
    def missing(self) -> int:
        """Events that the server counted but did not send."""
        return max(0, (self.total or 0) - self.received)


def fetch_events(
    client: Client,
    sink: Sink,
    wanted: EventFilter,
    since: int,
    until: int,
    *,
    progress: Callable[[Fetched], None],
    doubt: Callable[[bool], None] = lambda _: None,
) -> Fetched:
    """Fetch the events from `since` to `until` (µs, both included) into `sink`.

    Pages are counted by offset: events are missed if the server deletes old ones meanwhile, or
    sorts events of one instant differently on each page. So if fewer came than the server counted,
    or the pages have shifted, all are requested again.

    Args:
        client: The client of the server.
        sink: The target, which drops known events. If it has dropped ids, there is no second pass,
            which would add events twice.
        wanted: The filter of events.
        since: The earliest time.
        until: The latest time.
        progress: Called after every page.
        doubt: Called with ``True`` as soon as events may have been missed between pages, and with
            ``False`` once all have come. If it is interrupted in between, the next fetch must
            start at `since`.

    Raises:
        ServerError: The server cannot be read, or not completely. Events taken so far are kept.
    """
    count = Fetched()
    left_out: set[str] = set()
    doubted = False
    for _ in range(_PASSES):
        count.received = 0
        count.total = None
        is_shifted = False
        ids: set[str] = set()
        for page in client.pages(wanted, since, until, sink.seen):
            count.pages += 1
            page_ids: set[str] = set()
            for record in page.events:
                try:
                    ident, occurred = identity(record)
                except ValueError as error:
                    raise ServerError(client.settings, f"the server sent {error}") from None
                is_late = occurred > until
                if not is_late:
                    page_ids.add(ident)
                if ident in left_out:
                    continue
                try:
                    if is_late:
                        raise _too_late(record)
                    count.new += sink.add(record)
                except UnkeepableError as error:
                    left_out.add(ident)
                    count.left_out += 1
                    if count.left_out <= _TOLD:
                        client.tell(f"left out: the event {ident} {error}")
            # If a newer event shifts the pages, an event may come again on the next page. If an
            # older one is deleted, the next page may skip an event.
            count.received += len(page_ids - ids)
            if page.total is not None:
                is_shifted |= page.total < (count.total or 0)
                count.total = max(count.total or 0, page.total)
            is_shifted |= not page_ids.isdisjoint(ids)
            if is_shifted and not doubted:
                doubted = True
                doubt(True)
            ids = page_ids
            progress(count)
        if not (count.missing or is_shifted):
            doubt(False)
            break
        if not sink.seen.is_whole:
            break
    else:
        doubt(True)
    return count


def _too_late(record: Mapping[str, Any]) -> UnkeepableError:
    """The error for a late event: the next fetch starts at the latest one and would skip others."""
    return UnkeepableError(f"is of {record['occurred']}, which is later than was asked for")
