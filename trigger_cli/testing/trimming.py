"""Remove the parts of events that their trigger does not use; a replay checks the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, Event, EventTrigger, Labels, MetricTrigger
from trigger_cli.testing.capturing import Setting, Target, gives
from trigger_cli.vocabulary import (
    PREFECT,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    RUN_KINDS,
    state_labels,
)

_ALWAYS = frozenset({RESOURCE_ID, RESOURCE_NAME})


def trimmed(events: Sequence[Event], setting: Setting, target: Target) -> list[Event]:
    """The events with only the labels and related resources that the trigger uses.

    Names and ids of resources and the states of runs are kept for readers of the test.
    """
    own = _ALWAYS | frozenset(_own_labels(setting.automation))
    others = _ALWAYS | {RESOURCE_ROLE} | frozenset(_related_labels(setting.automation))
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
    """The events with ids as a test gives them, ``event-1`` and so on; copies stay copies.

    A leader that is not among the events is ``lost-1`` and so on: an event that follows it waits
    (O4).
    """
    ids: dict[str, str] = {}
    for place, event in enumerate(events, 1):
        ids.setdefault(event.id, f"event-{place}")
    followed = dict.fromkeys(event.follows for event in events if event.follows is not None)
    lost = (leader for leader in followed if leader not in ids)
    ids.update({leader: f"lost-{number}" for number, leader in enumerate(list(lost), 1)})
    return [
        event._replace(
            line=place,
            id=ids[event.id],
            follows=None if event.follows is None else ids[event.follows],
        )
        for place, event in enumerate(events, 1)
    ]


def _own_labels(automation: Automation) -> Iterator[str]:
    for trigger in walk(automation.trigger):
        if isinstance(trigger, EventTrigger | MetricTrigger):
            yield from (label for label, _ in trigger.match)
        if isinstance(trigger, EventTrigger):
            yield from trigger.for_each


def _related_labels(automation: Automation) -> Iterator[str]:
    for trigger in walk(automation.trigger):
        if isinstance(trigger, EventTrigger | MetricTrigger):
            yield from (label for one in trigger.match_related for label, _ in one)
        if isinstance(trigger, EventTrigger):
            yield from (one.rpartition(":")[2] for one in trigger.for_each)


def _kept(event: Event, labels: frozenset[str]) -> Labels:
    kind, _, state = event.name.removeprefix(PREFECT).partition(".")
    derived = state_labels(kind, state) if kind in RUN_KINDS else {}
    states = {label for label, value in derived.items() if event.resource.get(label) == value}
    # Both or none: the shorthand stands for both.
    return _only(event.resource, labels | (states if len(states) == len(derived) else set()))


def _only(labels: Labels, wanted: frozenset[str] | set[str]) -> dict[str, str]:
    return {label: value for label, value in labels.items() if label in wanted}
