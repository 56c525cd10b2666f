"""Fetch events from a server into a file or a stream, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trigger_cli.server.api import Client, EventFilter, ServerError
from trigger_cli.server.journal import UnkeepableError
from trigger_cli.server.seen import SeenIds, identity

_PASSES = 3
_TOLD = 5
"""How many of the events that cannot be kept are told one by one."""


class Sink(Protocol):
    """Where events go."""

    seen: SeenIds
    """Those that it took."""

    def add(self, record: Mapping[str, Any]) -> bool:
        """Take an event; returns whether it is new.

        Raises:
            UnkeepableError: It cannot be written.
        """
        ...


@dataclass(slots=True)
class Fetched:
    """How far a fetch has come."""

    received: int = 0
    """Events that the server sent, in this pass."""
    new: int = 0
    """Events that were new to the sink."""
    total: int | None = None
    """How many the server says there are."""
    pages: int = 0
    left_out: int = 0
    """Events that cannot be kept: later than what was asked for, too deep, or too long."""

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
    doubt: Callable[[bool], None] = lambda _: None,
) -> Fetched:
    """Bring the events from `since` to `until` (µs, both included) to `sink`.

    Pages are counted by offset: events are missed if the server deletes old ones meanwhile, or
    sorts events of one instant differently on each page. So if fewer came than the server counted,
    or the pages have shifted, all are requested again.

    Args:
        client: The server.
        sink: Takes the events; drops those that it has. Once it has forgotten some, there is no
            second pass, which would add them twice.
        wanted: Which events.
        since: The earliest.
        until: The latest.
        progress: Told after every page.
        doubt: Told ``True`` as soon as events may have been missed between pages, and ``False``
            once all have come: who is interrupted between the two has to ask again from `since`.

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
                    where = client.settings.url
                    raise ServerError(f"{where}: the server sent {error}") from None
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
                    if client.notice is not None and count.left_out <= _TOLD:
                        client.notice(f"left out: the event {ident} {error}")
            # An event may come again on the next page when a newer one has shifted the pages, and
            # be skipped when an older one was deleted.
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
    """Kept, it would hide from the next fetch, which goes on from the latest event, all before it."""
    return UnkeepableError(f"is of {record['occurred']}, which is later than was asked for")
