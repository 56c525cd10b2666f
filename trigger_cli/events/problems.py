"""Descriptions of bad records: bounded, escaped, with what was expected and found."""

import re

import orjson

LONGEST_QUOTE = 60
"""The most characters of the log's text that a message repeats."""


def quoted(text: str) -> str:
    """`text` in quotes, control characters escaped, cut to `LONGEST_QUOTE` characters."""
    if len(text) <= LONGEST_QUOTE:
        return repr(text)
    return f"{text[:LONGEST_QUOTE]!r}… ({len(text)} characters)"


def described(value: object) -> str:
    """Describe a JSON value for a message: ``null``, ``the number 3``, ``a list``, ``'text'``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value) if value else "an empty string"
    if isinstance(value, int | float):
        return f"the number {value!r}"
    return "a list" if isinstance(value, list) else "an object"


# orjson's messages, reworded for readers of a log.
_REASONS = {
    "unexpected end of data": "it breaks off",
    "input data is empty": "it is empty",
    "unexpected content after document": "more text follows the value",
    "unexpected character, expected a JSON value": "expected a value",
    "unexpected character, expected a string key": "expected a key in double quotes",
    "unexpected character, expected ':' after key": "expected `:` after the key",
    "unexpected character, expected ',' or '}'": "expected `,` or `}`",
    "unexpected character, expected ',' or ']'": "expected `,` or `]`",
    "trailing comma is not allowed": "a comma must not stand before the closing bracket",
    "depth limit exceeded": "nested more than 1024 deep",
    "number is infinity when parsed as double": "the number is too large",
    "number with leading zero is not allowed": "a number must not begin with 0",
    "unexpected control character in string": "a string must not hold a raw control character",
    "invalid escaped sequence in string": "unknown `\\` escape in a string",
    "no low surrogate in string": "a string holds half of a `\\u` surrogate pair",
    "invalid high surrogate in string": "a string holds half of a `\\u` surrogate pair",
    "invalid low surrogate in string": "a string holds half of a `\\u` surrogate pair",
}
# How much of the record's text at the fault a message shows.
_EXCERPT = 20
_LONGEST_REASON = 100


def not_json(error: orjson.JSONDecodeError, record: bytes) -> str:
    """Why orjson refused `record`, and where: one sentence of bounded length."""
    try:
        record.decode()
    except UnicodeDecodeError as invalid:
        at = invalid.start
        return f"not UTF-8 text: byte 0x{record[at]:02x} at byte {at + 1}"
    reason = _REASONS.get(error.msg, error.msg[:_LONGEST_REASON])
    where = f"column {error.colno}"
    if error.lineno > 1:  # an element of a pretty-printed document
        where = f"its line {error.lineno}, {where}"
    found = error.doc[error.pos : error.pos + _EXCERPT]
    # At the end of the record, there is no text to show.
    near = f", found {found!r}" if error.msg.startswith("unexpected character") and found else ""
    return f"not JSON at {where}: {reason}{near}"


def other_format(text: bytes) -> str | None:
    """The format of a line that is no JSON, and how to convert it to JSON Lines."""
    way = "turn it into JSON Lines, e.g. duckdb -c \"COPY (FROM 'log.{0}') TO 'log.jsonl'\""
    if text.startswith(b"PAR1"):
        return f"the log is a Parquet file: {way.format('parquet')}"
    columns = text.lower().replace(b'"', b"").split(b",")
    if {b"event", b"occurred"} <= {one.strip() for one in columns}:
        return f"the log is CSV: {way.format('csv')}"
    return None


_WORD = re.compile(r"[a-z]")


def system_reason(error: BaseException) -> str:
    """Describe an error of the operating system or of a decompressor in bounded length."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = text[0].lower() if _WORD.match(text[1:2]) else text[0]
    return first + text[1:_LONGEST_REASON]
