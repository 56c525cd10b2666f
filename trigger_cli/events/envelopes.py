"""Envelopes around an event: CloudEvents, EventBridge, Pub/Sub, rows with JSON in their columns.

An envelope is opened if its kind is certain and an event is inside. For any other object that
contains an event, `where_inside` returns the path, so that the user can extract it.
"""

import base64
import binascii
from typing import Any

import orjson

REQUIRED = ("event", "occurred", "resource")
"""The fields that every event has."""
_DEEPEST = 3


def opened(record: dict[str, Any]) -> list[Any] | None:
    """The events, or inner envelopes, inside an envelope; ``None`` if it is none."""
    if "specversion" in record and "type" in record:  # CloudEvents 1.0
        inside = record.get("data")
        return [_decoded(record["data_base64"]) if "data_base64" in record else _parsed(inside)]
    if "detail-type" in record and "detail" in record:  # EventBridge
        return [_parsed(record["detail"])]
    message = record.get("message") if "subscription" in record else record  # Pub/Sub, pushed
    if type(message) is dict and {"data", "messageId"} <= message.keys():
        return [_decoded(message["data"])]
    if all(key in record for key in REQUIRED) and _has_texts(record):
        related = _parsed(record.get("related"))
        return [{**record, "resource": _parsed(record["resource"]), "related": related}]
    return None


def where_inside(record: dict[str, Any]) -> str | None:
    """The ``jq`` path of an event inside an object; ``None`` if none is found."""
    level = [("", record)]
    for _ in range(_DEEPEST):
        below = []
        for path, holder in level:
            for key, value in holder.items():
                inner = value[0] if type(value) is list and value else value
                if type(inner) is not dict:
                    continue
                place = f"{path}[{orjson.dumps(key).decode()}]{'[]' if inner is not value else ''}"
                if all(wanted in inner for wanted in REQUIRED):
                    return f".{place}"
                below.append((place, inner))
        level = below
    return None


def _has_texts(record: dict[str, Any]) -> bool:
    """Whether the labels are JSON in strings, as in a row of a database or a spreadsheet."""
    return type(record["resource"]) is str or type(record.get("related")) is str


def _parsed(value: Any) -> Any:
    """The parsed JSON of a string, else the value itself."""
    if type(value) is not str:
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _decoded(value: Any) -> Any:
    """The parsed JSON of a base64 string, else the value itself."""
    if type(value) is not str:
        return value
    try:
        return orjson.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return value
