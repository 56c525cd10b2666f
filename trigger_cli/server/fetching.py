"""Fetches events from a server into a file or a stream, each exactly once."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from trigger_cli.server.api import PAGE_SIZE, Client, EventFilter, LongPageError, ServerError
from trigger_cli.server.journal import UnkeepableError
from trigger_cli.server.pages import Unreadable
from trigger_cli.server.seen_ids import SeenIds, identity

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


class Fetched(Struct):
    """The progress of a fetch."""

    received: int = 0
    """Events that the server sent, in this pass."""
    new: int = 0
    """Events that were new to the sink."""
    total: int | None = None
    """The number of events that the server stated."""
    pages: int = 0
    left_out: int = 0
    """Events that cannot be stored: later than requested, too deep, too long, or no JSON."""

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
    or the pages have shifted, all are requested again. So are they if a page is too long, with half
    as many events on a page.

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
    fetch = _Fetch(client, sink, wanted, since, until, progress, doubt)
    passes, page_size = 0, PAGE_SIZE
    while passes < _PASSES:
        try:
            is_complete = fetch.request_all(page_size)
        except LongPageError:
            if page_size == 1:
                raise
            page_size //= 2
            continue
        passes += 1
        if is_complete:
            doubt(False)
            break
        if not sink.seen.is_whole:
            break
    else:
        doubt(True)
    return fetch.count


class _Fetch(Struct):
    """One fetch, which may request its events several times."""

    client: Client
    sink: Sink
    wanted: EventFilter
    since: int
    until: int
    progress: Callable[[Fetched], None]
    doubt: Callable[[bool], None]
    count: Fetched = field(default_factory=Fetched)
    _left_out: set[str] = field(default_factory=set)
    _is_doubted: bool = False

    def request_all(self, page_size: int) -> bool:
        """Request all events once; returns whether certainly none was missed."""
        count = self.count
        count.received = 0
        count.total = None
        is_shifted = False
        ids: set[str] = set()
        seen = self.sink.seen
        for page in self.client.pages(
            self.wanted, self.since, self.until, seen, page_size=page_size
        ):
            count.pages += 1
            # No event is held while the next is decoded: they may be large.
            page_ids = {ident for ident in map(self._take, page.events) if ident is not None}
            # If a newer event shifts the pages, an event may come again on the next page. If an
            # older one is deleted, the next page may skip an event.
            count.received += len(page_ids - ids)
            if page.total is not None:
                is_shifted |= page.total < (count.total or 0)
                count.total = max(count.total or 0, page.total)
            is_shifted |= not page_ids.isdisjoint(ids)
            if is_shifted and not self._is_doubted:
                self._is_doubted = True
                self.doubt(True)
            ids = page_ids
            self.progress(count)
        return not (count.missing or is_shifted)

    def _take(self, record: Mapping[str, Any]) -> str | None:
        """Take an event; returns its id, or ``None`` if it was not requested.

        Raises:
            ServerError: It is no event.
        """
        try:
            ident, occurred = identity(record)
        except ValueError as error:
            raise ServerError(self.client.settings, f"the server sent {error}") from None
        is_late = occurred > self.until
        if ident not in self._left_out:
            try:
                self.count.new += self._keep(record, is_late=is_late)
            except UnkeepableError as error:
                self._left_out.add(ident)
                self.count.left_out += 1
                if self.count.left_out <= _TOLD:
                    self.client.tell(f"left out: the event {ident} {error}")
        return None if is_late else ident

    def _keep(self, record: Mapping[str, Any], *, is_late: bool) -> bool:
        """Add an event to the sink; returns whether it is new.

        Raises:
            UnkeepableError: It cannot be stored.
        """
        if is_late:  # the next fetch starts at the latest event and would skip others
            what = f"is of {record['occurred']}, which is later than was asked for"
            raise UnkeepableError(what)
        if isinstance(record, Unreadable):
            raise UnkeepableError(record.reason)
        return self.sink.add(record)
