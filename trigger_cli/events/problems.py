"""The words in which a bad record is described: bounded, inert, saying found and expected."""

from __future__ import annotations

import re

import orjson

LONGEST_QUOTE = 60
"""How many characters of the log's own text a message repeats."""


def quoted(text: str) -> str:
    """`text` in quotes, control characters escaped, cut to `LONGEST_QUOTE` characters."""
    if len(text) <= LONGEST_QUOTE:
        return repr(text)
    return f"{text[:LONGEST_QUOTE]!r}… ({len(text)} characters)"


def described(value: object) -> str:
    """What a JSON value is, for a sentence: ``null``, ``the number 3``, ``a list``, ``'text'``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value) if value else "an empty string"
    if isinstance(value, int | float):
        return f"the number {value!r}"
    return "a list" if isinstance(value, list) else "an object"


# orjson's reasons in the words of someone who looks at a log, not at a grammar.
_REASONS = {
    "unexpected end of data": "it breaks off",
    "input data is empty": "it is empty",
    "unexpected content after document": "more text follows the object",
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
# Where in the record the trouble begins, so that a person can find it in a long line.
_EXCERPT = 20
_LONGEST_REASON = 100


def not_json(error: orjson.JSONDecodeError, record: bytes) -> str:
    """Why orjson refused `record`, and where: a sentence of bounded length."""
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
    # Where the record just ends, there is nothing to show.
    near = f", found {found!r}" if error.msg.startswith("unexpected character") and found else ""
    return f"not JSON at {where}: {reason}{near}"


def other_format(text: bytes) -> str | None:
    """What a line shows its log to be that is no JSON, and how to turn it into JSON Lines."""
    way = "turn it into JSON Lines, e.g. duckdb -c \"COPY (FROM 'log.{0}') TO 'log.jsonl'\""
    if text.startswith(b"PAR1"):
        return f"the log is a Parquet file: {way.format('parquet')}"
    columns = text.lower().replace(b'"', b"").split(b",")
    if {b"event", b"occurred"} <= {one.strip() for one in columns}:
        return f"the log is CSV: {way.format('csv')}"
    return None


_WORD = re.compile(r"[a-z]")


def system_reason(error: BaseException) -> str:
    """An exception of the operating system or of a decompressor in plain, bounded words."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = text[0].lower() if _WORD.match(text[1:2]) else text[0]
    return first + text[1:_LONGEST_REASON]
