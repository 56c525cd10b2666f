"""`history/kept_deliveries.py`: what an audit stores of each event, and how many."""

import pytest
from msgspec.structs import replace

from tests.support import automations, event
from trigger_cli.engine.delivered import Delivered
from trigger_cli.history import kept_deliveries
from trigger_cli.history.kept_deliveries import KeptDeliveries, LogTooLongError
from trigger_cli.model import Match

X, Y = automations(
    *({"name": name, "trigger": {"posture": "Reactive", "expect": ["a"]}} for name in "xy")
)
SHOWN = {"prefect.resource.id": "r", "prefect.resource.name": "ruddy-skunk"}


def delivered(number):
    one = event("a", number, {**SHOWN, "other": "label"}, [SHOWN], line=number, id=str(number))
    return Delivered(number, number + 1, number + 2, Match(one, ((0, 1, ("r",)),)))


def test_each_automation_has_its_events_in_order_with_the_labels_that_views_show():
    """However many lie between them."""
    kept = KeptDeliveries([X, Y])
    for number in range(100):
        kept.add(delivered(number), [X.index] if number % 3 else [X.index, Y.index])
    assert [number for number in range(100) if number % 3 == 0] == [
        one.event.line for one in kept.of(Y)
    ]
    (one,) = kept.of(X, {"7"})
    whole = delivered(7)
    slim = whole.event._replace(resource=SHOWN, related=())
    assert whole._replace(match=replace(whole.match, event=slim)) == one
    assert (134, 100, 34) == (kept.count, kept.count_of(X), kept.count_of(Y))


def test_each_automation_may_take_the_most_events(monkeypatch):
    """Only one is replayed at a time, so the limit is not that of all together."""
    monkeypatch.setattr(kept_deliveries, "MOST_EVENTS", 1)
    kept = KeptDeliveries([X, Y])
    kept.add(delivered(1), [X.index, Y.index])
    with pytest.raises(LogTooLongError, match="more than 1 events concern one automation"):
        kept.add(delivered(2), [Y.index])
