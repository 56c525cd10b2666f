"""Tests of ``definitions/json_mistakes.py``: each mistake is named, where it is."""

import pytest

from trigger_cli.definitions.json_reader import read_json
from trigger_cli.definitions.source import SourceText, SyntaxProblem

MISTAKES = [
    ("", (1, 1), "the file is empty, expected a trigger or automation as JSON", None),
    (
        '"match": {"a": 1},\n...',
        (1, 8),
        'this is a fragment of a JSON object: it starts with the key `"match"`, expected `{`',
        "enclose it in { }, and drop the `...`",
    ),
    (
        '"after": []\n"expect": []',
        (1, 8),
        'this is a fragment of a JSON object: it starts with the key `"after"`, expected `{`',
        "enclose it in { }",
    ),
    (
        '{"a": 1,\n"b": [{\n"c": 2}]\n',
        (1, 1),
        "`{` is never closed: the file ends on line 4 without its `}`",
        "add the missing `}`",
    ),
    (
        '{"a": [1, 2}',
        (1, 7),
        "`[` is not closed: before its `]` comes the `}` of line 1, column 12",
        "add the missing `]`",
    ),
    (
        '{"a": 1}}',
        (1, 9),
        "found `}`, which closes nothing: everything before it is closed already",
        "remove it, or add its `{`",
    ),
    ("}", (1, 1), "found `}`, which closes nothing", "remove it"),
    (
        '{"a": 1\n "b": 2}',
        (1, 8),
        'a comma is missing after `1`, before `"b"`',
        "separate the members with `,`",
    ),
    (
        '["a" "b"]',
        (1, 5),
        'a comma is missing after `"a"`, before `"b"`',
        "separate the members with `,`",
    ),
    (
        '{"a" 1}',
        (1, 6),
        'found `1` after the key `"a"`, expected `:` and a value',
        'write `"a"`: before the value',
    ),
    (
        "{a: 1}",
        (1, 2),
        "found `a` without quotes, expected a key in double quotes",
        'write "a"; for YAML, name the file *.yaml',
    ),
    ('{"a": True}', (1, 7), "found True, expected a JSON value", "did you mean true?"),
    ('{"a": -Infinity}', (1, 7), "found -Infinity, which is no JSON number", None),
    (
        '{"a": 01}',
        (1, 7),
        "found `01`, which is no JSON number",
        "write numbers like 60, 0.5 or 1e3; anything else in double quotes",
    ),
    (
        '{"a": all}',
        (1, 7),
        "found `all` without quotes, expected a JSON value",
        'if it is a string, write "all"',
    ),
    (
        "{'a': 1}",
        (1, 2),
        "found `'a'` in single quotes, JSON strings have double ones",
        'write it with `"`',
    ),
    (
        '{"a": "x\n"}',
        (1, 7),
        'the string `"x` is not closed on its line',
        'add the closing `"`',
    ),
    (
        '{"a": "x\ty"}',
        (1, 9),
        "found a tab (U+0009) in a string, which JSON does not allow",
        "write `\\t`, or remove it",
    ),
    (
        '{"a": "\\x"}',
        (1, 8),
        "found \\x in a string, which is no JSON escape",
        "a backslash itself is written `\\\\`",
    ),
    (
        '{"a": "\\ud800"}',
        (1, 8),
        "found \\ud800, half of a surrogate pair, which is no character",
        "write the whole pair, or the character itself",
    ),
    ('{"a": 1,, "b": 2}', (1, 9), "found `,` right after another `,`, expected a key", "remove it"),
    ('{"a": , "b": 2}', (1, 7), "found `,` right after `:`, expected a value", None),
    ('{"a": }', (1, 7), "found `}` after `:`, expected a value", None),
    ("[,]", (1, 2), "found `,` right after `[`, expected a value", "remove it"),
    (
        '["a": 1]',
        (1, 5),
        "found `:` inside the list that starts on line 1, expected `,` or `]`",
        "keys stand in objects: enclose the pair in { }",
    ),
    ('{"a": 1 : 2}', (1, 9), "found `:` after `1`, expected `,` or `}`", None),
    (
        '{"a": 1}\n{"b": 2}',
        (2, 1),
        "found `{` after the end of the JSON value, expected the end of the file",
        "to hold several definitions, enclose them in [ ] with commas between them",
    ),
    (
        '{"a": 1, ...}',
        (1, 10),
        "found `...`, which stands for something left out and is no JSON",
        "remove it, or write what it stands for",
    ),
    ("{} /* x", (1, 4), "the comment `/*` is never closed", "add `*/`"),
    (
        "# yaml",
        (1, 1),
        "found `#`, which starts no comment in JSON",
        "start the comment with `//`; for YAML, name the file *.yaml",
    ),
    (
        '{"a":\u00a01}',
        (1, 6),
        "found no-break space (U+00A0), which JSON does not allow outside strings",
        "replace it, by a plain space for instance",
    ),
    (
        '{"a": \0}',
        (1, 7),
        "found a control character (U+0000), which JSON does not allow outside strings",
        "replace it, by a plain space for instance",
    ),
]


@pytest.mark.parametrize(("text", "place", "message", "advice"), MISTAKES)
def test_mistakes(text, place, message, advice):
    """The message says what was found and expected, the advice what to do."""
    with pytest.raises(SyntaxProblem) as problem:
        read_json(SourceText("x.json", text))

    found = problem.value
    assert (place, message, advice) == (found.span[:2], found.message, found.advice)


def test_deep_nesting_that_never_closes():
    """The innermost bracket is shown, without recursion."""
    with pytest.raises(SyntaxProblem) as problem:
        read_json(SourceText("x.json", "[" * 20_000))

    assert (1, 20_000) == problem.value.span[:2]
