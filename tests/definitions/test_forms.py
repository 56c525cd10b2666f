"""Tests of ``definitions/forms.py`` (``semantics.md`` V5)."""

import pytest

from tests.definitions.helpers import codes, defines_nothing, findings, read

EVENT = {"type": "event", "expect": ["a"]}
AUTOMATION = {"name": "n", "trigger": EVENT, "actions": []}


def entries(definition, file="x.json"):
    definitions = read(definition, file)
    assert () == definitions.findings
    return [
        (entry.pointer, entry.trigger_pointer)
        for document in definitions.documents
        for entry in document.entries
    ]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (EVENT, [("", "")]),
        (AUTOMATION, [("", "/trigger")]),
        ({"trigger": EVENT}, [("", "/trigger")]),
        ({"trigger": {}, "actions": []}, [("", "/trigger")]),
        ([EVENT, AUTOMATION], [("/0", "/0"), ("/1", "/1/trigger")]),
        ({"automations": [AUTOMATION]}, [("/automations/0", "/automations/0/trigger")]),
        ({"automations": None}, []),
        (
            {"triggers": [EVENT, {}]},
            [("/triggers/0", "/triggers/0"), ("/triggers/1", "/triggers/1")],
        ),
        ({"triggers": [AUTOMATION]}, [("/triggers/0", "/triggers/0/trigger")]),
        ({"triggers": [EVENT], "within": 5}, [("", "")]),
        ({"triggers": [EVENT], "require": "any"}, [("", "")]),
        ({"triggers": [EVENT], "type": "sequence"}, [("", "")]),
        (
            {
                "name": "p",
                "deployments": [{"name": "d"}, {"triggers": [EVENT]}, {"triggers": None}],
            },
            [("/deployments/1/triggers/0", "/deployments/1/triggers/0")],
        ),
        (
            {"automations": [AUTOMATION], "deployments": [{"triggers": [EVENT]}]},
            [
                ("/automations/0", "/automations/0/trigger"),
                ("/deployments/0/triggers/0", "/deployments/0/triggers/0"),
            ],
        ),
    ],
)
def test_forms(definition, expected):
    """V5: every form is recognized, and every automation in it located."""
    assert expected == entries(definition)


EVENT_OF_LOG = {"occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {}, "id": "1"}


@pytest.mark.parametrize(
    "definition",
    [
        {},
        [],
        None,
        5,
        '"x"',
        [1, 2],
        [EVENT_OF_LOG],
        {"events": [EVENT_OF_LOG], "total": 1},
        {"type": "event", "event": EVENT_OF_LOG},
        {"name": "package", "type": "module", "version": "1"},
        {"require": {"php": "8"}},
        {"trigger": "none", "pool": {}},
        {"deployments": [{"name": "d", "schedule": None}]},
        {"deployments": {"a": 1}},
    ],
)
def test_documents_without_triggers(definition):
    """A document that defines nothing is no error; its file is listed."""
    assert defines_nothing(definition)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"triggers": EVENT}, ["/triggers"]),
        ({"automations": AUTOMATION}, ["/automations"]),
        ({"deployments": [{"triggers": "x"}]}, ["/deployments/0/triggers"]),
        ([EVENT, 5], ["/1"]),
        ({"automations": [5]}, ["/automations/0"]),
        ({"trigger": "x", "actions": []}, ["/trigger"]),
    ],
)
def test_what_should_be_a_list_or_an_object(definition, expected):
    """Where a form is clear, what does not fit it is an error."""
    assert [("TRG102", pointer) for pointer in expected] == codes(definition)


def test_a_bare_trigger_among_automations():
    """The wrapper says automations, so each needs its trigger."""
    assert ("TRG105", "/automations/0", "the key `trigger` is missing") in findings(
        {"automations": [{"name": "n"}]}
    )


def test_yaml_documents():
    """Each document of a YAML file has a form of its own."""
    text = "type: event\n---\nname: other\n---\ntriggers:\n- expect: [a]\n"

    assert [("", ""), ("/triggers/0", "/triggers/0")] == entries(text, "x.yaml")
