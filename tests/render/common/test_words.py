"""`trigger_cli.render.common.words`: a sentence for every kind of trigger."""

from typing import Any

import pytest

from tests.support import automations
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.model import MetricTrigger, Trigger
from trigger_cli.render.common.words import conditions, sentence

FAILED = "prefect.flow-run.Failed"
RUNNING = "prefect.flow-run.Running"
COMPLETED = "prefect.flow-run.Completed"
FLOW = "related:flow:prefect.resource.id"


def trigger(**keys: Any) -> Trigger:
    """The trigger of a definition with these keys."""
    return automations({"type": "event", "posture": "Reactive", **keys})[0].trigger


def child(**keys: Any) -> dict[str, Any]:
    return {"type": "event", "posture": "Reactive", "expect": [FAILED], **keys}


REACTIVE = [
    ({"within": 60, "threshold": 2}, "fires when 2 events occur within 1 min"),
    ({}, "fires on any event"),
    ({"expect": [FAILED]}, f"fires on every {FAILED}"),
    ({"expect": [FAILED], "for_each": [FLOW]}, f"fires on every {FAILED}"),
    (
        {"expect": [FAILED], "within": 60, "for_each": [FLOW]},
        f"fires on {FAILED}, once in a window of 1 min, for each flow",
    ),
    (
        {"expect": [FAILED], "threshold": 3, "within": 60, "for_each": [FLOW]},
        f"fires when 3 of {FAILED} occur within 1 min, for each flow",
    ),
    (
        {"expect": [FAILED], "threshold": 3},
        f"fires each time 3 of {FAILED} occur",
    ),
    (
        {"expect": [COMPLETED], "after": [FAILED], "within": 90},
        f"fires when {COMPLETED} occurs within 1 min 30 s after {FAILED}",
    ),
    (
        {"expect": [COMPLETED], "after": [FAILED], "threshold": 2},
        f"fires when 2 of {COMPLETED} occur any time after {FAILED}",
    ),
    (
        {"expect": ["a", "b", "c"], "threshold": 2, "within": 10},
        "fires when 2 of a, b or c occur within 10 s",
    ),
    (
        {"expect": list("abcdef")},
        "fires on every a, b, c or 3 others",
    ),
    (
        {"expect": [FAILED], "threshold": 2, "within": 5, "for_each": ["prefect.resource.id"]},
        f"fires when 2 of {FAILED} occur within 5 s, for each flow run",
    ),
    (
        {"expect": ["x"], "threshold": 2, "within": 5, "for_each": ["prefect.resource.id", "env"]},
        "fires when 2 of x occur within 5 s, for each resource env and resource",
    ),
]


@pytest.mark.parametrize(("keys", "expected"), REACTIVE)
def test_reactive(keys: dict[str, Any], expected: str) -> None:
    """Reactive triggers say what must occur, how often, how soon and for each of what."""
    assert expected == sentence(trigger(**keys), DOCS)


PROACTIVE = [
    (
        {"expect": [COMPLETED], "after": [RUNNING], "within": 60, "for_each": [FLOW]},
        f"fires when no {COMPLETED} arrives within 1 min after {RUNNING}, for each flow",
    ),
    (
        {"expect": [COMPLETED], "after": [RUNNING], "within": 60, "threshold": 2},
        f"fires when fewer than 2 of {COMPLETED} arrive within 1 min after {RUNNING}",
    ),
    (
        {"expect": [COMPLETED], "within": 60},
        f"fires when a window of 1 min passes without {COMPLETED}",
    ),
    ({"within": 60}, "fires when a window of 1 min passes without any event"),
    (
        {"after": ["a"], "within": 60, "threshold": 2},
        "fires when fewer than 2 events arrive within 1 min after a",
    ),
    (
        {"within": 60, "threshold": 2},
        "fires when a window of 1 min passes with fewer than 2 events",
    ),
    (
        {"expect": ["x"], "within": 60, "threshold": 4, "for_each": [FLOW]},
        "fires when, once seen, a window of 1 min passes with fewer than 4 of x, for each flow",
    ),
]


