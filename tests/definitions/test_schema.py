"""Tests of ``definitions/schema.py``: types, choices, limits and defaults, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.definitions.helpers import codes, findings, trigger
from trigger_cli.definitions.schema import CompoundTriggerModel
from trigger_cli.model import EventTrigger, MetricTrigger

METRIC = {"name": "lateness", "operator": ">", "threshold": 5}


def event(**keys):
    return {"type": "event", "posture": "Reactive", **keys}


def test_event_defaults():
    """V2: an event trigger that says nothing is Reactive, once, at once, on everything."""
    assert EventTrigger("$") == trigger({"type": "event"})


def test_metric_defaults():
    """K8: a metric looks back five minutes and fires after five."""
    expected = MetricTrigger("$", "lateness", 5.0, ">", 300_000_000, 300_000_000)

    assert expected == trigger({"type": "metric", "metric": METRIC})


def test_composite_defaults():
    """V2: a composite without ``within`` has no limit."""
    composite = trigger({"type": "sequence", "triggers": [event()]})

    assert (None, 1) == (composite.within, composite.require)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, 0),
        ({"within": None}, 0),
        ({"within": 5}, 5_000_000),
        ({"within": "PT1M"}, 60_000_000),
        ({"posture": "Proactive"}, 10_000_000),
        ({"posture": "Proactive", "within": 0}, 10_000_000),
        ({"posture": "Proactive", "within": None}, 10_000_000),
        ({"posture": "Proactive", "within": 10}, 10_000_000),
        ({"posture": "Proactive", "within": "PT1M"}, 60_000_000),
    ],
)
def test_windows(keys, expected):
    """V2, V3, P1: a missing window is 0, or 10 s for a proactive trigger."""
    assert expected == trigger(event(**keys)).within


@pytest.mark.parametrize("within", [5, 9.999, "PT5S", 0.5])
def test_a_proactive_window_below_ten_seconds(within):
    """P1: a proactive trigger needs at least ten seconds."""
    assert [("TRG104", "/within")] == codes(event(posture="Proactive", within=within))


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_any_whole_threshold_is_valid(threshold):
    """What a threshold is good for is not the schema's business."""
    assert threshold == trigger(event(threshold=threshold)).threshold


@pytest.mark.parametrize(("threshold", "expected"), [("2", 2), (2.0, 2)])
def test_thresholds_that_prefect_converts(threshold, expected):
    """A whole number may be written as pydantic, and so Prefect, takes it."""
    assert expected == trigger(event(threshold=threshold)).threshold


@pytest.mark.parametrize("threshold", [2.5, "x", None, [], "9" * 400 + "x"])
def test_what_is_no_threshold(threshold):
    """A threshold is a whole number."""
    assert [("TRG102", "/threshold")] == codes(event(threshold=threshold))


def test_an_infinite_threshold():
    """A number of thousands of digits is refused, not carried along."""
    text = f'{{"type": "event", "posture": "Reactive", "threshold": {"9" * 5000}}}'

    assert [("TRG104", "/threshold")] == codes(text)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({}, ()),
        ({"a": "x"}, (("a", ("x",)),)),
        ({"b": ["y", "!z"], "a": []}, (("b", ("y", "!z")), ("a", ()))),
    ],
)
def test_match(match, expected):
    """M1: one pattern is a list of one, and the order written is kept."""
    assert expected == trigger(event(match=match)).match


@pytest.mark.parametrize(
    ("match_related", "expected"),
    [
        ({}, ()),
        ([], ()),
        ({"a": "x"}, ((("a", ("x",)),),)),
        ([{"a": "x"}, {}], ((("a", ("x",)),), ())),
    ],
)
def test_match_related(match_related, expected):
    """M2: one object is a list of one, and no object at all asks for nothing."""
    assert expected == trigger(event(match_related=match_related)).match_related


@pytest.mark.parametrize(
    ("keys", "pointers"),
    [
        ({"match": []}, ["/match"]),
        ({"match": {"a": None}}, ["/match/a"]),
        ({"match": {"a": ["x", 1], "b": 2}}, ["/match/a/1", "/match/b"]),
        ({"match_related": "x"}, ["/match_related"]),
        ({"match_related": {"a": [1]}}, ["/match_related/a/0"]),
        ({"match_related": [{}, {"a": 1}, []]}, ["/match_related/1/a", "/match_related/2"]),
        ({"expect": "x"}, ["/expect"]),
        ({"expect": None, "after": {"a": 1}}, ["/expect", "/after"]),
        ({"for_each": [1, "a", None]}, ["/for_each/0", "/for_each/2"]),
        ({"within": True}, ["/within"]),
        ({"within": "60"}, ["/within"]),
        ({"posture": None}, ["/posture"]),
    ],
)
def test_wrong_types(keys, pointers):
    """Every value of a wrong type is an error at its own place."""
    assert [("TRG102", pointer) for pointer in pointers] == codes(event(**keys))


def test_for_each_is_sorted_and_deduplicated():
    """B2: the labels of the bucketing key have one order."""
    assert ("a", "b") == trigger(event(for_each=["b", "a", "b"])).for_each


def test_names_keep_their_order():
    """Patterns are kept as written."""
    event_trigger = trigger(event(expect=["b", "a", "b"], after=["d", "c"]))

    assert (("b", "a", "b"), ("d", "c")) == (event_trigger.expect, event_trigger.after)


@pytest.mark.parametrize(
    ("require", "expected"), [("any", 1), ("all", 2), (1, 1), (2, 2), ("2", 2), (2.0, 2)]
)
def test_require(require, expected):
    """C1: ``any`` is one, ``all`` is all, and a number is itself."""
    assert (
        expected
        == trigger({"require": require, "triggers": [event(), event()], "within": 1}).require
    )


@pytest.mark.parametrize(
    ("require", "code"),
    [
        (0, "TRG104"),
        (3, "TRG104"),
        (-1, "TRG104"),
        ("3", "TRG104"),
        (True, "TRG102"),
        (False, "TRG102"),
        (1.5, "TRG102"),
        (None, "TRG102"),
        (["any"], "TRG102"),
        ("ALL", "TRG103"),
        ("both", "TRG103"),
    ],
)
def test_what_is_no_requirement(require, code):
    """C1: anything else is refused."""
    definition = {"require": require, "triggers": [event(), event()], "within": 1}

    assert [(code, "/require")] == codes(definition)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("name", "success", "TRG103"),
        ("name", 1, "TRG102"),
        ("operator", "=", "TRG103"),
        ("threshold", "x", "TRG102"),
        ("range", None, "TRG102"),
        ("range", -1, "TRG104"),
        ("firing_for", "x", "TRG102"),
    ],
)
def test_metric_values(key, value, code):
    """Each value of a metric is checked at its own place."""
    definition = {"type": "metric", "metric": METRIC | {key: value}}

    assert [(code, f"/metric/{key}")] == codes(definition)


def test_missing_metric_keys():
    """A metric has a name, an operator and a threshold."""
    expected = [
        ("TRG105", "/metric", f"the key `{key}` is missing in `metric`")
        for key in ("name", "threshold", "operator")
    ]

    assert expected == findings({"type": "metric", "metric": {}})


def test_json_schema():
    """The models describe themselves, for editors."""
    schema = CompoundTriggerModel.model_json_schema()

    assert ["triggers", "require"] == schema["required"]
    assert [{"enum": ["any", "all"], "type": "string"}, {"type": "integer"}] == schema[
        "properties"
    ]["require"]["anyOf"]
