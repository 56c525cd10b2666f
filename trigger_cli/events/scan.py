"""Converts the lines of a shard to a `Batch`: the hot path of every replay, in any process.

Lines are decoded several at a time, and list comprehensions make their columns: 2 µs for an event
of 1.4 kB that no trigger takes (``benchmarks/run.py``, lane "one selective trigger"). Labels are
read only if a trigger may want events with that name. If any of the lines is unusual, they are read
one by one on the slow path. Both paths find the same events, so the result does not depend on how
the log was cut.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, TypeAlias

from msgspec import Struct, field
from msgspec.structs import astuple

from trigger_cli.events import quick
from trigger_cli.events.batch import Batch, Key, Rows, Selected, completed
from trigger_cli.events.decoding import triggering_labels
from trigger_cli.events.interpret import Interpreter, Text
from trigger_cli.events.lines import SomeLines
from trigger_cli.events.problems import system_reason
from trigger_cli.model import BadLine, DeliveryOrder, Labels
from trigger_cli.times import parse_instant

TRIGGERING_LABELS = "payload.triggering_labels."
"""The prefix of the labels of a `FiringInterest`."""
_MANY_NAMES = 10_000
NO_RECEIVED = "the event has no `received`, which the order by it needs"


class Interest(Protocol):
    """Selects what is read of the events with one name."""

    def select(self, resource: Labels, related: tuple[Labels, ...]) -> Selected | None:
        """What to keep of an event; ``None``: only its heading."""


class FiringInterest:
    """Selects of a server's own firings also the labels of the bucket that stand in their payload.

    They become labels of the primary resource (`TRIGGERING_LABELS`), after the event was matched.

    Args:
        select: What else is kept, as `Interest.select`.
    """

    def __init__(self, select: Callable[[Labels, tuple[Labels, ...]], Selected]) -> None:
        self.select = select

    @staticmethod
    def with_payload(selected: Selected, record: Any) -> Selected:
        """What was selected, with these labels.

        Args:
            selected: What `select` gave.
            record: The event as the log has it: its text, or a parsed JSON value.
        """
        resource, related, takings = selected
        fired_for = triggering_labels(record).items()
        more = {TRIGGERING_LABELS + label: value for label, value in fired_for}
        return {**resource, **more}, related, takings


Digest: TypeAlias = Callable[[Rows], Any]
"""Makes of events, in the log's own order and with their labels, what is kept of the labels; of
built-in types, which a process can send to another."""
Interests: TypeAlias = Callable[[str], Interest | None]
"""Maps an event name to what is read of its events; ``None``: only headings."""


_Head: TypeAlias = quick.Head[Any, Any, Any]

# The approximate memory of a row of columns, and of a label with its value.
_ROW_BYTES = 250
_LABEL_BYTES = 120
_FEWEST_LABELS = 12
"""A wanted event takes the memory of at least so many labels."""


class Scanned(Struct):
    """The contents of a part of a log."""

    batch: Batch | bytes = b""
    """The events; as bytes if a worker process made it (`Batch.pack`)."""
    first: Key | None = None
    """The keys of the batch's first and (next field) last row, if any, with its line numbers."""
    last: Key | None = None
    size: int = 0
    """The approximate memory of the batch, bytes."""
    lines: int = 0
    """The number of records: text lines, blank ones too, and elements of pages."""
    events: int = 0
    malformed: int = 0
    dropped_labels: int = 0
    """The number of labels with a value that is no string (O6), among the labels read."""
    without_offset: int = 0
    """The number of events whose time has no offset (T1)."""
    bad: list[tuple[int, str]] = field(default_factory=list)
    """The line of each record that is no event, or that has no `received` although the order needs
    it (O1), and the reason."""
    bytes_read: int = 0
    failure: str | None = None
    """Why the rest of the source cannot be read."""
    digest: Any = None
    """What `Digest` made of the events; ``None`` if there are none, or if it was not requested."""

    def as_it_stands(self) -> Rows:
        """The events in the log's own order; the id of an event without one is empty."""
        self.batch = batch = completed(self.batch, None)
        return Rows(batch.by_line(), None)

    def pack(self) -> bytes:
        """Pack into bytes for `unpack_scanned`."""
        batch = self.batch if isinstance(self.batch, bytes) else self.batch.pack()
        return marshal.dumps((batch, *astuple(self)[1:]))


