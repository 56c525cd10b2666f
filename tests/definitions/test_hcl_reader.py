"""Tests of ``definitions/hcl_reader.py``: automations in Terraform's own language."""

import builtins

import pytest

from trigger_cli.definitions import load_text
from trigger_cli.definitions.hcl_reader import read_hcl
from trigger_cli.definitions.source import SourceText
from trigger_cli.model import Span

AUTOMATION = """\
resource "prefect_flow" "other" { name = "x" }
resource "prefect_automation" "a" {
  name    = "crash zombies"
  enabled = true # a comment
  trigger = {
    compound = {
      require = "any"
      within  = 60.5
      triggers = [
        { event = {
            posture  = "Proactive", threshold = 1, within = 90
            match    = jsonencode({ "prefect.resource.id" : ["prefect.flow-run.*"] })
            after    = toset(["prefect.flow-run.heartbeat"])
            expect   = ["prefect.flow-run.*"]
            for_each = ["prefect.resource.id"]
        } },
        { metric = { match = "{}", metric = {
            name = "lateness", operator = ">", threshold = -(5), range = 300, firing_for = 300 } } },
      ]
    }
  }
  actions = [{ type = "run-deployment", source = "selected", deployment_id = prefect_deployment.d.id }]
  lifecycle {
    ignore_changes = [name]
  }
}
"""


def values(text):
    """The plain values of an automation's attributes."""
    (node,) = read_hcl(SourceText("x.tf", f'resource "prefect_automation" "a" {{\n{text}\n}}\n'))
    return node.value


def trigger(text, name="x.tf"):
    return load_text(
        'resource "prefect_automation" "a" {\n  name = "a"\n  trigger = { event = { posture = "Reactive"\n'
        f"{text}\n}} }}\n}}\n",
        file=name,
    )


def test_an_automation():
    """With its nesting and its texts of JSON undone, and a place for everything."""
    definitions = load_text(AUTOMATION, file="x.tf")

    assert () == definitions.findings
    (automation,) = definitions.automations
    event, metric = automation.trigger.triggers
    assert ("crash zombies", 1, 60_500_000) == (
        automation.name,
        automation.trigger.require,
        automation.trigger.within,
    )
    assert ("Proactive", 90_000_000, ("prefect.flow-run.heartbeat",)) == (
        event.posture,
        event.within,
        event.after,
    )
    assert (("prefect.resource.id", ("prefect.flow-run.*",)),) == event.match
    assert ("lateness", -5) == (metric.metric, metric.threshold)
    document = definitions.documents[0]
    assert Span(11, 61, 11, 63) == document.value_span("/automations/0/trigger/triggers/0/within")


def test_a_mistake_stands_where_it_is():
    """By line and column, as in JSON."""
    (finding,) = trigger("  threshold = 1\n  within = -5").findings

    assert ("TRG104", Span(5, 12, 5, 14)) == (finding.code, finding.span)
    assert "  within = -5" == finding.excerpt


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a = "x\\n\\"\\u00e9\\q"', 'x\n"é\\q'),
        ('a = "$${x} $5"', "${x} $5"),
        ('a = "p.${var.x}.q"', "p.{{ var.x }}.q"),
        ('a = "%{ if x }y%{ endif }"', '{{ "%{ if x }y%{ endif }" }}'),
        ("a = var.x", "{{ var.x }}"),
        ("a = var.x ? 1 : 2", "{{ var.x ? 1 : 2 }}"),
        ("a = length([1])", "{{ length([1]) }}"),
        ("a = [for x in y : x]", "{{ [for x in y : x] }}"),
        ("a = { (var.x) = 1 }", "{{ { (var.x) = 1 } }}"),
        ("a = 1 + 2", "{{ 1 + 2 }}"),
        ("a = (1)", 1),
        ("a = 1e400", float("inf")),
        ("a = null", None),
        ("a = [1,\n  2.5, # c\n  true,\n]", [1, 2.5, True]),
        ('a = { b = 1, "c d" : 2, for = 3, 4 = 5 }', {"b": 1, "c d": 2, "for": 3, "4": 5}),
        ("a = <<E\n{\n}\nE", "{\n}\n"),
        ("a = <<-E\n    x\n      y\n    E", "x\n  y\n"),
        ("a = <<E\n${x}\nE", "{{ <<E ${x} E }}"),
        ("a {\n b = 1\n}", {"b": 1}),
        ("a {\n b = 1\n}\na {\n b = 2\n}", [{"b": 1}, {"b": 2}]),
    ],
)
def test_values(text, value):
    """Literals are what they say; anything else is a template."""
    assert value == values(text)["a"]


def test_what_is_computed_is_unknown():
    """Not wrong: a remark says what it was taken for."""
    definitions = trigger(
        '  expect = ["${var.e}"]\n  threshold = var.n\n  match = jsonencode({"a" = var.id})'
    )

    assert [1] == [one.trigger.threshold for one in definitions.automations]
    assert [
        (
            4,
            "TRG124",
            '`"${var.e}"` is computed: unknown here, treated as text that matches nothing',
        ),
        (5, "TRG124", "`threshold` is computed (`var.n`): unknown here, treated as omitted"),
        (6, "TRG124", "`var.id` is computed: unknown here, treated as text that matches nothing"),
    ] == [(one.span.line, one.code, one.message) for one in definitions.findings]


def test_a_trigger_that_is_computed_is_left_out():
    """With a remark, and the file is not one without triggers."""
    text = 'resource "prefect_automation" "a" {\n  name = "a"\n  trigger = local.t\n}\n'
    definitions = load_text(text, file="x.tf")

    assert ((), ()) == (definitions.automations, definitions.without_triggers)
    assert ["this trigger is computed (`local.t`): unknown here, left out"] == [
        one.message for one in definitions.findings
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("resource {", 1, "not HCL: found the end of a line where it cannot stand"),
        ("a = ]\nb", 1, "not HCL: found `]` where it cannot stand"),
        ("resource prefect_automation a {\nb = " + "[" * 100 + "]" * 100 + "\n}", 2, "nested more"),
        ('resource prefect_automation a {\nb = "\\ud800"\n}', 2, r"found \ud800, which is no char"),
        ("#" * 200_000, 1, "the file is larger than 128 KiB"),
    ],
)
def test_mistakes(text, line, message):
    """Each is one finding at its place."""
    (finding,) = load_text(text, file="x.tf").findings

    assert ("TRG100", True) == (finding.code, finding.message.startswith(message)), finding
    assert line == finding.span.line


def test_without_the_parser(monkeypatch):
    """What the file is, how to install the extra, and how to come to JSON."""
    real = builtins.__import__

    def refusing(name, *more, **named):
        if name == "hcl2":
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", refusing)
    (finding,) = load_text(AUTOMATION, file="x.tf").findings

    assert "the file is Terraform (HCL), and its parser is not installed" == finding.message
    for way in ("trigger-cli[hcl]", "terraform show -json", "inspect NAME -o json", "fetch"):
        assert way in finding.help
