r"""The fast path from a line to an event: one pass in C that checks all and decodes a part.

`msgspec` decodes only the fields that a replay needs and still refuses invalid JSON. If it refuses
a line, the slow path (`interpret.py`) decides, and says what is wrong. Fields that are not read are
checked less: they may contain a number too large for a float and (from Python 3.12) be nested more
than 1024 deep. The same applies to labels, whether a trigger reads them or not: `decode_any`
ensures that (O6).

Invalid UTF-8 in skipped fields is not detected, so callers must check the encoding first.
Cost of a line of 1.4 kB: orjson plus a check of each field in Python 5.3 µs, a `Head` 2.2 µs, a
`Head` with unread labels 1.2 µs (``benchmarks/run.py``, lane "one selective trigger").
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
"""The errors of decoding and `instants` after which the slow path must decide."""


LabelsT = TypeVar("LabelsT")
ReceivedT = TypeVar("ReceivedT")


class Head(msgspec.Struct, Generic[LabelsT, ReceivedT], gc=False):
    """The fields of an event that a replay needs, as in its line.

    Labels that are not read are `Unread`. A `received` that is not read is a `datetime`: msgspec
    accepts no text as one that `parse_instant` refuses.
    """

    event: str
    occurred: str
    resource: LabelsT
    related: list[LabelsT] | None = None
    id: str | None = None
    follows: str | None = None
    received: ReceivedT | None = None


class Unread(msgspec.Struct, gc=False):
    """An object whose content is not read."""


decode = msgspec.json.Decoder(Head[Labels, str]).decode
DECODERS: dict[tuple[bool, bool], Callable[[bytes], Head[Any, Any]]] = {
    (True, True): decode,
    (True, False): msgspec.json.Decoder(Head[Labels, datetime]).decode,
    (False, True): msgspec.json.Decoder(Head[Unread, str]).decode,
    (False, False): msgspec.json.Decoder(Head[Unread, datetime]).decode,
}
"""Decoders by whether labels are read, and whether ``received`` is."""

_decode_any = msgspec.json.Decoder(Head[msgspec.Raw, str]).decode
_text_labels = msgspec.json.Decoder(dict[str, str]).decode
_raw_labels = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


def decode_any(text: bytes) -> tuple[Head[Labels, str], int]:
    """The event on a line with any labels, and the number of labels dropped (O6).

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
    found = Head[Labels, str](
        head.event, head.occurred, resource, related, head.id, head.follows, head.received
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
