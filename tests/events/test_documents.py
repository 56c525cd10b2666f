import json
import textwrap

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.events.logs import in_pieces
from trigger_cli.events.documents import NotJson, elements
from trigger_cli.events.lines import LONGEST_RECORD

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def read(log: bytes, size: int = 7) -> tuple[list[bytes], str]:
    """The elements of a log, and what is not JSON in it (``""``: all is)."""
    got = list(elements(iter(in_pieces(log, size))))
    return (
        [one for one in got if isinstance(one, bytes)],
        " | ".join(one.why for one in got if isinstance(one, NotJson)),
    )


@given(st.lists(VALUES), st.booleans(), st.none() | st.integers(0, 3), st.integers(1, 30))
def test_the_elements_of_an_array_are_found(values, escaped, indent, size):
    """Any JSON values, in any layout and arriving in any pieces, are told apart."""
    log = json.dumps(values, ensure_ascii=escaped, indent=indent).encode("utf-8", "replace")
    got, problem = read(log, size)
    assert ([json.loads(element) for element in got], problem) == (json.loads(log), "")


@settings(max_examples=30)
@given(
    st.lists(st.dictionaries(st.text().filter("events".__ne__), VALUES), max_size=3),
    st.integers(1, 30),
)
def test_objects_one_after_another_are_elements(values, size):
    """The output of jq is a log of single objects."""
    log = "\n".join(json.dumps(value, indent=2) for value in values).encode()
    got, problem = read(log, size)
    assert ([json.loads(element) for element in got], problem) == (values, "")


@pytest.mark.parametrize(
    "log",
    [
        b'{"events": [1, {"a": 2}]}',
        b'{"total": 2, "next_page": null, "events": [1, {"a": 2}], "more": {"x": [1]}}',
        b'{"next_page": "https://x/?a=\\"1\\"", "events": [1, {"a": 2}]}\n',
        b'{"events": [1]}\n{"events": []}\n[{"a": 2}]\n[]',
    ],
)
def test_the_events_of_a_page_are_its_elements(log):
    """Whatever else a page holds, before or behind its events, is passed over."""
    assert read(log) == ([b"1", b'{"a": 2}'], "")


@pytest.mark.parametrize(
    ("log", "before", "place"),
    [
        (b"[1, 2", 2, "column 6: it breaks off"),
        (b'[1, {"a": "b', 1, "column 11: it breaks off"),
        (b"[1, {", 1, "column 6: it breaks off"),
        (b"[1,\n 2,\n]", 2, "line 3, column 1: expected value, found ']'"),
        (b"[1 2]", 1, "column 4: expected `,` or `]`, found '2]'"),
        (b"[1, x, 3]", 1, "column 5: expected value, found 'x, 3]'"),
        (b'{"events": [1], "total"}', 1, "column 24: expected `:`, found '}'"),
        (b'{"events": [1] 3', 1, "column 16: expected `,` or `}`, found '3'"),
        (b'{"events": [1]', 1, "column 15: it breaks off"),
        (b"[1] nonsense", 1, "column 5: expected value, found 'nonsense'"),
    ],
)
def test_what_stands_before_the_break_is_kept(log, before, place):
    """A log that breaks gives its elements up to there, and says where and why it broke."""
    got, problem = read(log)
    assert (len(got), place in problem) == (before, True), problem
    assert problem.endswith("nothing from there on is read")


EVENT = {"id": "e1", "related": [{"role": "a"}, {"role": "b"}], "payload": {"text": "}, {"}}


@pytest.mark.parametrize("size", [1, 40, 10_000])
@pytest.mark.parametrize(
    ("log", "goes_on"),
    [
        (b'[\n {"a": 0},\n {"a" 1},\n {"a": 2}\n]\n[3]', 4),
        (b'[\n {"a": 0},\n {"a": "1},\n {"a": 2}\n]\n[3]', 4),
        (b'[\n {"a": 0}\n {"a": 2},\n 3\n]', 3),
        (b'{"a": 0}\n{\n "b": [\n  {"c": 1\n}\n{"a": 2}\n[3]', 6),
        (b'{\n "events": [\n  {"a": 0},\n  {,\n  {"a": 2}],\n "total": 3}\n[3]', 5),
        (b'[]\n{"a": 0}\n{"event":\n{"a": 2}\n[3]', 4),
    ],
)
def test_a_break_costs_one_element(log, goes_on, size):
    """Reading goes on where the next one begins, also in another document."""
    got, problem = read(log, size)
    assert [b'{"a": 0}', b'{"a": 2}', b"3"][: len(got)] == got
    assert len(got) >= 2
    assert 1 == problem.count("not JSON")
    assert problem.endswith(f"reading goes on at text line {goes_on}")


@given(
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([("[", ",", "]"), ('{"events": [', ",", '], "total": 4}'), ("", "", "")]),
    st.data(),
    st.integers(1, 300),
)
def test_no_other_element_is_lost(place, indent, layout, data, size):
    """An element of which a character is missing, or all from there on, costs no other one."""
    events = [{**EVENT, "number": number} for number in range(4)]
    texts = [textwrap.indent(json.dumps(event, indent=2), indent * " ") for event in events]
    own = texts[place]
    cut = data.draw(st.integers(indent, len(own) - 1))
    texts[place] = own[:cut] + data.draw(st.sampled_from(["", own[cut + 1 :]]))
    before, between, after = layout
    log = f"{before}\n" + f"{between}\n".join(texts) + f"\n{after}"
    got = [json.loads(one) for one in read(log.encode(), size)[0]]
    # The rest of the log may complete the element, as JSON that contains the others.
    assume(not any(one.get("related", [])[2:] for one in got if isinstance(one, dict)))
    others = events[:place] + events[place + 1 :]
    assert others == [one for one in got if one in others]


def test_an_element_that_only_orjson_refuses_does_not_end_the_log():
    """Numbers out of range, invalid bytes and raw control characters concern one element."""
    texts = [b"1e999", b"9" * 6000, b'"\xff"', b'"\\ud800"', b'"\n"', b"NaN", b"1"]
    assert read(b"[" + b",".join(texts) + b"]") == (texts, "")


def test_nesting_cannot_exhaust_the_stack():
    """A log of brackets ends as a broken one, not in a crash."""
    got, problem = read(b"[" * 200_000, 65536)
    assert (got, "nested too deeply" in problem) == ([], True)


def test_an_element_cannot_exhaust_the_memory():
    """An endless string is given up once it is longer than any record may be."""
    piece = b"x" * 1_000_000
    asked = 0

    def endless():
        nonlocal asked
        yield b'["'
        while True:
            asked += 1
            yield piece

    (told,) = elements(endless())
    assert isinstance(told, NotJson)
    assert "too long" in told.why
    assert told.why.endswith("nothing from there on is read")
    assert asked <= 3 * LONGEST_RECORD // len(piece)
