"""Tests of ``definitions/keys.py``: unknown keys are warnings with a suggestion."""

import pytest

from tests.definitions.helpers import advice, findings, read

METRIC = {"name": "lateness", "operator": ">", "threshold": 5}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("matchRelated", "match_related"),
        ("forEach", "for_each"),
        ("expects", "expect"),
        ("events", "expect"),
        ("duration", "within"),
        ("count", "threshold"),
        ("Posture", "posture"),
    ],
)
def test_suggestions(key, expected):
    """The key that was probably meant is named."""
    assert f"did you mean `{expected}`?" == advice({"type": "event", key: 5})


def test_unknown_keys_are_warnings():
    """Prefect ignores unknown keys, so the definition loads."""
    definitions = read({"type": "event", "match_state_name": "RUNNING"})

    assert (1, False, ["warning"]) == (
        len(definitions.automations),
        definitions.has_errors,
        [finding.severity for finding in definitions.findings],
    )


def test_known_keys_are_listed_where_none_is_near():
    """Without a suggestion the advice lists what there is."""
    expected = "known keys: firing_for, name, operator, range, threshold"

    assert expected == advice({"type": "metric", "metric": METRIC | {"xyz": 1}})


def test_keys_of_another_kind_of_trigger():
    """A key that has no effect here is told from an unknown one."""
    child = {"type": "event", "expect": ["a"]}
    expected = (
        "TRG101",
        "/expect",
        "the key `expect` has no effect in a sequence trigger, it belongs in: event",
    )

    assert [expected] == findings({"type": "sequence", "triggers": [child], "expect": ["b"]})


@pytest.mark.parametrize(
    "rest",
    [{"metric": None}, {"triggers": []}, {"require": None}],
    ids=lambda rest: next(iter(rest)),
)
def test_empty_keys_of_another_kind_say_nothing(rest):
    """Exports spell out keys that do not apply; only what says something is reported."""
    assert [] == findings({"type": "event", **rest})


def test_metric_exports_of_prefect_cloud():
    """A metric trigger of Prefect Cloud has all keys of an event trigger, at their defaults."""
    rest = {"after": [], "expect": [], "for_each": [], "threshold": 1, "within": 0}

    assert [] == findings({"type": "metric", "posture": "Metric", "metric": METRIC, **rest})


def test_deployment_keys_within_an_automation():
    """``enabled`` on an automation's trigger has no effect, which is easily missed."""
    automation = {"name": "a", "trigger": {"type": "event", "enabled": False}, "actions": []}
    expected = (
        "TRG101",
        "/trigger/enabled",
        "the key `enabled` has no effect here, on the trigger of an automation",
    )

    assert [expected] == findings(automation)


def test_deployment_keys_within_a_composite():
    """A part of a composite cannot be disabled or named."""
    child = {"type": "event", "name": "x"}
    expected = (
        "TRG101",
        "/triggers/0/name",
        "the key `name` has no effect here, on a part of an automation",
    )

    assert [expected] == findings({"type": "sequence", "triggers": [child]})
