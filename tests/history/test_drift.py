"""Tests of ``history/drift.py``: which automations of two sets are the same."""

import json

import pytest

from trigger_cli.definitions import load_text
from trigger_cli.history.drift import drift

EVENT = {"type": "event", "posture": "Reactive", "expect": ["a", "b"], "within": 60}


def automation(name="a", trigger=EVENT, **more):
    return {"name": name, "trigger": trigger, **more}


def found(here, there, file="here.json"):
    text = here if isinstance(here, str) else json.dumps(here)
    return drift(load_text(text, file=file), load_text(json.dumps(there), file="there.json"))


def differences(here, there):
    (one,) = found([here], [there]).compared
    return [tuple(difference) for difference in one.differences]


@pytest.mark.parametrize(
    "there",
    [
        automation(enabled=True, id="x", description="d", tags=["t"], created="2026-01-01T00:00:00Z"),
        automation(trigger={**EVENT, "expect": ["b", "a"], "within": "PT1M", "threshold": 1, "id": "x"}),
        automation(trigger={**EVENT, "match": {}, "match_related": {}, "after": [], "for_each": []}),
        automation(actions=[], actions_on_resolve=None),
    ],
)  # fmt: skip
def test_what_is_the_same(there):
    """Defaults, orders, ways to write a duration, and what only a server knows."""
    there = {key: value for key, value in there.items() if value is not None}
    assert [] == differences(automation(), there)
    assert not found([automation()], [there]).drifted


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ({}, {"enabled": False}, [("/enabled", True, False)]),
        (
            {},
            {"trigger": {**EVENT, "within": 30, "threshold": 2}},
            [("/trigger/threshold", 1, 2), ("/trigger/within", 60.0, 30.0)],
        ),
        (
            {"trigger": {**EVENT, "match": {"a/b": "x"}}},
            {},
            [("/trigger/match/a~1b", ["x"], None)],
        ),
        (
            {},
            {"trigger": {**EVENT, "match_related": [{"a": "x"}, {"b": ["z", "y"]}]}},
            [
                ("/trigger/match_related/0/a", None, ["x"]),
                ("/trigger/match_related/1/b", None, ["y", "z"]),
            ],
        ),
        (
            {"trigger": {"type": "sequence", "within": 5, "triggers": [EVENT, EVENT]}},
            {
                "trigger": {
                    "type": "compound",
                    "require": "any",
                    "within": 5,
                    "triggers": [EVENT, {**EVENT, "expect": ["c"]}],
                }
            },
            [
                ("/trigger/type", "sequence", "compound"),
                ("/trigger/triggers/1/expect", ["a", "b"], ["c"]),
                ("/trigger/require", None, 1),
            ],
        ),
        (
            {"actions": [{"type": "run-deployment", "deployment_id": "1"}]},
            {"actions": [{"type": "run-deployment", "deployment_id": "2", "source": "selected"}]},
            [("/actions/0/deployment_id", "1", "2")],
        ),
        (
            {"actions": []},
            {"actions": [{"type": "do-nothing"}]},
            [("/actions", [], [{"type": "do-nothing"}])],
        ),
        (
            {"actions": [{"type": "run-deployment", "job_variables": {"x": ["a"]}}]},
            {"actions": [{"type": "run-deployment", "job_variables": {"x": "a"}}]},
            [("/actions/0/job_variables/x", ["a"], "a")],
        ),
    ],
)
def test_what_is_different(here, there, expected):
    """Field by field, with both values."""
    assert expected == differences(automation(**here), automation(**there))


def test_missing_and_extra():
    """By name; of several of one name the first belongs to the first."""
    one = found(
        [automation("a"), automation("b"), automation("a", enabled=False)],
        [automation("c"), automation("a"), automation("a", enabled=False)],
    )

    assert (["b"], ["c"], [], True) == (
        [x.name for x in one.missing],
        [x.name for x in one.extra],
        one.different,
        one.drifted,
    )


def test_those_without_a_name_are_compared_in_order():
    """They are called like their files; what has a name belongs to that name."""
    one = found(
        [EVENT, automation("b"), {"trigger": EVENT}, automation("c")],
        [automation("b"), {"trigger": EVENT}, {**EVENT, "within": 5}, automation("d")],
    )
    names = [(x.here.name, x.there.name, len(x.differences)) for x in one.compared]
    assert [("here", "there[2]", 0), ("b", "b", 0), ("here[3]", "there[3]", 1)] == names
    assert (["c"], ["d"]) == ([x.name for x in one.missing], [x.name for x in one.extra])


def test_a_trigger_of_a_deployment():
    """Without a name it is called as `prefect deploy` calls it; its actions are not written."""
    text = (
        "deployments:\n- name: daily\n  triggers:\n  - {type: event, expect: [a, b], within: 60,"
        ' enabled: "{{ prefect.variables.on }}", match: {x: "{{ $X }}"}}\n'
    )
    there = automation(
        "daily__automation_1",
        {**EVENT, "match": {"x": "1"}},
        enabled=False,
        actions=[{"type": "run-deployment"}],
    )
    (one,) = found(text, [there], "prefect.yaml").compared

    assert ((), ("/enabled", "/trigger/match/x")) == (one.differences, one.unknown)


def test_what_terraform_computes_is_unknown():
    """It can be the same or not."""
    text = json.dumps(
        {
            "resource": {
                "prefect_automation": {
                    "r": {
                        "name": "a",
                        "trigger": {
                            "event": {
                                "posture": "Reactive",
                                "expect": "${var.e}",
                                "threshold": "${var.n}",
                                "within": 50,
                            }
                        },
                    }
                }
            }
        }
    )
    (one,) = found(text, [automation(trigger={**EVENT, "threshold": 4})], "x.tf.json").compared

    assert [("/trigger/within", 50.0, 60.0)] == [tuple(x) for x in one.differences]
    assert ("/trigger/expect", "/trigger/threshold") == one.unknown
