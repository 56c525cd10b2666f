"""Which rows of section D a definition touches."""

from __future__ import annotations

import pytest

from tests.support import automations
from trigger_cli.dialects import DOCS, SERVER_3_8, SERVER_3_9
from trigger_cli.engine.sensitivity import sensitivities

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
