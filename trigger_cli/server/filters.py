"""Which events are asked for, and the request's body that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trigger_cli.times import format_instant

PAGE_SIZE = 50
"""The most that a server hands out at once."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What ``--event`` and ``--resource`` let through."""

    prefixes: tuple[str, ...] = ()
    """Beginnings of event names; none: all names."""
    resources: tuple[str, ...] = ()
    """Ids of primary resources; none: all."""

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
        """The filter as a file's companion keeps it."""
        return {"event": list(self.prefixes), "resource": list(self.resources)}
