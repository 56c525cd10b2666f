"""`notation.py`: text as a test file has it."""

from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.definitions.source import SourceText
from trigger_cli.definitions.yaml_reader import read_yaml
from trigger_cli.testing import notation
from trigger_cli.testing.writing import yaml_lines
from trigger_cli.times import parse_duration

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["null", "1e5", "a: b", "a #b", "- a", "x:", "../a", "...", "~", "*a", "!a", "a, b", "{n}"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def read(text):
    return read_yaml(SourceText("f", text))[0].value


@given(TEXTS)
def test_a_scalar_reads_back_as_its_text(text):
    """On a line of its own, in brackets and in braces."""
    one = notation.scalar(text)
    assert {"a": text, "b": [text, text], "c": {text: text}} == read(
        f"a: {one}\nb: [{one}, {one}]\nc: {{{one}: {one}}}\n"
    )


@given(VALUES)
def test_a_definition_reads_back_as_it_was(value):
    """Whatever a trigger holds."""
    assert {"top": value} == read("\n".join(yaml_lines({"top": value})))


@given(st.integers(0, 10**15))
def test_a_duration_reads_back_exactly(length):
    """To the microsecond."""
    assert length == parse_duration(notation.duration(length))


def test_offsets_are_short():
    """No part that is zero."""
    assert ["+0s", "+5m", "+1h0.5s"] == [
        notation.time_text(one, 0) for one in (0, 300_000_000, 3_600_500_000)
    ]
