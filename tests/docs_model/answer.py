"""The model's answer to a case, in the form in which the command line's is compared."""

from typing import Any

from tests.docs_model import model
from tests.docs_model.delivery import Delivery, Limits
from tests.front_door.door import LIMITS
from tests.oracle import ours
from trigger_cli.times import format_instant, parse_instant

Json = dict[str, Any]


def firings(case: Json) -> list[Json] | None:
    """The firings, by automation; ``None`` where no event lies in the range (T7)."""
    limits = Limits(*(parse_instant(case[one]) if case.get(one) else None for one in LIMITS))
    delivery = Delivery(ours.events(case), limits)
    start, until = delivery.start, delivery.until
    if delivery.leaves_all_out:
        return None
    if start is None or until is None:
        return []
    found = []
    for automation in ours.automations(case):
        if automation.enabled:
            fired = model.firings(automation.trigger, delivery.steps, start, until)
            found += [{"automation": automation.name, **_described(one)} for one in fired]
    return found


def _described(fired: model.Fired) -> Json:
    return {
        "trigger": fired.path,
        "at": format_instant(fired.at),
        "labels": dict(fired.labels),
        "event": None if fired.event is None else fired.event.line - 1,
        "children": [_described(one) for one in fired.children],
    }
