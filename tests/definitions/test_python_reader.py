"""Tests of ``definitions/python_reader.py``: triggers in Python, which is never run."""

import pytest

from tests.definitions.helpers import defines_nothing
from trigger_cli.definitions import load_text
from trigger_cli.model import Span

MODULE = '''\
"""Défense: é before code on a line counts as one column."""
from datetime import timedelta

from prefect import flow
from prefect.automations import Automation
from prefect.events import DeploymentEventTrigger, EventTrigger as ET, Posture
from prefect.events import CompoundTrigger, MetricTrigger
import prefect.events.schemas.automations as schemas
from prefect.events.actions import RunDeployment

NAMES = {"prefect.flow-run.Failed"}
failed = ET(expect=NAMES, match={"prefect.resource.id": "prefect.flow-run.*"}, threshold=-(-2))
é = Automation(name="é", trigger=failed, actions=[RunDeployment(deployment_id="x")], enabled=False)
metric = schemas.MetricTrigger(
    metric=schemas.MetricTriggerQuery(
        name=schemas.PrefectMetric.lateness,
        operator=schemas.MetricTriggerOperator.GT,
        threshold=5,
        range=timedelta(minutes=10),
    ),
)
flow(lambda: 1).deploy(
    triggers=[
        DeploymentEventTrigger(
            name="d", posture=Posture.Proactive, within=60 * 5, for_each=["prefect.resource.id"]
        ),
        CompoundTrigger(require="all", triggers=[ET(expect=["a"]), ET(expect=["b"])]),
    ]
)
'''


def loaded(text):
    return load_text(text, file="x.py")


def expected(text, before=""):
    """What a trigger of the module expects, as read."""
    return (
        loaded(f"{before}\nEventTrigger(expect={text})").documents[0].value_at("/triggers/0/expect")
    )


def test_a_module():
    """In order, each trigger once: what an automation takes by name is the automation's."""
    definitions = loaded(MODULE)

    assert () == definitions.findings
    failed, metric, deployment, compound = definitions.automations
    assert ("é", False, ("prefect.flow-run.Failed",), 2, "Reactive") == (
        failed.name,
        failed.enabled,
        failed.trigger.expect,
        failed.trigger.threshold,
        failed.trigger.posture,
    )
    assert ("lateness", ">", 600_000_000) == (
        metric.trigger.metric,
        metric.trigger.operator,
        metric.trigger.range,
    )
    assert ("d", "Proactive", 300_000_000) == (
        deployment.name,
        deployment.trigger.posture,
        deployment.trigger.within,
    )
    assert [("a",), ("b",)] == [one.expect for one in compound.trigger.triggers]
    # The classes send a posture, and `within: null`.
    assert () == compound.server_refusals


