"""The quick ways read as the careful ones, wherever they read at all."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import SAMPLES
from trigger_cli.definitions import load_text, loading, validation
from trigger_cli.definitions.json_reader import read_json
from trigger_cli.definitions.nodes import walk
from trigger_cli.definitions.plain import FIELDS, MetricQueryFields, keys_of, read_plainly
from trigger_cli.definitions.plain_json import read_plain_json
from trigger_cli.definitions.schema import MODELS, MetricQueryModel
from trigger_cli.definitions.source import SourceText, SyntaxProblem

NUMBERS = st.one_of(
    st.integers(-2, 20),
    st.sampled_from([9.999999, 10, 299, 300, 1e-7, 0.5, 1.0, -0.0, 1e300, 10**400, 86399999913600]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.sampled_from(["", "a", "1", "PT1M"]))
PATTERNS = st.one_of(SCALARS, st.lists(SCALARS, max_size=2))
LABELS = st.one_of(SCALARS, st.dictionaries(st.sampled_from("ab"), PATTERNS, max_size=2))
OBJECTS = st.one_of(LABELS, st.lists(LABELS, max_size=2))
METRIC = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["lateness", "duration", "successes", "late"]),
        "operator": st.sampled_from(["<", ">=", "="]),
        "threshold": st.one_of(NUMBERS, SCALARS),
    },
    optional={"range": SCALARS, "firing_for": SCALARS},
)
LEAF = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["event", "metric", "compound", "events"]),
        "posture": st.sampled_from(["Reactive", "Proactive", "Metric", "reactive", None]),
        "match": LABELS,
        "match_related": OBJECTS,
        "expect": PATTERNS,
        "after": PATTERNS,
        "for_each": PATTERNS,
        "threshold": SCALARS,
        "within": SCALARS,
        "metric": METRIC,
        "enabled": SCALARS,
    },
)
COMPOSITE = st.fixed_dictionaries(
    {"triggers": st.lists(LEAF, max_size=3)},
    optional={
        "require": st.one_of(st.sampled_from(["any", "all", "2", "none"]), SCALARS),
        "within": SCALARS,
    },
)
AUTOMATION = st.fixed_dictionaries(
    {"trigger": st.one_of(LEAF, COMPOSITE)},
    optional={"name": SCALARS, "enabled": SCALARS, "tags": PATTERNS, "actions": PATTERNS},
)
SAMPLE_FILES = sorted(SAMPLES.rglob("*.json"))


@given(st.one_of(LEAF, COMPOSITE, AUTOMATION))
def test_the_models_agree_with_the_quick_way(value):
    """With the quick ways and without them, a definition is the same and so are its findings."""
    text = json.dumps(value)
    quick = load_text(text, file="a.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "read_plainly", lambda kind, value: None)
        patch.setattr(loading, "read_plain_json", lambda text: None)
        careful = load_text(text, file="a.json")
    assert quick.automations == careful.automations
    assert quick.findings == careful.findings
    assert [one.root for one in quick.documents] == [one.root for one in careful.documents]


@pytest.mark.parametrize("kind", FIELDS)
def test_both_ways_know_the_same_keys(kind):
    """A key that only one of them knew would be a warning for some files alone."""
    assert keys_of(FIELDS[kind]) == frozenset(MODELS[kind].model_fields)
    assert keys_of(MetricQueryFields) == frozenset(MetricQueryModel.model_fields)


def test_the_quick_way_is_taken():
    """The agreement above is about something."""
    assert read_plainly("event", {"expect": ["a"], "within": 60, "match": {"a": "b"}})
    assert read_plainly("compound", {"triggers": [{}, {}], "require": 2, "within": None})
    assert not read_plainly("event", {"threshold": "1"})
    assert read_plain_json('{"a": [1, {"b": null}]}')


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,}',
        '{"a": 1} // b',
        '{"a": 1, "a": 2}',
        "[NaN]",
        "[-Infinity]",
        "[" * 500 + "]" * 500,
        "[" * 100_000,
        r'["\ud800"]',
        '["\t"]',
        "",
        "[1] 2",
        "\ufeff[]",
    ],
)
def test_what_needs_care_is_left_to_the_reader_that_has_it(text):
    """Anything but JSON as the standard has it, and what there is to say something of."""
    assert read_plain_json(text) is None


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(JSON, st.booleans())
def test_plain_json_is_read_as_json_is(value, ascii_only):
    """The same values in the same shape; only the places are missing."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    quick = read_plain_json(text)
    try:
        careful = read_json(SourceText("a.json", text))
    except SyntaxProblem:
        assert quick is None
        return
    if quick is not None:
        assert [(pointer, node.value) for pointer, node in walk(quick)] == [
            (pointer, node.value) for pointer, node in walk(careful)
        ]
        assert (quick.depth, quick.size) == (careful.depth, careful.size)


@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_samples_have_their_places_all_the_same(path: Path):
    """A document that was read quickly is read again when a place is asked for."""
    text = path.read_text("utf-8")
    for document in load_text(text, file=path.name).documents:
        assert document.root == read_json(SourceText(path.name, text))
        assert document.value == document.root.value
