r"""The fast path from a line to an event: one pass in C that checks all and decodes a part.

`msgspec` decodes only the fields that a replay needs and still refuses invalid JSON. If it refuses
a line, the slow path (`interpret.py`) decides, and says what is wrong. Fields that are not read are
checked less: they may contain a number too large for a float and (from Python 3.12) be nested more
than 1024 deep. The same applies to labels, whether a trigger reads them or not: `decode_any`
ensures that (O6).

Invalid UTF-8 in what is passed over is not seen: callers make sure of the encoding first.
Costs of a line of 1.4 kB: orjson and a check of each field in Python 5.3 µs, a `Head` with its
related resources as text 1.6 µs, one with its labels unread 1.2 µs (``benchmarks/run.py``).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from trigger_cli.model import Labels
from trigger_cli.times import has_offset, parse_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_last = itemgetter(-1)
_SHORTEST = len("2026-03-01T12:00:00Z")

REFUSALS = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""The errors of decoding and `instants` after which the slow path must decide."""


LabelsT = TypeVar("LabelsT")
RelatedT = TypeVar("RelatedT")
ReceivedT = TypeVar("ReceivedT")


class Head(msgspec.Struct, Generic[LabelsT, RelatedT, ReceivedT], gc=False):
    """What a replay needs of an event, as its line has it.

    Labels that are not read are `Unread`. A `received` that is not read is a `datetime`: msgspec
    accepts no text as one that `parse_instant` refuses.
    """

    event: str
    occurred: str
    resource: LabelsT
    related: RelatedT = None  # type: ignore[assignment]  # one that has none is as one with null
    id: str | None = None
    follows: str | None = None
    received: ReceivedT | None = None


class Unread(msgspec.Struct, gc=False):
    """An object whose content is not read."""


Related: TypeAlias = msgspec.Raw | None
"""Related resources as text, for `RelatedResources`."""

decode = msgspec.json.Decoder(Head[Labels, msgspec.Raw, str]).decode
DECODERS: dict[tuple[bool, bool], Callable[[bytes], Head[Any, Any, Any]]] = {
    (True, True): decode,
    (True, False): msgspec.json.Decoder(Head[Labels, msgspec.Raw, datetime]).decode,
    (False, True): msgspec.json.Decoder(Head[Unread, list[Unread] | None, str]).decode,
    (False, False): msgspec.json.Decoder(Head[Unread, list[Unread] | None, datetime]).decode,
}
"""Decoders by whether labels are read, and whether ``received`` is."""

_decode_any = msgspec.json.Decoder(Head[msgspec.Raw, list[msgspec.Raw] | None, str]).decode
_text_labels = msgspec.json.Decoder(Labels).decode
_text_related = msgspec.json.Decoder(tuple[Labels, ...] | None).decode
_raw_labels = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


_MOST_LISTS = 4_000
_MOST_RESOURCES = 16_000


class RelatedResources:
    """Reads the related resources of events; resources that are alike are one and the same.

    Most events of a log are about the same few flows, deployments and tags, and those of one run
    have all of them in common. A list that was read before is known by its text (0.3 µs; 2.5 to
    read it), and what is shared takes a fraction of the memory and of the time to move.
    """

    def __init__(self) -> None:
        self._lists: dict[bytes, tuple[Labels, ...]] = {}
        self._resources: dict[tuple[tuple[str, str], ...], Labels] = {}

    def read(self, raw: Related) -> tuple[Labels, ...]:
        """The related resources that stand in the text.

        Raises:
            REFUSALS: `raw` is neither null nor a list of objects, or a label is no string.
        """
        if raw is None:
            return ()
        text = bytes(raw)
        found = self._lists.get(text)
        if found is None:
            found = self.shared(_text_related(text) or ())
            if len(self._lists) >= _MOST_LISTS:
                self._lists.clear()
            self._lists[text] = found
        return found

    def shared(self, related: Iterable[Labels]) -> tuple[Labels, ...]:
        """The same resources, or those that are equal to them and came before."""
        if len(self._resources) >= _MOST_RESOURCES:
            self._resources.clear()
        known = self._resources.setdefault
        return tuple([known(tuple(one.items()), one) for one in related])


def decode_any(text: bytes) -> tuple[Head[Labels, tuple[Labels, ...], str], int]:
    """The event on a line whose labels may be anything, and how many labels were dropped (O6).

    Raises:
        REFUSALS: The line has no event.
    """
    text.decode()
    head = _decode_any(text)
    resource, dropped = any_labels(head.resource)
    related = []
    for one in head.related or ():
        labels, more = any_labels(one)
        related.append(labels)
        dropped += more
    found = Head[Labels, tuple[Labels, ...], str](
        head.event, head.occurred, resource, tuple(related), head.id, head.follows, head.received
    )
    return found, dropped


def any_labels(raw: msgspec.Raw) -> tuple[Labels, int]:
    """The labels of a JSON object whose values are strings, and the number of the others (O6).

    Raises:
        REFUSALS: `raw` is no object.
    """
    try:
        return _text_labels(raw), 0
    except REFUSALS:
        pass
    found = {}
    values = _raw_labels(raw)
    for label, value in values.items():
        try:
            found[label] = _text(value)
        except REFUSALS:
            continue
    return found, len(values) - len(found)


def instants(texts: Sequence[str]) -> list[int]:
    """Convert each text as `parse_instant` does, to µs (T1).

    Raises:
        ValueError: A text is no instant.
    """
    if not _all_plain(texts):
        return [parse_instant(text) for text in texts]
    # 0.3 µs each; with a separate check of each text 0.7 µs.
    return [(moment - _EPOCH) // _TICK for moment in map(datetime.fromisoformat, texts)]


def without_offset(texts: Sequence[str]) -> int:
    """How many of the texts of instants have no offset (T1)."""
    if {"Z"}.issuperset(map(_last, texts)):  # 0.03 µs each
        return 0
    return sum(not has_offset(text) for text in texts)


def _all_plain(texts: Sequence[str]) -> bool:
    """Whether all have one length and the form that `parse_instant` leaves to `datetime`.

    The times of a log nearly always have one form, so columns are compared instead of texts.
    """
    if not texts:
        return False
    length = len(texts[0])
    if length < _SHORTEST or len(set(map(len, texts))) > 1:
        return False
    together = "".join(texts)
    count = len(texts)
    return (
        together[4::length] == together[7::length] == "-" * count
        and together[10::length] == "T" * count
        and together[length - 1 :: length] == "Z" * count
    )
