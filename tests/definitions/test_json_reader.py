"""Tests of ``definitions/json_reader.py``."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.definitions.json_reader import read_json
from trigger_cli.definitions.nodes import MAX_VALUES, locate
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.model import Span

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def read(text):
    return read_json(SourceText("x.json", text))


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_all_json_is_read_as_python_reads_it(value, indent, escaped):
    """Any JSON text gives the value that was written."""
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)

    assert value == read(text).value


def test_comments_and_trailing_commas():
    """Both kinds of comment and a comma after the last member are accepted."""
    text = '// one\n{"a": [1, /* two\n lines */ 2,], "b": "// text",} // end'

    assert {"a": [1, 2], "b": "// text"} == read(text).value


def test_every_value_and_key_has_its_place():
    """Columns count characters, also behind wide ones and after line ends of two characters."""
    node = read('{"é😀": 1,\r\n "b": [true,\r\n  null]}')

    assert Span(1, 8, 1, 9) == node.members["é😀"].node.span
    assert Span(2, 2, 2, 5) == node.members["b"].key_span
    assert Span(2, 7, 3, 8) == node.members["b"].node.span
    found = locate(node, ("b", 1))
    assert found is not None
    assert Span(3, 3, 3, 7) == found.node.span


def test_the_last_of_repeated_keys_counts():
    """A repeated key keeps its last value, as in every JSON reader, and is noted."""
    node = read('{"a": 1,\n "a": 2}')

    assert ({"a": 2}, [("a", 2)]) == (node.value, [(r.key, r.span.line) for r in node.repeated])


def test_numbers_beyond_limits_are_infinite():
    """A number that nothing can hold is an infinity, which the schema then refuses."""
    assert [math.inf, -math.inf] == read(f"[1e999, -{'9' * 5000}]").value


@pytest.mark.parametrize("text", ['"\\ud83d\\ude00"', '"😀"'])
def test_surrogate_pairs(text):
    """A pair of escapes is one character."""
    assert "😀" == read(text).value


def test_depth_costs_no_stack():
    """Nesting is not limited by Python's stack; the loader limits it."""
    assert 50_000 == read("[" * 50_000 + "]" * 50_000).depth


def test_more_values_than_any_file_of_definitions_has():
    """An event log given by mistake is refused at once, before its values fill the memory."""
    assert read("[" + "0," * (MAX_VALUES - 2) + "0]").size == MAX_VALUES
    with pytest.raises(SyntaxProblem, match="more than 100,000 values"):
        read("[" + "0," * MAX_VALUES + "0]")
    with pytest.raises(SyntaxProblem, match="more than 100,000 values"):
        read("[" * (MAX_VALUES + 1))


def test_commas_in_strings_and_comments_are_no_values():
    """They are not counted."""
    text = f'// {"," * MAX_VALUES}\n["{"," * MAX_VALUES}", /* {"[" * MAX_VALUES} */ 1]'
    assert read(text).size == 3


def test_comments_that_never_end_take_linear_time():
    """It would take minutes if each looked for its end."""
    with pytest.raises(SyntaxProblem):
        read_json(SourceText("t.json", '{"a": 1, ' + "- /*A" * 30_000))
