"""Tests of ``definitions/automations.py``."""

import json

import pytest

from tests.definitions.helpers import codes, findings, loaded, read
from trigger_cli.definitions import load_text
from trigger_cli.model import Automation, EventTrigger

EVENT = {"type": "event", "posture": "Reactive"}


def test_an_exported_automation():
    """Everything that an export says about an automation is kept or known."""
    definition = {
        "id": "0a553ecc-9b26-4bcf-a444-37b4046156e2",
        "created": "2026-11-23T09:36:46.773320Z",
        "updated": "2026-11-23T09:36:47Z",
        "name": "n",
        "description": "",
        "enabled": False,
        "tags": ["a"],
        "trigger": {"id": "7ca67a98-f67c-428f-92a3-8f33a66846ab", **EVENT},
        "actions": [{"type": "do-nothing"}],
        "actions_on_trigger": [],
        "actions_on_resolve": [],
        "owner_resource": None,
    }
    expected = Automation(
        index=0,
        name="n",
        source="x.json",
        trigger=EventTrigger("$"),
        enabled=False,
        created=1795426606773320,
        updated=1795426607000000,
    )

    assert (expected,) == loaded(definition)


def test_an_unreadable_time_is_ignored():
    """When an automation was created matters to no replay."""
    automation = {"trigger": EVENT, "created": "yesterday", "updated": 5}

    (found,) = loaded(automation)

    assert (None, None) == (found.created, found.updated)


def test_names():
    """V5: a name of its own, or the file's stem with the position from the second on."""
    definition = [EVENT, {"trigger": EVENT}, {**EVENT, "name": "mine"}, {"name": "", **EVENT}]

    assert ["x", "x[2]", "mine", "x[4]"] == [found.name for found in loaded(definition)]


def test_positions_count_what_has_errors_and_all_documents():
    """A name does not depend on whether its neighbours are valid."""
    text = "type: event\n---\nexpect: 5\n---\ntype: event\n"

    assert ["x", "x[3]"] == [found.name for found in read(text, "x.yaml").automations]


def test_standard_input_has_a_stem():
    """A definition read from ``-`` is called stdin."""
    assert ["stdin"] == [found.name for found in read(EVENT, "-").automations]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"trigger": EVENT, "enabled": "false"}, False),
        ({"trigger": EVENT}, True),
        ({**EVENT, "enabled": False}, False),
    ],
)
def test_enabled(definition, expected):
    """O5: an automation, or a deployment's trigger, may be disabled."""
    assert expected == loaded(definition)[0].enabled


def test_deployment_keys():
    """A trigger of ``prefect.yaml`` may say how its deployment runs."""
    rest = {
        "name": "n",
        "description": "d",
        "parameters": {"a": 1},
        "job_variables": {},
        "schedule_after": "PT2H",
    }

    assert "n" == loaded({**EVENT, **rest})[0].name


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"trigger": EVENT, "actions": {}}, ("TRG102", "/actions")),
        ({"trigger": EVENT, "actions": None}, ("TRG102", "/actions")),
        ({"trigger": EVENT, "name": 5}, ("TRG102", "/name")),
        ({"trigger": EVENT, "enabled": "maybe"}, ("TRG102", "/enabled")),
        ({**EVENT, "schedule_after": -5}, ("TRG104", "/schedule_after")),
        ({**EVENT, "parameters": []}, ("TRG102", "/parameters")),
    ],
)
def test_errors_around_the_trigger(definition, expected):
    """What surrounds a trigger is checked as far as it is ours."""
    assert [expected] == codes(definition)


def test_trigger_keys_on_the_automation():
    """A trigger's key beside ``trigger`` is in the wrong place."""
    definitions = read({"trigger": EVENT, "actions": [], "within": 5})

    assert [("TRG101", "/within", "put it inside `trigger`")] == [
        (finding.code, finding.pointer, finding.help) for finding in definitions.findings
    ]


def test_findings_name_their_automation():
    """Each finding says which automation it is about."""
    definition = [{**EVENT, "x": 1}, {"name": "n", "trigger": {**EVENT, "y": 1}}]

    assert ["x", "n"] == [finding.automation for finding in read(definition).findings]
    assert 2 == len(findings(definition))


def test_what_prefect_deploy_fills_in_is_not_refused():
    """In a prefect.yaml the client supplies `posture` and `within`; only a metric has no place."""
    trigger = {"expect": ["x"]}
    bare = load_text(json.dumps(trigger), file="t.json")
    deployed = load_text(json.dumps({"deployments": [{"triggers": [trigger]}]}), file="t.json")
    assert [("D12",)] == [one.server_refusals for one in bare.automations]
    assert [()] == [one.server_refusals for one in deployed.automations]