def test_places():
    """Columns count characters, where Python counts bytes."""
    definitions = loaded('é = "é"; EventTrigger(expect=["a"], within=-1)')

    assert Span(1, 44, 1, 46) == definitions.findings[0].span
    assert "EventTrigger" == definitions.findings[0].excerpt[9:21]
    (mistake,) = loaded(
        'EventTrigger(\n  expct={\n    "a": "b",\n  },\n  posture="Reactive",\n)'
    ).findings
    assert Span(2, 3, 2, 8) == mistake.span


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["a" "b"]', ["ab"]),
        ('("a",)', ["a"]),
        ('set(["a"])', ["a"]),
        ('f"a"', "a"),
        ('f"a.{b}"', "a.{{ b }}"),
        ("x", "{{ x }}"),
        ("x()", "{{ x() }}"),
        ("[*x]", "{{ [*x] }}"),
        ("{**x}", "{{ {**x} }}"),
        ("{1: 2}", "{{ {1: 2} }}"),
        ('"\\ud800"', '{{ "\\ud800" }}'),
        ("b''", "{{ b'' }}"),
        ("9 ** 9 ** 9", "{{ 9 ** 9 ** 9 }}"),
        ("3 - 1 + 2 * 5 / 4", 4.5),
        ("1 / 0", "{{ 1 / 0 }}"),
        ("-True", "{{ -True }}"),
        ("timedelta(days=1, hours=-1)", 82_800),
        ("timedelta(1, 5)", 86_405),
        ("timedelta(weeks=10**11)", "{{ timedelta(weeks=10**11) }}"),
        ("timedelta(seconds=x)", "{{ timedelta(seconds=x) }}"),
        ("Posture.Reactive", "Reactive"),
        ("Posture.Other", "{{ Posture.Other }}"),
        ("0x" + "f" * 5_000, float("inf")),
    ],
)
def test_values(text, value):
    """Literals are what they say; anything else is a template."""
    assert value == expected(text)


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("x = ['a']", ["a"]),
        ("x: list[str] = ['a']", ["a"]),
        ("x = ['a']\nx = ['b']", "{{ x }}"),
        ("x = ['a']\nx += ['b']", "{{ x }}"),
        ("x = ['a']\nfor x in y: pass", "{{ x }}"),
        ("x = ['a']\ndef f(x): pass", "{{ x }}"),
    ],
)
def test_names(before, value):
    """A name stands for its value if it has only one."""
    assert value == expected("x", before)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "class EventTrigger: pass\nEventTrigger(expect=['a'])",
        "from other import EventTrigger\nEventTrigger(expect=['a'])",
        "other.EventTrigger(expect=['a'])",
        "Automation.read(name='a')",
    ],
)
def test_what_is_not_prefects(text):
    """Nothing is defined, and nothing is wrong."""
    assert defines_nothing(text, "x.py")


@pytest.mark.parametrize(
    ("text", "automations", "messages"),
    [
        ("EventTrigger(threshold=n)", 1, ["`threshold` is computed (`n`): unknown here, treated as omitted"]),
        ("EventTrigger(**x)", 0, ["this trigger is computed (`EventTrigger(**x)`): unknown here, left out"]),
        ("Automation(name='a', trigger=make())", 0, ["this trigger is computed (`make()`): unknown here, left out"]),
        ("CompoundTrigger(require=n, triggers=[])", 0, ["`require` is computed (`n`): unknown here, but required"]),
        (
            "SequenceTrigger(triggers=[EventTrigger(expect={'a'}), make()])",
            0,
            ["this trigger is computed (`make()`): unknown here, left out"],
        ),
    ],
)  # fmt: skip
def test_what_is_computed(text, automations, messages):
    """It is unknown, and where nothing can be read without it the trigger is left out."""
    definitions = loaded(text)

    assert (automations, messages, ()) == (
        len(definitions.automations),
        [one.message for one in definitions.findings],
        definitions.without_triggers,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", "not Python: '(' was never closed"),
        ("a\0b", "not Python"),
        ("x = " + "[" * 50_000, "not Python"),
        ("x = " + "-" * 100_000 + "1", "not Python"),
        ("x = 1" + "+1" * 50_000, "not Python"),
        ("EventTrigger(x=" + "[" * 90 + "]" * 90 + ")", "nested more than 60 levels deep"),
        ("a = [b]\nb = [a]\nEventTrigger(expect=a)", "nested more than 60 levels deep"),
        ("#" * 300_000, "the file is larger than 128 KiB"),
    ],
)
def test_mistakes(text, message):
    """Each is one finding, and no error."""
    (finding,) = loaded(text).findings

    assert ("TRG100", True) == (finding.code, finding.message.startswith(message)), finding.message


def test_a_bomb():
    """Lists of a list of a list: as many values as can be read, and no more."""
    lines = ["a0 = ['x']", *(f"a{n} = [a{n - 1}, a{n - 1}]" for n in range(1, 20))]
    (finding,) = loaded("\n".join([*lines, "EventTrigger(expect=a19)"])).findings

    assert (
        "this holds more than 100,000 values, which no file of definitions does" == finding.message
    )


def test_nothing_is_run(tmp_path):
    """Neither the module nor what it would import."""
    trace = tmp_path / "trace"
    loaded(
        f"open({str(trace)!r}, 'w')\nimport os; os.mkdir({str(trace)!r})\n"
        f"EventTrigger(expect=[open({str(trace)!r}, 'w').name])"
    )

    assert not trace.exists()
