"""Tests of ``definitions/triggers.py``."""

import pytest

from tests.definitions.helpers import codes, findings, loaded, read, trigger
from trigger_cli.definitions.nodes import MAX_DEPTH
from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger

METRIC = {"name": "lateness", "operator": ">", "threshold": 5}
EVENT = {"type": "event", "posture": "Reactive"}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"triggers": [{}], "require": "all", "within": 1}, "compound"),
        ({"triggers": [{}], "within": 1}, "sequence"),
        ({"posture": "Metric", "metric": METRIC}, "metric"),
        ({"metric": METRIC}, "metric"),
        ({"metric": None, "expect": []}, "event"),
        ({"expect": ["a"]}, "event"),
        ({"type": "event", "expect": ["a"]}, "event"),
    ],
)
def test_the_kind_is_inferred(definition, expected):
    """V1: v1: a trigger without ``type`` is what its keys say."""
    kinds = {EventTrigger: "event", MetricTrigger: "metric"}
    found = trigger(definition)

    assert expected == (found.kind if isinstance(found, CompositeTrigger) else kinds[type(found)])


@pytest.mark.parametrize(
    ("kind", "code"), [("Event", "TRG103"), ("x", "TRG103"), (None, "TRG102"), (5, "TRG102")]
)
def test_a_wrong_type_does_not_hide_other_errors(kind, code):
    """A trigger of no known type is checked as what its keys say."""
    expected = [(code, "/type"), ("TRG102", "/expect")]

    assert expected == codes({"type": kind, "expect": "a"})


def test_paths():
    """Every trigger of a tree knows where it stands in its automation."""
    tree = trigger(
        {"type": "sequence", "triggers": [EVENT, {"triggers": [EVENT, EVENT], "require": 1}]}
    )

    assert isinstance(tree, CompositeTrigger)
    inner = tree.triggers[1]
    assert isinstance(inner, CompositeTrigger)
    expected = ["$", "$.triggers[1]", "$.triggers[1].triggers[1]"]
    assert expected == [tree.path, inner.path, inner.triggers[1].path]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (EVENT, ()),
        ({"type": "event"}, ("D12",)),
        ({"type": "metric", "metric": METRIC}, ("D11",)),
        ({"type": "sequence", "triggers": [EVENT]}, ("D10",)),
        ({"type": "sequence", "triggers": [EVENT], "within": None}, ()),
        (
            {
                "type": "sequence",
                "within": 5,
                "triggers": [
                    {"type": "event"},
                    {"type": "event"},
                    {"type": "metric", "metric": METRIC},
                    {"type": "sequence", "triggers": [EVENT]},
                ],
            },
            ("D10", "D11", "D12"),
        ),
    ],
)
def test_server_refusals(definition, expected):
    """V4: what the open-source server refuses is kept, from anywhere in the tree."""
    assert expected == loaded(definition)[0].server_refusals


@pytest.mark.parametrize("kind", [{"type": "sequence"}, {"type": "compound", "require": "all"}])
def test_empty_composites_load_with_a_warning(kind):
    """Prefect takes a composite of nothing, which can never fire."""
    definitions = read({**kind, "triggers": [], "within": 60})

    assert [("TRG109", "warning", "/triggers")] == [
        (finding.code, finding.severity, finding.pointer) for finding in definitions.findings
    ]
    assert () == definitions.automations[0].trigger.triggers


@pytest.mark.parametrize(("key", "value"), [("range", 299), ("firing_for", 0)])
def test_metric_minimum(key, value):
    """K8: what the real client refuses loads here, with a warning."""
    definition = {"type": "metric", "metric": METRIC | {key: value}}
    expected = (
        "TRG108",
        f"/metric/{key}",
        f"`metric.{key}`: found {value} seconds, Prefect refuses less than 300",
    )

    assert [expected] == findings(definition)
    assert value * 1_000_000 == getattr(read(definition).automations[0].trigger, key)


def test_unquoted_negations_in_yaml():
    """In YAML ``!a`` is a tag, and the pattern would be lost."""
    text = "type: event\nmatch:\n  a: !b\n  c: [d, !e f]\n"
    expected = [
        ("TRG102", "/match/a", "found `!b`, which YAML reads as a tag and not as text"),
        ("TRG102", "/match/c/1", "found `!e`, which YAML reads as a tag and not as text"),
    ]

    assert expected == findings(text, "x.yaml")


def test_a_child_with_an_error_leaves_its_tree_out():
    """A composite is only as good as its parts."""
    assert () == read({"type": "sequence", "triggers": [EVENT, {"expect": "a"}]}).automations


def test_nested_as_deep_as_documents_may_be():
    """A tree of composites reaches the limit on nesting without harm."""
    definition = EVENT
    for _ in range((MAX_DEPTH - 1) // 2):
        definition = {"type": "sequence", "triggers": [definition], "within": 1}

    assert 1 == len(loaded(definition))
