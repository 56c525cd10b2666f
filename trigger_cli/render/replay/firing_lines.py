"""A firing on one line of text, for ``grep``: ``replay -q``."""

from __future__ import annotations

from datetime import UTC, tzinfo

from trigger_cli.model import Firing
from trigger_cli.render.common.inert import inert
from trigger_cli.times import format_instant, to_datetime
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

_LONGEST = 200


def firing_line(firing: Firing, zone: tzinfo) -> str:
    """``2026-03-01T12:00:00.000000Z  name  label=value  event  resource  line 7``."""
    when = format_instant(firing.at) if zone is UTC else _local(firing.at, zone)
    parts = [when, inert(firing.automation.name, _LONGEST)]
    parts += [
        f"{inert(label, _LONGEST)}={inert(value, _LONGEST)}" for label, value in firing.labels
    ]
    event = firing.event
    if event is not None:
        resource = event.resource.get(RESOURCE_NAME) or event.resource.get(RESOURCE_ID, "")
        parts += [inert(event.name, _LONGEST), inert(resource, _LONGEST), f"line {event.line}"]
    return "  ".join(part for part in parts if part)


def _local(instant: int, zone: tzinfo) -> str:
    return to_datetime(instant, zone).isoformat(timespec="microseconds")
