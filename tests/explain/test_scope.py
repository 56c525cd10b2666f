"""`explain/scope.py`: which windows of a shared bucket are of one resource."""

import pytest

from tests.support import Running, at, automations, event, proactive
from trigger_cli.dialects import DOCS
from trigger_cli.explain.scope import Scope, Share
from trigger_cli.model import DeliveryTransition


def shared(trigger, events, resource, until):
    """The records of one resource in a replay, as their kinds and lines, and its firings' times."""
    events = [one._replace(line=n) for n, one in enumerate(events, 1)]
    scope = Scope(resource=resource)
    for one in events:
        scope.take(one)
    running = Running(automations({"name": "x", "trigger": trigger}), DOCS)
    found = [record for one in events for record in running.take(one)]
    found += running.finish(at(until))
    records = [one for one in found if not isinstance(one, DeliveryTransition)]
    share = Share(scope, records)
    own = [one for one in records if share.has_record(one)]
    told = [(one.kind, one.event and one.event.line) for one in own]
    firings = [one.firing for one in records if one.kind == "fired"]
    return told, [one.at for one in firings if share.has_firing(one)]


TWO = {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 60}


@pytest.mark.parametrize(
    ("resource", "lines", "fired"),
    [("one", {1, 2}, [at(1)]), ("two", {3, 4}, [at(71)])],
)
def test_the_window_after_a_firing_is_of_what_it_counts(resource, lines, fired):
    """It opens by itself, with the event that fired (E6)."""
    events = [event("a", 0, "one"), event("a", 1, "one")]
    events += [event("a", 70, "two"), event("a", 71, "two")]
    told, times = shared(TWO, events, resource, 100)
    assert fired == times
    counted = {line for kind, line in told if kind == "counted"}
    assert lines - counted <= {2, 4}
    assert not counted - lines
    assert told[0][0] == "opened"


def test_a_window_is_of_the_event_with_which_its_deadline_fired():
    """The latest `after` event, which neither opened the window nor was counted (B5)."""
    trigger = proactive("y", after=["x"], within=20)
    events = [event("x", 0, "one"), event("x", 5, "two"), event("z", 50, "three")]
    for resource, fired in (("one", [at(20)]), ("two", [at(20)]), ("three", [])):
        assert fired == shared(trigger, events, resource, 60)[1]
