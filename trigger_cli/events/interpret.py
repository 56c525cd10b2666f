"""Reads a record's text with full checks, as `Event | BadLine`, for every possible input."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import orjson

from trigger_cli.events import quick
from trigger_cli.events.decoding import NotAnEvent, event_of, explain, unwrapped
from trigger_cli.events.documents import NotJson
from trigger_cli.events.envelopes import opened
from trigger_cli.events.formats import is_filler
from trigger_cli.events.lines import LONGEST_RECORD
from trigger_cli.events.problems import not_json, other_format
from trigger_cli.events.quick import RelatedResources
from trigger_cli.model import BadLine, Event, Labels
from trigger_cli.times import has_offset, parse_instant

Text: TypeAlias = bytes | NotJson | None
"""The JSON of a record, or why there is none; ``None``: the record's line is too long."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Interpreter:
    """Reads and counts the records of a part of a log; an event without an id gets an empty one."""

    def __init__(self, before: int, related: RelatedResources | None = None) -> None:
        """Begin where there were `before` lines before the first record.

        `related` shares the resources of these records with others.
        """
        self._related = related or RelatedResources()
        self.lines = before
        """The line number of the latest record."""
        self.record: Any = None
        """The latest event as the log has it: its text, or a parsed JSON value."""
        self.events = 0
        self.malformed = 0
        self.dropped_labels = 0
        """The number of labels with a value that is no string (O6)."""
        self.without_offset = 0
        """The number of events whose time has no offset (T1)."""

    def read(self, texts: Iterable[Text]) -> Iterator[Event | BadLine]:
        """Read the JSON `texts` of records."""
        for text in texts:
            self.lines += 1
            self.record = text
            if text is None:
                limit = LONGEST_RECORD // (1024 * 1024)
                yield self._bad(f"a line longer than {limit} MiB is no event")
                continue
            if isinstance(text, NotJson):
                yield self._bad(text.why)
                continue
            event = self._quickly(text)
            if event is None:
                yield from self._carefully(text)
            else:
                self.events += 1
                yield event

    def _quickly(self, text: bytes) -> Event | None:
        """The current line's event; ``None`` if it needs the slow path."""
        try:
            if not text.isascii():
                text.decode()
            head = quick.decode(text)
            return self._event(head, self._related.read(head.related))
        except quick.REFUSALS:
            return None

    def _leniently(self, text: bytes) -> Event | None:
        """The current line's event, if only parts that are not read are invalid for orjson."""
        try:
            head, dropped = quick.decode_any(text)
            event = self._event(head, head.related)
        except quick.REFUSALS:
            return None
        self.dropped_labels += dropped
        return event

    def _event(
        self, head: quick.Head[Labels, Any, str], related: tuple[Labels, ...]
    ) -> Event | None:
        """The current line's event; ``None`` if it has no name."""
        if not head.event:
            return None
        event = Event(
            self.lines,
            head.id or "",
            head.event,
            parse_instant(head.occurred),
            None if head.received is None else parse_instant(head.received),
            head.follows or None,
            head.resource,
            related,
        )
        self.without_offset += not has_offset(head.occurred)
        return event

    def _carefully(self, text: bytes) -> Iterator[Event | BadLine]:
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError:
            odd = self._leniently(text)
            if odd is None:
                yield from self._not_json(text)
            else:
                self.events += 1
                yield odd
            return
        event = self._event_of(record)
        inner = unwrapped(record) if event is None else None
        if inner is None:
            yield event or self._bad(explain(record))
            return
        for index, element in enumerate(inner):
            if index:  # each element of a page has its own line number
                self.lines += 1
            event = self._event_of(element)
            if event is None and type(element) is dict:
                # A page of rows, or a row in an envelope.
                event = next(filter(None, map(self._event_of, opened(element) or ())), None)
            yield event or self._bad(explain(element))

    def _event_of(self, record: Any) -> Event | None:
        """The event that `record` describes, if it is one; counts it and its dropped labels."""
        try:
            event = event_of(record, self.lines)
        except NotAnEvent:
            return None
        self.events += 1
        self.record = record
        before = len(record["resource"]) + sum(map(len, record.get("related") or ()))
        kept = len(event.resource) + sum(map(len, event.related))
        self.dropped_labels += before - kept
        self.without_offset += not has_offset(record["occurred"])
        return event

    def _not_json(self, text: bytes) -> Iterator[Event | BadLine]:
        """Read the current line, whose `text` orjson refuses."""
        if text.startswith(_BYTE_ORDER_MARK):  # logs joined by `cat`
            self.lines -= 1  # the same line is read again, without the mark
            yield from self.read([text.lstrip(_BYTE_ORDER_MARK)])
        elif not is_filler(text):
            text = text.rstrip()  # an incomplete line ends before its newline
            try:
                orjson.loads(text)
            except orjson.JSONDecodeError as error:
                yield self._bad(other_format(text) or not_json(error, text))

    def _bad(self, message: str) -> BadLine:
        """The current line as a bad one; the log reader fills in the source."""
        self.malformed += 1
        return BadLine("", self.lines, message)