def unpack_scanned(packed: bytes) -> Scanned:
    """Unpack the bytes of `Scanned.pack`; the batch remains bytes."""
    return Scanned(*marshal.loads(packed))  # noqa: S302  # packed by this program


class _KnownInterests(dict[str, "Interest | None"]):
    """A cache of the interest in each name, since logs repeat a few names."""

    def __init__(self, interests: Interests) -> None:
        super().__init__()
        self._interests = interests

    def __missing__(self, name: str) -> Interest | None:
        if len(self) >= _MANY_NAMES:  # many different names must not fill the memory
            self.clear()
        found = self[name] = self._interests(name)
        return found


class _NameCodes(dict[str, int]):
    """The numbers of a batch's names, in order of appearance."""

    def __missing__(self, name: str) -> int:
        code = self[name] = len(self)
        return code


class Scanner:
    """Makes batches from lines.

    Args:
        interests: What triggers want, by event name.
        order: The order of the log; a batch's rows are in it.
        with_received: Keep when each event was received.
        digest: Called with the events of each batch, which then keeps headings alone.
    """

    def __init__(
        self,
        interests: Interests,
        order: DeliveryOrder,
        *,
        with_received: bool = False,
        digest: Digest | None = None,
    ) -> None:
        self.interests = _KnownInterests(interests)
        self.related = quick.RelatedResources()
        self.order: DeliveryOrder = order
        self.with_received = with_received
        self.digest = digest

    def scan(self, stretches: Iterable[SomeLines]) -> Scanned:
        """Scan lines that come in several lists; where they cannot be read on, the result says so."""
        filling = _Filling(self)
        failure = None
        try:
            for lines in stretches:
                if lines is None:
                    filling.carefully([None])
                elif not filling.quickly(lines):
                    filling.carefully(lines)
        except OSError as error:
            failure = system_reason(error)
        scanned = filling.scanned()
        scanned.failure = failure
        return scanned

    def scan_texts(self, texts: Iterator[Text], at_once: int) -> Iterator[Scanned]:
        """Scan records that are not on a line each, up to `at_once` at a time."""
        while True:
            filling = _Filling(self)
            filling.carefully(islice(texts, at_once))
            scanned = filling.scanned()
            yield scanned
            if scanned.lines < at_once:
                return


