"""What the command line answers, in the form in which the oracle does."""

from typing import Any

from tests.front_door.door import Asked

Json = dict[str, Any]


def firings_by_automation(firings: list[Json]) -> dict[str, list[Json]]:
    """Each automation's firings, in order: among automations the command sorts as it sees fit."""
    found: dict[str, list[Json]] = {}
    for one in firings:
        found.setdefault(one["automation"], []).append(one)
    return found


def with_ids(asked: Asked, firings: list[Json]) -> list[Json]:
    """The command's firings, events named by their ids again."""
    ids = [one["id"] for one in asked.case["events"]]

    def named(firing: Json) -> Json:
        rest = {key: value for key, value in firing.items() if key not in {"event", "children"}}
        event = firing["event"]
        children = [named(one) for one in firing["children"]]
        return {**rest, "event_id": None if event is None else ids[event], "children": children}

    return [named(one) for one in firings]
