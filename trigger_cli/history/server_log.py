"""A server's own firings, from events ``prefect.automation.triggered`` in its log.

Prefect Cloud calls them ``prefect-cloud.automation.triggered``.
"""

from collections.abc import Mapping

from msgspec import Struct

from trigger_cli.events.scan import TRIGGERING_LABELS
from trigger_cli.model import Automation, Event
from trigger_cli.vocabulary import (
    AUTOMATION_PREFIXES,
    FIRING_NAMES,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
)

_EVENT = "prefect.event."
_TRIGGERING = "triggering-event"


class ServerFiring(Struct, frozen=True):
    """One firing that the server recorded."""

    at: int
    """When the server fired, µs."""
    line: int
    """The line of the event that reports it."""
    automation_id: str
    automation_name: str
    event_id: str | None
    """The id of the triggering event; ``None`` if a deadline fired it."""
    labels: tuple[tuple[str, str], ...] = ()
    """The labels of its bucket (B3), sorted; none if the log does not tell them."""

    def event_in(self, events: Mapping[str, Event]) -> Event | None:
        """The triggering event, if it is in `events`, by id."""
        return None if self.event_id is None else events.get(self.event_id)

    def line_in(self, events: Mapping[str, Event]) -> int | None:
        """The line of that event."""
        event = self.event_in(events)
        return None if event is None else event.line


def server_firing(event: Event) -> ServerFiring | None:
    """The firing that an event of the log reports, if it reports one."""
    if event.name not in FIRING_NAMES:
        return None
    fired_for = sorted(
        one for one in event.resource.items() if one[0].startswith(TRIGGERING_LABELS)
    )
    triggering = [
        one[RESOURCE_ID].removeprefix(_EVENT)
        for one in event.related
        if one.get(RESOURCE_ROLE) == _TRIGGERING and RESOURCE_ID in one
    ]
    return ServerFiring(
        event.occurred,
        event.line,
        _without_kind(event.resource.get(RESOURCE_ID, "")),
        event.resource.get(RESOURCE_NAME, ""),
        triggering[-1] if triggering else None,
        tuple((label.removeprefix(TRIGGERING_LABELS), value) for label, value in fired_for),
    )


def _without_kind(ident: str) -> str:
    for prefix in AUTOMATION_PREFIXES:
        ident = ident.removeprefix(prefix)
    return ident


def whose(
    firing: ServerFiring, automations: Mapping[str, Automation], ids: Mapping[str, Automation]
) -> Automation | None:
    """The automation that fired: by id if the definitions have ids, else by name."""
    return ids.get(firing.automation_id) or automations.get(firing.automation_name)
