"""Removes the parts of events that their trigger does not use; a replay checks the result."""

from collections.abc import Sequence

from trigger_cli.explain.changes import places
from trigger_cli.match.plan import leaves_of
from trigger_cli.model import Automation, Event, EventTrigger, Labels
from trigger_cli.testing.capturing import Setting, Target, gives
from trigger_cli.vocabulary import (
    PREFECT,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    RUN_KINDS,
    state_labels,
)


def trimmed(events: Sequence[Event], setting: Setting, target: Target) -> list[Event]:
    """The events with only the labels and related resources that the trigger uses.

    Names and ids of resources and the states of runs are kept for people who read the test.
    """
    own, others = _used_labels(setting.automation)
    slim = [
        event._replace(
            resource=_kept(event, own),
            related=tuple(_only(one, others) for one in event.related),
        )
        for event in events
    ]
    if not gives(setting, target, slim):
        return list(events)
    roles = sorted({one.get(RESOURCE_ROLE, "") for event in slim for one in event.related})
    for role in roles:
        without = [
            event._replace(
                related=tuple(one for one in event.related if one.get(RESOURCE_ROLE, "") != role)
            )
            for event in slim
        ]
        if gives(setting, target, without):
            slim = without
    return slim


def numbered(events: Sequence[Event]) -> list[Event]:
    """The events with ids for a test, ``event-1`` and so on; copies stay copies.

    A leader that is not among the events becomes ``lost-1`` and so on: an event that follows it
    waits (O4).
    """
    ids: dict[str, str] = {}
    for place, event in enumerate(events, 1):
        ids.setdefault(event.id, f"event-{place}")
    followed = dict.fromkeys(event.follows for event in events if event.follows is not None)
    lost = [leader for leader in followed if leader not in ids]
    ids.update({leader: f"lost-{number}" for number, leader in enumerate(lost, 1)})
    return [
        event._replace(
            line=place,
            id=ids[event.id],
            follows=None if event.follows is None else ids[event.follows],
        )
        for place, event in enumerate(events, 1)
    ]


def _used_labels(automation: Automation) -> tuple[set[str], set[str]]:
    """The labels to keep: of events' own resources, and of related ones."""
    own = {RESOURCE_ID, RESOURCE_NAME}
    others = {*own, RESOURCE_ROLE}
    for trigger in leaves_of(automation.trigger):
        for place in places(trigger):
            (own if place.related is None else others).add(place.label)
        if isinstance(trigger, EventTrigger):
            own.update(trigger.for_each)
            others.update(one.rpartition(":")[2] for one in trigger.for_each)
    return own, others


def _kept(event: Event, labels: set[str]) -> Labels:
    kind, _, state = event.name.removeprefix(PREFECT).partition(".")
    derived = state_labels(kind, state) if kind in RUN_KINDS else {}
    states = {label for label, value in derived.items() if event.resource.get(label) == value}
    # Both or none: the shorthand has one form for both.
    return _only(event.resource, labels | (states if len(states) == len(derived) else set()))


def _only(labels: Labels, wanted: set[str]) -> dict[str, str]:
    return {label: value for label, value in labels.items() if label in wanted}
