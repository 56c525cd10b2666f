"""Tests of ``definitions/templates.py``: what stands in the place of a template."""

import json

import pytest

from trigger_cli.definitions import load_text
from trigger_cli.definitions.templates import Values, advice_for, filling_in, is_variable_name
from trigger_cli.model import Span

PREFECT_YAML = """\
deployments:
  - name: d
    triggers:
      - type: event
        enabled: "{{ prefect.variables.on }}"
        expect: ["{{ prefect.variables.events }}.{{ $STATE }}"]
        threshold: "{{prefect.variables.n}}"
"""


def loaded(text, variables=None, environment=None, file="prefect.yaml"):
    with filling_in(Values(variables or {}, environment or {})):
        return load_text(text, file=file)


def test_all_of_them_are_filled_in():
    """The whole value takes the variable's type; within a text it is put in as it was given."""
    definitions = loaded(PREFECT_YAML, {"on": "false", "events": "3", "n": "4"}, {"STATE": "ok"})

    (automation,) = definitions.automations
    assert () == definitions.findings
    assert (False, ("3.ok",), 4) == (
        automation.enabled,
        automation.trigger.expect,
        automation.trigger.threshold,
    )


def test_what_has_no_value_stays():
    """A text is a text with a template, and another value is unknown."""
    definitions = loaded(PREFECT_YAML, {"events": "e"})

    (automation,) = definitions.automations
    assert ("e.{{ $STATE }}",) == automation.trigger.expect
    assert [
        ("TRG124", "to give it a value: --var on=VALUE"),
        ("TRG124", "to give it a value: --var n=VALUE"),
    ] == [(one.code, one.help) for one in definitions.findings]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("1", 1),
        ("[1, {}]", [1, {}]),
        ("null", None),
        ('"x"', "x"),
        ("x", "x"),
        ("", ""),
        ("{", "{"),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ("[" * 5_000, "[" * 5_000),
        ("{{ prefect.variables.v }}", "{{ prefect.variables.v }}"),
    ],
)
def test_the_whole_value_is_json_or_text(given, value):
    """And nothing of it is filled in again."""
    text = json.dumps({"type": "event", "x": "{{ prefect.variables.v }}"})
    document = loaded(text, {"v": given}, file="x.json").documents[0]

    assert value == document.value_at("/x")
    assert Span(1, 24, 1, 51) == document.value_span("/x")


def test_the_environment_is_for_deployments():
    """As `prefect deploy` reads it; its values are texts."""
    text = '{"type": "event", "expect": ["{{ $A }}"]}'
    below = f'{{"deployments": [{{"name": "d", "triggers": [{text}]}}]}}'

    assert [("{{ $A }}",), ("1",)] == [
        loaded(one, environment={"A": "1"}, file="x.json").automations[0].trigger.expect
        for one in (text, below)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "posture: Reactive\ntype: '{{ prefect.variables.v }}'",
        "type: event\nthreshold: '{{ prefect.variables.v }}'",
        "type: event\nwithin: '{{ prefect.variables.v }}'",
        "type: event\nposture: 'x{{ prefect.variables.v }}'",
        "type: sequence\ntriggers: ['{{ prefect.variables.v }}']",
        "automations: '{{ prefect.variables.v }}'",
        "automations: ['{{ prefect.variables.v }}']",
    ],
)
def test_no_message_has_the_value(text):
    """It may be a secret; the template is named in its place."""
    found = loaded(text, {"v": "geheim"}, file="x.yaml").findings

    assert any("{{ prefect.variables.v }}`" in one.message for one in found)
    assert "geheim" not in "".join(f"{one.message}{one.help}{one.excerpt}" for one in found)


def test_a_value_that_is_too_deep():
    """A document is as deep after its templates are filled in as it may be before."""
    text = '{"type": "event", "x": ' + "[" * 200 + '"{{ prefect.variables.v }}"' + "]" * 200 + "}"
    (finding,) = loaded(text, {"v": "[" * 100 + "]" * 100}, file="x.json").findings

    assert "nested more than 220 levels deep, which no definition is" == finding.message


def test_aliases_are_filled_in_once():
    """Written out they would be thousands of millions."""
    lines = ["a0: &a0 ['{{ prefect.variables.v }}']"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 14)]
    document = loaded("\n".join(lines), {"v": "x"}, file="x.yaml").documents[0]

    assert "x" == document.value_at("/a13" + "/0" * 14)


def test_advice():
    """About what can be given, and about nothing else."""
    assert [
        "to give it a value: --var a.b=VALUE",
        "set X in the environment: it is filled in below `deployments`",
        None,
    ] == [
        advice_for(one) for one in ("{{ prefect.variables.a.b }}", "{{ $X }}", "{{ event.name }}")
    ]


def test_names_of_variables():
    """Those that a template can have."""
    assert [True, True, False, False] == [
        is_variable_name(one) for one in ("a", "a-b.c", "", "a b")
    ]
