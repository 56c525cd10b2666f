r"""The quick way from a line to an event: one pass in C that checks all of it and keeps a part.

`msgspec` reads only the fields that a replay needs and still refuses what is no JSON. Where it
refuses a line, the careful way (`interpret.py`) has the last word, and the words for why.
What nobody reads is checked less: it may hold a number too large for a float, and (from Python
3.12) be nested more than 1024 deep. So may a label, whether a trigger reads it or not: `decode_any`
sees to that (O6).

Invalid UTF-8 in what is passed over is not seen: callers make sure of the encoding first.
Costs of a line of 1.4 kB: orjson and a check of each field in Python 5.3 µs, a `Head` 2.2 µs,
one with its labels unread 1.2 µs (``benchmarks/run.py``, lane "one selective trigger").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from trigger_cli.model import Labels
from trigger_cli.times import parse_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_SHORTEST = len("2026-03-01T12:00:00Z")

REFUSALS = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""What decoding and `instants` raise where the careful way must look."""


LabelsT = TypeVar("LabelsT")
ReceivedT = TypeVar("ReceivedT")


class Head(msgspec.Struct, Generic[LabelsT, ReceivedT], gc=False):
    """What a replay needs of an event, as its line has it.

    Labels that nobody looks into are `Unread`, and a `received` that nobody asks for is a
    `datetime`: of what is no instant, msgspec takes nothing that `parse_instant` does not take.
    """

    event: str
    occurred: str
    resource: LabelsT
    related: list[LabelsT] | None = None
    id: str | None = None
    follows: str | None = None
    received: ReceivedT | None = None


class Unread(msgspec.Struct, gc=False):
    """An object of which nothing is read but that it is one."""


decode = msgspec.json.Decoder(Head[Labels, str]).decode
DECODERS: dict[tuple[bool, bool], Callable[[bytes], Head[Any, Any]]] = {
    (True, True): decode,
    (True, False): msgspec.json.Decoder(Head[Labels, datetime]).decode,
    (False, True): msgspec.json.Decoder(Head[Unread, str]).decode,
    (False, False): msgspec.json.Decoder(Head[Unread, datetime]).decode,
}
"""By whether labels are read, and ``received``."""

_decode_any = msgspec.json.Decoder(Head[msgspec.Raw, str]).decode
_text_labels = msgspec.json.Decoder(dict[str, str]).decode
_raw_labels = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


def decode_any(text: bytes) -> tuple[Head[Labels, str], int]:
    """The event on a line whose labels may be anything, and how many labels were dropped (O6).

    Raises:
        REFUSALS: the line holds no event.
    """
    text.decode()
    head = _decode_any(text)
    resource, dropped = any_labels(head.resource)
    related = []
    for one in head.related or ():
        labels, more = any_labels(one)
        related.append(labels)
        dropped += more
    found = Head[Labels, str](
        head.event, head.occurred, resource, related, head.id, head.follows, head.received
    )
    return found, dropped


def any_labels(raw: msgspec.Raw) -> tuple[Labels, int]:
    """The labels of a JSON object whose values are strings, and how many others it has (O6).

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
    """Each text as `parse_instant` reads it, µs (T1).

    Raises:
        ValueError: some text is no instant.
    """
    if not _all_plain(texts):
        return [parse_instant(text) for text in texts]
    # 0.3 µs each; one by one, with the shape checked each time, it is 0.7.
    return [(moment - _EPOCH) // _TICK for moment in map(datetime.fromisoformat, texts)]


def _all_plain(texts: Sequence[str]) -> bool:
    """Whether all have one length and the shape that `parse_instant` leaves to `datetime`.

    A log's times nearly always look alike, so their columns are compared, not each text.
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