@pytest.mark.parametrize(("keys", "expected"), PROACTIVE)
def test_proactive(keys: dict[str, Any], expected: str) -> None:
    """Proactive triggers say whose absence is watched for, and since when."""
    assert expected == sentence(trigger(posture="Proactive", **keys), DOCS)


COMPOSITE = [
    (
        {"type": "compound", "require": "all", "within": 3600},
        3,
        "all 3 children have fired within 1 h",
    ),
    (
        {"type": "compound", "require": 2, "within": 60},
        3,
        "2 of 3 children have fired within 1 min",
    ),
    ({"type": "compound", "require": "all"}, 2, "both children have fired, however far apart"),
    (
        {"type": "sequence", "within": 60},
        2,
        "both children have fired in this order within 1 min",
    ),
]


@pytest.mark.parametrize(("keys", "children", "expected"), COMPOSITE)
def test_composites(keys: dict[str, Any], children: int, expected: str) -> None:
    """Composites say how many children they need, in which order and how close together."""
    (one,) = automations({**keys, "triggers": [child() for _ in range(children)]})
    assert f"fires when {expected}" == sentence(one.trigger, DOCS)


def test_composites_of_which_one_child_is_enough() -> None:
    """Where any child will do, that is said instead of a number."""
    (one,) = automations({"type": "compound", "require": "any", "triggers": [child(), child()]})
    assert "fires whenever any of 2 children fires" == sentence(one.trigger, DOCS)


def test_metrics() -> None:
    """Metrics say what is measured, over how long, and how long it must hold."""
    hour, minutes = 3_600_000_000, 300_000_000
    successes = MetricTrigger("$", "successes", 0.9, "<", hour, minutes)
    duration = MetricTrigger("$", "duration", 90, ">", hour, 0)
    assert (
        "fires when the fraction of successful runs over the last 1 h stays < 0.9 for 5 min"
        == sentence(successes, DOCS)
    )
    assert (
        "fires as soon as the mean duration of runs over the last 1 h is > 1 min 30 s"
        == sentence(duration, DOCS)
    )


RESOURCES = [
    ({}, ""),
    ({"match": {"prefect.resource.id": "prefect.flow-run.*"}}, "its id is prefect.flow-run.*"),
    (
        {"match": {"prefect.resource.name": ["a-*", "!a-b"], "env": []}},
        "its name is a-* except a-b and its env is one of nothing (never)",
    ),
    (
        {"match_related": {"prefect.resource.role": "flow", "prefect.resource.name": "etl"}},
        "a related flow has the name etl",
    ),
    (
        {"match_related": {"prefect.resource.role": "tag", "prefect.resource.id": "!x"}},
        "no related tag has the id x",
    ),
    (
        {"match_related": {"prefect.resource.id": []}},
        "a related resource has the id one of nothing (never)",
    ),
    (
        {"match_related": [{"prefect.resource.id": "a"}, {"prefect.resource.id": "b"}]},
        "a related resource has the id a; a related resource has the id b",
    ),
]


@pytest.mark.parametrize(("keys", "expected"), RESOURCES)
def test_conditions(keys: dict[str, Any], expected: str) -> None:
    """What resources must be like is said in words, a clause for each object."""
    assert expected == conditions(trigger(**keys), DOCS)


def test_conditions_in_the_server_dialect() -> None:
    """Where a negated pattern is one more alternative (M6), the words say so."""
    one = trigger(match={"prefect.resource.name": ["a-*", "!a-b"]})
    assert "its name is a-* or not a-b" == conditions(one, SERVER)


def test_negated_names() -> None:
    """Negation in names excludes in the docs dialect (N3), and is literal on the server (N4)."""
    one = trigger(expect=["prefect.*", "!prefect.x"])
    assert "fires on every prefect.* except prefect.x" == sentence(one, DOCS)
    assert "fires on every prefect.* or !prefect.x" == sentence(one, SERVER)
