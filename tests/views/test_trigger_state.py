"""`views/trigger_state.py`: the state of a trigger at an instant."""

import pytest

from tests.support import at, automations, event, flow_run, replay
from tests.views.test_windows import BOTH, COUNT, METRIC, records_of
from trigger_cli.model import EventTrigger
from trigger_cli.views.trigger_state import (
    MetricStatus,
    bucket_phase,
    hold,
    read_metric,
    store,
    valid_firings,
)


def held_of(trigger, *events):
    """The trigger, and its buckets at 20 s."""
    trigger, records = records_of(trigger, events, until=20)
    held = {}
    for one in records:
        hold(held, one)
    return trigger, held


@pytest.mark.parametrize(
    ("seconds", "expected"), [(19, "cooling-down"), (60, "open"), (119, "open"), (120, "ended")]
)
def test_a_bucket_cools_down_is_open_and_ends(seconds, expected):
    """B1, E1, E2: the end is past it."""
    trigger, held = held_of({**COUNT, "threshold": 1}, event("x", 0))
    assert expected == bucket_phase(trigger, held[()], at(seconds), swept_after=None)


def test_a_bucket_is_forgotten():
    """S2: so long after its end."""
    trigger, held = held_of(COUNT, event("x", 0))
    minute = 60_000_000
    found = [bucket_phase(trigger, held[()], at(n), swept_after=minute) for n in (119, 120)]
    assert ["ended", None] == found


def test_an_immediate_bucket_is_always_open():
    """It has no end (E2)."""
    trigger = EventTrigger("$", after=("a",), expect=("b",))
    (automation,) = automations('{"posture": "Reactive", "after": ["a"], "expect": ["b"]}')
    (one,) = replay([automation], [event("a", 0)])
    assert "open" == bucket_phase(trigger, one.after, at(1_000), swept_after=None)


def test_a_composite_holds_each_childs_latest_firing_until_it_is_too_old():
    """C3: at `within` it still counts."""
    trigger, records = records_of(BOTH, [event("x", 0), event("x", 10)])
    stored = {}
    for one in records:
        store(stored, one)
    held = [valid_firings(trigger, stored.values(), at(n)) for n in (40, 40.000001)]
    assert [[at(10)], []] == [[one.at for one in firings] for firings in held]


def test_a_composite_that_fired_holds_nothing():
    """C5."""
    _, records = records_of(BOTH, [event("x", 0), event("y", 10)])
    stored = {}
    for one in records:
        store(stored, one)
    assert {} == stored


def test_a_metric_that_recovers_stays_triggered_until_it_is_resolved():
    """K7."""
    slow = {**METRIC, "metric": {**METRIC["metric"], "firing_for": 5}}
    events = [flow_run("Pending", 0), flow_run("Failed", 1), flow_run("Completed", 10)]
    _, records = records_of(slow, events, until=12)
    status = MetricStatus()
    found = []
    for one in records:
        status = read_metric(status, one)
        found.append((one.kind, status.breached, status.triggered))
    assert [
        ("measured", False, False),
        ("measured", False, False),
        ("breached", True, False),
        ("fired", True, True),
        ("measured", True, True),
        ("recovered", False, True),
    ] == found