class _Filling:
    """A batch that is being filled."""

    def __init__(self, scanner: Scanner) -> None:
        self._interests = scanner.interests
        self._related = scanner.related
        self._order = scanner.order
        self._by_received = scanner.order == "received"
        self._with_received = scanner.with_received
        self._digest = scanner.digest
        self._reads_received = self._by_received or self._with_received
        self._found = Scanned()
        self._batch = Batch()
        self._labels = 0
        self._codes = _NameCodes()
        self._lines: list[int] = []
        # Whether most events are wanted: then a first pass over names would double the work.
        self._most_are_wanted = False

    def quickly(self, lines: list[bytes]) -> bool:
        """Add the lines' events; ``False``, without a change, if not all are plain events."""
        try:
            if not all(map(bytes.isascii, lines)):
                for line in lines:
                    line.decode()
            heads = self._decode(lines)
            texts = [head.occurred for head in heads]
            occurred = quick.instants(texts)
            receipts = self._receipts(heads) if self._reads_received else []
            names = [head.event for head in heads]
            if not all(names):
                return False
            selected = self._select(names, heads, lines)
        except quick.REFUSALS:
            return False
        found = self._found
        batch = self._batch
        begin = len(batch)
        self._lines += range(found.lines + 1, found.lines + 1 + len(heads))
        ids = [head.id or "" for head in heads]
        batch.ids += ids
        # Most follow an event shortly before them: what is shared takes half of the room.
        known = dict(zip(ids, ids, strict=True)).get
        batch.follows += [known(one, one) if (one := head.follows) else None for head in heads]
        batch.occurred += occurred
        if self._by_received:
            batch.keys += receipts  # type: ignore[arg-type]  # `_receipts` refuses None here
        if self._with_received:
            batch.received += receipts
        codes = self._codes
        batch.name_codes += [codes[name] for name in names]
        batch.wanted_rows += [begin + place for place in selected]
        batch.wanted += selected.values()
        self._labels += sum(map(_label_count, selected.values()))
        found.lines += len(heads)
        found.events += len(heads)
        found.without_offset += quick.without_offset(texts)
        return True

    def _receipts(self, heads: Sequence[_Head]) -> list[int | None]:
        """When each event was received, µs; raises if the order needs one that is absent."""
        texts = [head.received for head in heads]
        if self._by_received or None not in texts:
            found: list[int | None] = [*quick.instants(texts)]  # type: ignore[arg-type]  # None raises
            return found
        return [None if text is None else parse_instant(text) for text in texts]

    def _decode(self, lines: list[bytes]) -> Sequence[_Head]:
        # `decode_lines`, which accepts several values a line and newlines within one, saves
        # nothing once each line has been checked.
        decode = quick.DECODERS[self._most_are_wanted, self._reads_received]
        return [decode(line) for line in lines]

    def _select(
        self, names: list[str], heads: Sequence[_Head], lines: list[bytes]
    ) -> dict[int, Selected]:
        """The wanted events by row, with the labels they need.

        Names are checked before labels: if no trigger wants the name, the labels are not read.
        """
        found: dict[int, Selected] = {}
        wanted = 0
        read = self._related.read
        has_labels = self._most_are_wanted
        # Of all that have labels, so that a line is refused whether its event is wanted or not.
        related = [read(head.related) for head in heads] if has_labels else []
        interests = {name: self._interests[name] for name in set(names)}
        if not any(interests.values()):
            self._most_are_wanted = False
            return found
        alike = next(iter(interests.values()))
        if has_labels and alike and all(one is alike for one in interests.values()):
            select = alike.select
            chosen = [select(head.resource, one) for head, one in zip(heads, related, strict=True)]
            found = {place: one for place, one in enumerate(chosen) if one is not None}
        else:
            for place, interest in enumerate([interests[name] for name in names]):
                if interest is None:
                    continue
                wanted += 1
                if has_labels:
                    selected = interest.select(heads[place].resource, related[place])
                else:
                    head = quick.decode(lines[place])
                    selected = interest.select(head.resource, read(head.related))
                if selected is not None:
                    found[place] = selected
            self._most_are_wanted = 2 * wanted > len(names)
        for name, interest in interests.items():
            if isinstance(interest, FiringInterest):
                for place in [one for one in found if names[one] == name]:
                    found[place] = interest.with_payload(found[place], lines[place])
        return found

    def carefully(self, texts: Iterable[Text]) -> None:
        """Add records, some of which may be no events."""
        found = self._found
        reading = Interpreter(found.lines, self._related)
        for record in reading.read(texts):
            if isinstance(record, BadLine):
                found.bad.append((record.line, record.message))
            elif self._by_received and record.received is None:
                found.bad.append((record.line, NO_RECEIVED))
            else:
                batch = self._batch
                interest = self._interests[record.name]
                selected = None
                if interest is not None:
                    related = self._related.shared(record.related)
                    selected = interest.select(record.resource, related)
                if selected is not None:
                    if isinstance(interest, FiringInterest):
                        selected = interest.with_payload(selected, reading.record)
                    batch.wanted_rows.append(len(batch))
                    batch.wanted.append(selected)
                    self._labels += _label_count(selected)
                self._lines.append(record.line)
                batch.ids.append(record.id)
                batch.follows.append(record.follows)
                batch.occurred.append(record.occurred)
                if self._by_received and record.received is not None:
                    batch.keys.append(record.received)
                if self._with_received:
                    batch.received.append(record.received)
                batch.name_codes.append(self._codes[record.name])
        found.lines = reading.lines
        found.events += reading.events
        found.malformed += reading.malformed
        found.dropped_labels += reading.dropped_labels
        found.without_offset += reading.without_offset

    def scanned(self) -> Scanned:
        """The contents so far."""
        found = self._found
        batch = found.batch = self._batch
        lines = self._lines
        batch.names = list(self._codes)
        if not self._by_received:
            batch.keys = batch.occurred
        batch.lines = lines
        if lines and lines[-1] - lines[0] == len(lines) - 1:
            batch.lines = range(lines[0], lines[-1] + 1)
        if self._digest is not None and len(batch):
            found.digest = self._digest(Rows(batch, None))
            batch.wanted_rows, batch.wanted = [], []
            self._labels = 0
        if self._order != "log":
            batch.sort()
        if len(batch):
            found.first, found.last = batch.key(0), batch.key(len(batch) - 1)
        found.size = _ROW_BYTES * len(batch) + _LABEL_BYTES * self._labels
        return found


def _label_count(selected: Selected) -> int:
    """The approximate number of labels, or as many as take the event's memory."""
    return max(len(selected[0]) + 3 * len(selected[1]), _FEWEST_LABELS)
