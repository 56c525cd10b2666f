"""The events of a case written as a log, in every form in which people have logs."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import zstandard

from trigger_cli.times import SECOND, format_instant, parse_instant

if TYPE_CHECKING:
    from tests.front_door.door import Mode

Json = dict[str, Any]

PACKINGS = {
    "plain": lambda content: content,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    # The usual preset begins with 94 MB of empty tables, which took longer than a small replay.
    "xz": partial(lzma.compress, preset=0),
    "zst": lambda content: zstandard.ZstdCompressor().compress(content),
}
# A log whose first line is no object is no array of events, so these are objects.
BAD_ELEMENTS = ['{"event": "x"}', '{"a": 1}', '{"event": 3, "occurred": null}']
BAD_LINES = ["no json", "3", *BAD_ELEMENTS, '{"event": ', "null", "", "  "]
BANNER = "Subscribing to event stream..."
SHAPES = ("lines", "array", "page", "messages", "stream")
# Labels that triggers ask for, where the event has none: as if they were absent still.
ODD_LABELS: Json = {"prefect.resource.name": 5, "absent": ["x"], "none": None}


class Written(NamedTuple):
    """A log on disk."""

    paths: list[Path]
    places: dict[int, int]
    """For each line that holds an event of the case, which it is."""


def write_log(events: Sequence[Json], folder: Path, mode: Mode) -> Written:
    """Write the events as `mode` has them."""
    logs = 1 if mode.from_stdin else mode.logs
    cuts = [round(number * len(events) / logs) for number in range(logs + 1)]
    paths, places, line = [], {}, 0
    followed = {one.get("follows") for one in events}
    ids = [one["id"] for one in events]
    for number in range(logs):
        records: list[Json | str] = [BANNER] if mode.shape == "stream" else []
        line += len(records)
        for place in range(cuts[number], cuts[number + 1]):
            original = events[place]
            if mode.has_bad_lines and place % 3 == 0:
                bad = BAD_ELEMENTS if mode.shape in {"array", "page"} else BAD_LINES
                records.append(bad[place // 3 % len(bad)])
                line += 1
            line += 1
            places[line] = place
            records.append(_record(original, place, mode, followed, ids))
            if mode.has_noise and place % 2:
                line += 1
                records.append(_noise(original, place, mode))
        path = folder / f"log{number}"
        path.write_bytes(_log(records, mode))
        paths.append(path)
    return Written(paths, places)


def _record(event: Json, place: int, mode: Mode, followed: set[str | None], ids: list[str]) -> Json:
    record = dict(event)
    if mode.order == "received":
        record["received"] = _received(place)
    is_free = record["id"] not in followed and ids.count(record["id"]) == 1
    if mode.lacks_ids and is_free and not record.get("follows"):
        del record["id"]
    if mode.has_odd_labels:
        record["resource"] = {**ODD_LABELS, **record["resource"]}
        role = {"prefect.resource.role": {}}
        record["related"] = [{**ODD_LABELS, **role, **one} for one in record["related"]]
        record["related"].append({"odd": {}})
    return record


def _noise(event: Json, place: int, mode: Mode) -> Json:
    noise: Json = {
        "id": f"noise-{place}",
        "event": "prefect.log.write",
        "occurred": event["occurred"],
        "resource": {"prefect.resource.id": "noise"},
        "related": [],
    }
    if mode.order == "received":
        noise["received"] = _received(place)
    return noise


def _received(place: int) -> str:
    """Arrival times that keep the events' order, also where two come at once."""
    return format_instant(parse_instant("2030-01-01T00:00:00Z") + place * SECOND)


def _log(records: Sequence[Json | str], mode: Mode) -> bytes:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
    if mode.shape == "messages":
        texts = [
            one if isinstance(one, str) else json.dumps({"type": "event", "event": one})
            for one in records
        ]
    if not records:
        content = ""
    elif mode.shape == "array":
        content = "[" + ", ".join(texts) + "]"
    elif mode.shape == "page":
        content = '{"events": [' + ", ".join(texts) + '], "total": 0, "next_page": null}'
    else:
        content = "".join(text + mode.newline for text in texts)
    encoded = content.encode()
    if mode.has_mark:
        encoded = b"\xef\xbb\xbf" + encoded
    packed: bytes = PACKINGS[mode.packing](encoded)
    return packed
