"""Filters of events, and the request's body for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trigger_cli.times import format_instant

PAGE_SIZE = 50
"""The most events that a server sends on one page."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The filters ``--event`` and ``--resource``."""

    prefixes: tuple[str, ...] = ()
    """Prefixes of event names; empty: all names."""
    resources: tuple[str, ...] = ()
    """Ids of primary resources; empty: all."""

    def body(self, since: int, until: int) -> dict[str, Any]:
        """The filter as the API takes it, oldest event first."""
        body: dict[str, Any] = {
            "occurred": {"since": format_instant(since), "until": format_instant(until)},
            "order": "ASC",
        }
        if self.prefixes:
            body["event"] = {"prefix": list(self.prefixes)}
        if self.resources:
            body["resource"] = {"id": list(self.resources)}
        return body

    def describe(self) -> dict[str, Any]:
        """The filter as the companion of a file stores it."""
        return {"event": list(self.prefixes), "resource": list(self.resources)}
