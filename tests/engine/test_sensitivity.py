"""Which rows of section D a definition touches."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import ours
from tests.oracle.cases import cases
from tests.support import automations, replay
from trigger_cli.dialects import ALL_DIALECTS, DOCS, SERVER_3_4, SERVER_3_6, SERVER_3_8, SERVER_3_9
from trigger_cli.engine.sensitivity import late_sensitivities, sensitivities
from trigger_cli.times import parse_instant

REACTIVE = {"posture": "Reactive", "expect": ["x"]}
NAME = "prefect.resource.name"


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (REACTIVE, ()),
        ({**REACTIVE, "match": {NAME: ["a-*", "!a-b"]}}, ("D1",)),
        ({**REACTIVE, "match": {NAME: "!a-b"}}, ()),
        ({**REACTIVE, "match_related": {NAME: "!a-b"}}, ("D2",)),
        ({**REACTIVE, "expect": ["!x"]}, ("D3",)),
        ({**REACTIVE, "expect": ["foo*"]}, ("D4",)),
        ({**REACTIVE, "expect": ["prefect.flow-run.*", "*.Failed", "a.*.b"]}, ()),
        ({**REACTIVE, "expect": ["what?"]}, ("D5",)),
        ({**REACTIVE, "match": {NAME: "[a]"}}, ("D5",)),
        ({"posture": "Proactive", "expect": ["x"], "within": 10}, ("D6",)),
        ({"posture": "Proactive", "expect": ["x"], "after": ["y"], "within": 10}, ("D6", "D7")),
        ({**REACTIVE, "after": ["y"], "within": 10}, ("D8",)),
        ({**REACTIVE, "after": ["y"]}, ("D9",)),
        ({**REACTIVE, "threshold": 2}, ("D9",)),
        ({**REACTIVE, "threshold": 2, "within": 10}, ()),
        ({**REACTIVE, "threshold": 0, "within": 10}, ("D9",)),
        ({**REACTIVE, "threshold": -1, "within": 10}, ("D9",)),
        ({"type": "compound", "require": "any", "triggers": [REACTIVE]}, ("D10",)),
        ({"type": "compound", "require": "any", "within": None, "triggers": [REACTIVE]}, ()),
        (
            {"type": "metric", "metric": {"name": "successes", "operator": "<", "threshold": 1}},
            ("D11",),
        ),
        ({"expect": ["x"]}, ("D12",)),
    ],
)
def test_each_row_is_recognised(trigger, expected):
    """A definition names just the differences that can change what it does."""
    (automation,) = automations(trigger)
    assert expected == sensitivities(automation, DOCS, SERVER_3_8)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (REACTIVE, ()),
        ({"posture": "Proactive", "expect": ["x"], "within": 10}, ()),
        (
            {"posture": "Proactive", "expect": ["x"], "after": ["y"], "within": 10},
            ("D13", "D14", "D15"),
        ),
        (
            {"posture": "Proactive", "expect": ["x"], "after": ["y"], "within": 1801},
            ("D13", "D14", "D15", "D16"),
        ),
        ({"posture": "Proactive", "expect": ["x"], "within": "PT1M"}, ("D17",)),
    ],
)
def test_what_an_upgrade_changes(trigger, expected):
    """Between two servers only what changed from one to the other is told."""
    (automation,) = automations(trigger)
    assert expected == sensitivities(automation, SERVER_3_8, SERVER_3_9)


@pytest.mark.parametrize(
    ("trigger", "between", "expected"),
    [
        (REACTIVE, (DOCS, SERVER_3_9), ()),
        ({**REACTIVE, "within": 60}, (DOCS, SERVER_3_9), ("D9",)),
        ({**REACTIVE, "threshold": 2, "within": 60}, (DOCS, SERVER_3_9), ("D9",)),
        ({**REACTIVE, "threshold": 2}, (DOCS, SERVER_3_9), ()),  # D9 without a late event, too
        ({"posture": "Proactive", "expect": ["x"]}, (DOCS, SERVER_3_9), ("D15",)),
        ({"posture": "Proactive", "expect": ["x"]}, (DOCS, SERVER_3_8), ()),
        (REACTIVE, (SERVER_3_6, SERVER_3_4), ("D22",)),
    ],
)
def test_what_a_late_event_may_change(trigger, between, expected):
    """The differences that need a late event are listed separately."""
    (automation,) = automations(trigger)
    assert expected == late_sensitivities(automation, *between)


def firings(case, events, dialect, found, start):
    until = parse_instant(case["until"])
    return [
        (one.at, one.automation.index, one.firing.labels, one.firing.event)
        for one in replay(found, events, dialect, start=start, until=until)
        if one.kind == "fired" and one.is_own
    ]


@given(cases(most_events=14), st.sampled_from(list(permutations(ALL_DIALECTS, 2))))
def test_what_no_difference_touches_fires_alike(case, dialects):
    """Even if events come late."""
    found, start = ours.automations(case), case.get("start") and parse_instant(case["start"])
    alike = [
        one
        for one in found
        if not sensitivities(one, *dialects) + late_sensitivities(one, *dialects)
    ]
    here, there = (firings(case, ours.events(case), one, alike, start) for one in dialects)
    assert here == there


@given(cases(most_events=14), st.sampled_from(list(permutations(ALL_DIALECTS, 2))))
def test_without_late_events_fewer_differences_matter(case, dialects):
    """Those that need a late event change nothing."""
    events = sorted(
        (one._replace(follows=None) for one in ours.events(case)), key=lambda one: one.occurred
    )
    alike = [one for one in ours.automations(case) if not sensitivities(one, *dialects)]
    here, there = (firings(case, events, one, alike, None) for one in dialects)
    assert here == there
