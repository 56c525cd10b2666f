"""`trigger_cli.vocabulary`: its tables agree with the catalog, and near spellings are found."""

import json
import re

import pytest

from trigger_cli.lint.knowledge.catalog import EVENT_CATALOG
from trigger_cli.vocabulary import (
    EXTRA_STATES,
    NEAR,
    RUN_PREFIXES,
    STATE_TYPES,
    STATE_WORDS,
    STATES,
    TERMINAL_STATES,
    is_shortened,
    is_written_as,
    likeness_of,
    near_names,
    nearest,
)


def test_the_states_are_those_of_the_catalog():
    """Both documented tables of states are in one."""
    events = json.loads(EVENT_CATALOG.read_text("utf-8"))["events"]
    for kind in RUN_PREFIXES:
        listed = {one["name"]: one["type"] for one in events[f"{kind}{{state}}"]["states"]}
        assert listed.items() <= STATES.items()


def test_states_and_their_types():
    """A type's first state has its name; every word for a state means one."""
    for state_type, names in STATE_TYPES.items():
        assert state_type == names[0].upper()
    assert set(TERMINAL_STATES) <= set(STATES)
    assert set(STATE_WORDS.values()) <= set(STATES)
    assert not STATES.keys() & EXTRA_STATES.keys()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("matchRelated", "match_related"),
        ("for-each", "for_each"),
        ("expects", "expect"),
        ("duration", "within"),
        ("xyz", None),
        ("x" * 10_000, None),
    ],
)
def test_the_nearest_word(word, expected):
    """Spelling conventions do not count, aliases do."""
    choices = ["match_related", "for_each", "expect", "within"]

    assert expected == nearest(word, choices, {"duration": "within"})


@pytest.mark.parametrize(
    ("pattern", "name", "near"),
    [
        ("prefect.flow-run.completed", "prefect.flow-run.Completed", True),
        ("prefect.flow-run.Complete", "prefect.flow-run.Completed", True),
        ("prefect.flow_run.Completed", "prefect.flow-run.Completed", True),
        ("flow-run.Completed", "prefect.flow-run.Completed", True),
        ("prefect.FLOW-RUN.*", "prefect.flow-run.Failed", True),
        ("*.FLOW-RUN.*ed", "prefect.flow-run.Failed", True),
        ("*.FLOW-RUN.*ed", "prefect.flow-run.Late", False),
        ("*a" * 90 + "*b", "a" * 190, False),
        ("!order.placed", "order.Placed", True),
        ("prefect.flow-run.Failed", "prefect.flow-run.Paused", False),
        ("prefect.flow-run.Running", "prefect.flow-run.Pending", False),
        ("order.placed", "invoice.sent", False),
        ("order", "order.placed", True),
        ("order", "orders.placed", False),
        ("a" * 10_000, "a" * 9_999, False),
        ("", "x", False),
    ],
)
def test_what_is_near(pattern, name, near):
    """The last part counts apart from what is before it."""
    assert near == (likeness_of(pattern, name) >= NEAR)


def test_the_most_alike_comes_first():
    """Then the commonest."""
    names = {"order.Placed": 1, "order.place": 5, "other": 9}
    assert ["order.Placed", "order.place"] == [
        one.name for one in near_names(("order.placed",), names)
    ]


def test_a_long_list_of_patterns_is_compiled_once(monkeypatch):
    """However many names there are: `re` itself keeps 512 expressions."""
    compiled = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *args: compiled.append(args) or compile_(*args))
    patterns = tuple(f"long.list.{number}.*" for number in range(600))
    for name in ("Long.List.7.x", "another", "third"):
        near_names(patterns, {name: 1})
    assert len(compiled) == len(patterns)


@pytest.mark.parametrize(
    ("text", "is_of_it"),
    [
        ("e177b286…", True),
        ("e177b286", True),
        ("e177b286-17fe-5", True),
        ("flow-run.e177b286…", True),
        ("prefect.flow-run.e177b286", True),
        ("e177b28", False),
        ("run.e177b286", False),
        ("77b28617", False),
        ("17fe-5f0b", False),
    ],
)
def test_an_id_is_known_by_what_tables_show_of_it(text, is_of_it):
    """The beginning of its last UUID."""
    ident = "prefect.flow-run.e177b286-17fe-5f0b-9a1c-0123456789ab"
    assert is_of_it == is_shortened(text, ident)


def test_a_value_is_known_by_its_escapes():
    """Or as it is; an escape that tables would not write is another text."""
    assert all(is_written_as("a\u200d\n", one) for one in ("a\u200d\n", r"a\u200d\n"))
    assert is_written_as(r"C:\new", r"C:\new")
    assert not any(is_written_as("a\u200d", one) for one in (r"\x61\u200d", r"a\u200D", "a"))


def test_of_several_uuids_the_last_is_shown():
    """And an id without any is not shortened."""
    ident = "a/11111111-0000-0000-0000-000000000000/22222222-0000-0000-0000-000000000000"
    assert is_shortened("22222222…", ident)
    assert not is_shortened("11111111…", ident)
    assert not is_shortened("nightly-etl", "nightly-etl-2")


@pytest.mark.parametrize("pattern", ["Failed", "failed", "prefect.flow-run.errored"])
def test_the_state_alone_and_another_word_for_it_are_near(pattern):
    """A state is a name in itself, however short."""
    assert likeness_of(pattern, "prefect.flow-run.Failed") >= NEAR
    assert likeness_of(pattern, "prefect.flow-run.Completed") < NEAR
