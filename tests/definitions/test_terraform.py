"""Tests of ``definitions/terraform.py``: the provider's form in a configuration, a state, a plan."""

import json

import pytest

from tests.definitions.helpers import defines_nothing
from trigger_cli.definitions import load_text
from trigger_cli.model import Span

ATTRIBUTES = {
    "name": "a",
    "enabled": True,
    "account_id": "x",
    "trigger": {
        "event": None,
        "metric": None,
        "compound": {
            "require": {"type": "string", "value": "any"},
            "within": 60,
            "triggers": [
                {
                    "metric": None,
                    "event": {
                        "posture": "Reactive",
                        "match": '{"prefect.resource.id": "prefect.flow-run.*"}',
                        "match_related": "{}",
                        "expect": ["e"],
                        "after": [],
                        "within": None,
                    },
                }
            ],
        },
        "sequence": None,
    },
    "actions": [{"type": "run-deployment", "parameters": '{"a": 1}', "state": None}],
}
RESOURCE = {"type": "prefect_automation", "mode": "managed", "name": "r"}
OTHER = {"type": "prefect_flow", "values": {"trigger": {"x": 1}}, "instances": [{"attributes": {}}]}
FORMS = {
    "terraform.tfstate": {
        "version": 4,
        "terraform_version": "1.9.0",
        "resources": [OTHER, {**RESOURCE, "instances": [{"attributes": ATTRIBUTES}]}],
    },
    "state.json": {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [OTHER],
                "child_modules": [{"resources": [{**RESOURCE, "values": ATTRIBUTES}]}],
            }
        },
    },
    "plan.json": {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**RESOURCE, "values": ATTRIBUTES}]}},
    },
    "main.tf.json": {"resource": {"prefect_automation": {"r": ATTRIBUTES}}},
    "lists.tf.json": {"resource": [{"prefect_automation": [{"r": [ATTRIBUTES]}]}]},
    "-": {"resource": {"prefect_automation": {"r": ATTRIBUTES}}},
}


@pytest.mark.parametrize("file", FORMS)
def test_all_forms_are_one(file):
    """Told by what they hold; the nesting and the texts of JSON are undone."""
    definitions = load_text(json.dumps(FORMS[file]), file=file)

    assert () == definitions.findings
    (automation,) = definitions.automations
    (event,) = automation.trigger.triggers
    assert ("a", 1, ("e",)) == (automation.name, automation.trigger.require, event.expect)
    assert (("prefect.resource.id", ("prefect.flow-run.*",)),) == event.match
    assert {"a": 1} == definitions.documents[0].value_at("/automations/0/actions/0/parameters")


@pytest.mark.parametrize(
    ("values", "computed"),
    [
        ({"expect": ["${var.x}"]}, "`${var.x}`"),
        ({"threshold": "${var.n}"}, "`threshold` is computed (`${var.n}`)"),
        ({"match": "${jsonencode({})}"}, "`match` is computed"),
        ({"expect": ["$${x}"]}, None),
    ],
)
def test_a_configuration_computes(values, computed):
    """What stands in ``${…}`` is unknown."""
    trigger = {"event": {"posture": "Reactive", **values}}
    text = json.dumps(
        {"resource": {"prefect_automation": {"r": {"name": "a", "trigger": trigger}}}}
    )
    definitions = load_text(text, file="x.tf.json")

    assert 1 == len(definitions.automations)
    told = [one.message for one in definitions.findings if one.code == "TRG124"]
    assert (computed is not None) == bool(told)
    assert all(one.startswith(str(computed)) for one in told)


def test_a_state_does_not():
    """A text in it is a text."""
    attributes = {"name": "a", "trigger": {"event": {"posture": "Reactive", "expect": ["${x}"]}}}
    state = {
        "terraform_version": "1",
        "resources": [{**RESOURCE, "instances": [{"attributes": attributes}]}],
    }
    definitions = load_text(json.dumps(state), file="terraform.tfstate")

    assert (("${x}",), ()) == (definitions.automations[0].trigger.expect, definitions.findings)


def test_places():
    """What stands in a text of JSON has the text's place."""
    text = (
        '{"resource": {"prefect_automation": {"r": {"name": "a",\n'
        ' "trigger": {"event": {"posture": "Reactive",\n  "match": "{\\"a\\": 1}"}}}}}}'
    )
    (finding,) = load_text(text, file="x.tf.json").findings

    assert ("TRG102", Span(3, 12, 3, 24)) == (finding.code, finding.span)


@pytest.mark.parametrize(
    "document",
    [
        {"terraform_version": "1", "resources": []},
        {"format_version": "1", "values": {}},
        {"resource": {"prefect_flow": {"r": {"name": "x"}}}},
    ],
)
def test_without_automations(document):
    """Nothing is defined, and nothing is wrong."""
    assert defines_nothing(document)


def test_the_form_in_a_file_of_prefects_is_a_mistake():
    """Prefect would refuse it, so it is not read as if it were Terraform's."""
    (finding,) = load_text(
        '{"name": "a", "trigger": {"event": {"expect": []}}}', file="x.json"
    ).findings

    assert "found the Terraform provider's form, a trigger inside `event`" == finding.message
