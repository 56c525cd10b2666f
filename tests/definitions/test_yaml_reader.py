"""Tests of ``definitions/yaml_reader.py``."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.definitions import yaml_reader
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.yaml_reader import read_yaml
from trigger_cli.model import Span

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
    max_leaves=20,
)


def read(text):
    return read_yaml(SourceText("x.yaml", text))


def values(text):
    return [root.value for root in read(text)]


def refusal(text):
    with pytest.raises(SyntaxProblem) as problem:
        read(text)
    return problem.value.span[:2], problem.value.message


@given(VALUES, st.sampled_from([None, 2]))
def test_json_is_yaml(value, indent):
    """Whatever Python writes as JSON is read back as YAML."""
    assert [value] == values(json.dumps(value, indent=indent, ensure_ascii=False))


def test_core_schema():
    """YAML 1.2 words: ``on`` is a string, quoted scalars are strings, tags are obeyed."""
    text = "[on, 'true', 0o17, ~, !!str 12, !!int '3', true]"

    assert [["on", "true", 15, None, "12", 3, True]] == values(text)


def test_several_documents():
    """``---`` and ``...`` separate documents, and an empty stream has none."""
    assert [{"a": 1}, {"b": 2}] == values("---\na: 1\n...\nb: 2\n")
    assert [] == values("# only a comment\n")


def test_merge_keys():
    """``<<`` takes a mapping or a list of them; own keys, then earlier ones, are stronger."""
    text = "x: &x {p: 1, q: 2}\ny: &y {q: 3, r: 4}\nz:\n  <<: [*x, *y]\n  p: 5\n"

    assert {"q": 2, "r": 4, "p": 5} == values(text)[0]["z"]


def test_a_quoted_merge_key_is_a_key():
    """Only the plain ``<<`` merges."""
    assert [{"<<": {"a": 1}}] == values('"<<": {a: 1}')


def test_sets_and_scalar_keys():
    """``? key`` has the value null, and keys that are no strings are their own text."""
    assert [{"a": None, "b": None}] == values("? a\n? b\n")
    assert [{"1": "x", "true": "y"}] == values("1: x\ntrue: y\n")


def test_every_value_and_key_has_its_place():
    """Blocks end with their last value, and an empty value is shown at its key."""
    node = read("a:\n  - x\n  - y\n\n# end\nb:\nc: 'z'\n")[0]

    assert Span(2, 3, 3, 6) == node.members["a"].node.span
    assert Span(6, 1, 6, 2) == node.members["b"].node.span == node.members["b"].key_span
    assert Span(7, 4, 7, 7) == node.members["c"].node.span


def test_an_anchor_and_a_tag_are_no_part_of_the_value():
    """An edit of the value keeps them, and aliases still find it."""
    node = read("a: &x !!str  y\nb: &m # why\n  &k c: d\ne: &f [1]\n")[0]

    assert Span(1, 14, 1, 15) == node.members["a"].node.span
    assert Span(3, 6, 3, 10) == node.members["b"].node.span
    assert Span(3, 6, 3, 7) == node.members["b"].node.members["c"].key_span
    assert Span(4, 7, 4, 10) == node.members["e"].node.span


def test_repeated_keys_are_noted():
    """A repeated key keeps its last value."""
    node = read("a: 1\na: 2\n")[0]

    assert ({"a": 2}, ["a"]) == (node.value, [repetition.key for repetition in node.repeated])


def test_own_tags_are_kept():
    """A tag of the file's own is remembered, for patterns that lack their quotes."""
    node = read("a: !prefect.tag.dev\n")[0]

    assert "!prefect.tag.dev" == node.members["a"].node.tag


def test_billion_laughs():
    """Aliases that repeat aliases are refused before they fill the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    place, message = refusal("\n".join(lines))

    assert (5, 9) == place
    assert "written out with its aliases this holds more than 100,000 values" == message


def test_large_files_without_aliases_are_fine(monkeypatch):
    """The limit is on what aliases repeat, not on what is written."""
    monkeypatch.setattr(yaml_reader, "MAX_SIZE", 100)

    assert 1001 == read("- a\n" * 1000)[0].size


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: &a [*a]", (1, 8), "the alias `*a` stands inside its own anchor `&a`"),
        (
            "a: *.Failed",
            (1, 4),
            "found the alias `*.Failed`, but no anchor `&.Failed` before it",
        ),
        (
            "<<: 5",
            (1, 1),
            "found `<<` with something that is no mapping, expected an alias to a mapping or a list of them",
        ),
        ("a: {{ x }}", (1, 5), "found a list or mapping as a key, expected a word"),
        ("[" * 5000, (1, 221), "nested more than 220 levels deep, which no definition is"),
        ("- " * 5000, (1, 441), "nested more than 220 levels deep, which no definition is"),
    ],
)
def test_refusals(text, place, message):
    """What YAML allows and a definition cannot hold is refused where it stands."""
    assert (place, message) == refusal(text)


def test_more_values_than_any_file_of_definitions_has(monkeypatch):
    """They are refused where the limit is passed, whatever they are: values, aliases, documents."""
    monkeypatch.setattr(yaml_reader, "MAX_VALUES", 100)
    for text in ("- a\n" * 101, "- &a x\n" + "- *a\n" * 100, "--- a\n" * 101, "a: 1\n" * 101):
        with pytest.raises(SyntaxProblem, match="values, which no file of definitions does"):
            read(text)
