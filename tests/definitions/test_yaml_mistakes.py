"""Tests of ``definitions/yaml_mistakes.py``."""

import pytest

from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.yaml_reader import read_yaml

MISTAKES = [
    (
        "a:\n\t- b",
        (2, 1),
        "not YAML: found character '\\t' that cannot start any token",
        "YAML is indented by spaces: replace the tab",
    ),
    (
        "a: b: c",
        (1, 5),
        "not YAML: found `:` where no key can stand",
        "check the indentation, or put the value in quotes",
    ),
    (
        '// what `events --suggest` writes\n{\n  "name": "x"\n}',
        (3, 9),
        "not YAML: found `:` where no key can stand",
        "this is JSON with comments: let the name of the file end in .json",
    ),
    (
        "a: [b",
        (1, 6),
        "not YAML: expected ',' or ']', but got the end of the file, while parsing a flow sequence that starts on line 1",
        "add the missing `,` or `]`",
    ),
    (
        'a: "x',
        (1, 6),
        "not YAML: found the end of the file, expected the closing quote, while scanning a quoted scalar that starts on line 1",
        "add the closing quote",
    ),
    (
        "a:\n   b: 1\n  c: 2",
        (3, 3),
        "not YAML: expected the end of the block, but found keys that are indented differently, while parsing a block mapping that starts on line 1",
        "check the indentation and the line before",
    ),
    (
        "expect: [*]",
        (1, 11),
        "not YAML: expected alphabetic or numeric character, but found ']', while scanning an alias that starts on line 1",
        "put patterns that start with `*` in quotes",
    ),
    (
        "match: {a: !b, c: d}",
        (1, 17),
        "not YAML: expected ',' or '}', but got ':', while parsing a flow mapping that starts on line 1",
        "put patterns that start with `!` in quotes",
    ),
    (
        "a: @b",
        (1, 4),
        "not YAML: found character '@' that cannot start any token",
        "put the value in quotes",
    ),
    (
        "a: x\0",
        (1, 5),
        "found a control character (U+0000), which YAML does not allow",
        "remove it",
    ),
    (
        'b: "\\u00e9"\na: "\\ud800"',
        (2, 5),
        "found \\ud800, which is no character",
        "write the character itself",
    ),
    (
        'a: "\\U00110000"',
        (1, 5),
        "found \\U00110000, which is no character",
        "write the character itself",
    ),
]


@pytest.mark.parametrize(("text", "place", "message", "advice"), MISTAKES)
def test_mistakes(text, place, message, advice):
    """The message keeps what ruamel.yaml found, in plainer words, with advice."""
    with pytest.raises(SyntaxProblem) as problem:
        read_yaml(SourceText("x.yaml", text))

    found = problem.value
    assert (place, message, advice) == (found.span[:2], found.message, found.advice)
