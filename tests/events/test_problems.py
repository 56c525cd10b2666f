import errno

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.events.problems import described, not_json, quoted, system_reason


def why_not(record: bytes) -> str:
    with pytest.raises(orjson.JSONDecodeError) as caught:
        orjson.loads(record)
    return not_json(caught.value, record)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b'{"event": "a"', "not JSON at column 14: it breaks off"),
        (b"hello", "not JSON at column 1: expected a value, found 'hello'"),
        (b"{'a': 1}", "not JSON at column 2: expected a key in double quotes, found \"'a': 1}\""),
        (b'{"a":1,}', "not JSON at column 7: a comma must not stand before the closing bracket"),
        (b'{"a":1} {}', "not JSON at column 9: more text follows the value"),
        (b'{"a":"\xff"}', "not UTF-8 text: byte 0xff at byte 7"),
        (b'{"a":"\\ud800"}', "not JSON at column 7: a string holds half of a `\\u` surrogate pair"),
        (b"[" * 2000, "not JSON at column 1026: nested more than 1024 deep"),
        (
            b'{"a":1,\n "b" 2}',
            "not JSON at its line 2, column 6: expected `:` after the key, found '2}'",
        ),
    ],
)
def test_a_line_that_is_no_json_is_explained(record, message):
    """The reason is in plain words, with the place."""
    assert why_not(record) == message


def test_a_quotation_is_cut_and_inert():
    """Text of a log is shown with its control characters escaped, and never at length."""
    assert quoted("a\x1b[31m") == "'a\\x1b[31m'"
    assert quoted("x" * 61) == f"'{'x' * 60}'… (61 characters)"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (3, "the number 3"),
        (0.5, "the number 0.5"),
        ("", "an empty string"),
        ("a", "'a'"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_a_value_is_described(value, words):
    """Each kind of JSON value has words that fit into a sentence."""
    assert described(value) == words


@given(st.binary(max_size=300))
def test_reasons_are_bounded_and_printable(record):
    """Whatever the line holds, its reason is short and can be shown as it is."""
    try:
        orjson.loads(record)
    except orjson.JSONDecodeError as error:
        message = not_json(error, record)
        assert len(message) < 250
        assert message.isprintable()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "no such file or directory"),
        (OSError("CRC check failed"), "CRC check failed"),
        (EOFError(), "EOFError"),
        (ValueError("x" * 1000), "x" * 100),
    ],
)
def test_an_exception_becomes_words(error, words):
    """The system's reason is used as it is, but for a capital at its start and its length."""
    assert system_reason(error) == words
