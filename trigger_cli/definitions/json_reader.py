"""Reads JSON with comments and trailing commas; keeps the place of every value and key.

The grammar also has tokens for common mistakes (single quotes, ``...``, bare words), so that every
text splits into tokens and every mistake is *a token that is not allowed there*.
``json_mistakes.py`` names the mistake.
"""

import json
import re
from functools import cache
from itertools import islice
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedToken

from trigger_cli.definitions.json_mistakes import bad_escape, explain, token_span
from trigger_cli.definitions.nodes import MAX_VALUES, TOO_MANY, Node, list_node, object_node
from trigger_cli.definitions.scalars import is_lone_surrogate, read_integer
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.model import Span

_GRAMMAR = r"""
document: value
?value: object | array | scalar
object: LBRACE (member (COMMA member)* COMMA?)? RBRACE
member: STRING COLON value
array: LBRACK (value (COMMA value)* COMMA?)? RBRACK
scalar: STRING | INTEGER | FLOAT | TRUE | FALSE | NULL

// Never parsed: it keeps the lexer from throwing away the tokens of mistakes.
mistake: OPEN_COMMENT | CONTROL_STRING | OPEN_STRING | SINGLE_QUOTED | ELLIPSIS | WORD | ODD

LBRACE.9: "{"
RBRACE.9: "}"
LBRACK.9: "["
RBRACK.9: "]"
COMMA.9: ","
COLON.9: ":"

// Possessive, as each choice that could be taken back costs memory: a string may be megabytes long.
STRING.9: /"(?:[^"\\\x00-\x1f]++|\\[^\x00-\x1f])*+"/
FLOAT.8: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?![^\s{}\[\],:"'\/])/
INTEGER.7: /-?(?:0|[1-9][0-9]*)(?![^\s{}\[\],:"'\/])/
TRUE.7: /true(?![^\s{}\[\],:"'\/])/
FALSE.7: /false(?![^\s{}\[\],:"'\/])/
NULL.7: /null(?![^\s{}\[\],:"'\/])/

BLANK.9: /[ \t\r\n]+/
LINE_COMMENT.9: /\/\/[^\n]*/
BLOCK_COMMENT.9: /\/\*[\s\S]*?\*\//
%ignore BLANK
%ignore LINE_COMMENT
%ignore BLOCK_COMMENT

OPEN_COMMENT.5: /\/\*[\s\S]*/
CONTROL_STRING.5: /"(?:[^"\\\n]++|\\[^\n])*+"/
OPEN_STRING.4: /"(?:[^"\\\n]++|\\[^\n])*+/
SINGLE_QUOTED.4: /'(?:[^'\\\n]++|\\[^\n])*+'/
ELLIPSIS.4: /\.\.\.|…/
WORD.3: /[^\s{}\[\],:"'\/…]+/
ODD.1: /[\s\S]/
"""


# The tokens that may precede a value; strings and comments are skipped.
_STRUCTURE = re.compile(
    r'"(?:[^"\\\n]++|\\.)*+"?|//[^\n]*+|/\*(?:[\s\S]*?\*/|[\s\S]*+)|(?P<value>[{\[,])'
)


class _Builder(Transformer[Token, Node]):
    """Creates the nodes during parsing; it has no state."""

    def document(self, children: list[Node]) -> Node:
        return children[0]

    def object(self, children: list[Any]) -> Node:
        pairs = [child for child in children if not isinstance(child, Token)]
        return object_node(pairs, _between(children[0], children[-1]))

    def member(self, children: list[Any]) -> tuple[str, Span, Node]:
        key, _, value = children
        return _decode(key), token_span(key), value

    def array(self, children: list[Any]) -> Node:
        items = [child for child in children if not isinstance(child, Token)]
        return list_node(items, _between(children[0], children[-1]))

    def scalar(self, children: list[Token]) -> Node:
        token = children[0]
        return Node(_scalar_value(token), token_span(token))


@cache
def _parser() -> Lark:
    """The parser, created for the first JSON file of a process."""
    return Lark(
        _GRAMMAR,
        parser="lalr",
        lexer="basic",
        start=["document", "mistake"],
        transformer=_Builder(),
        maybe_placeholders=False,
        keep_all_tokens=True,
    )


def read_json(source: SourceText) -> Node:
    """Read one JSON value with comments and trailing commas.

    Raises:
        SyntaxProblem: The text is not JSON; the problem states the mistake and its place.
    """
    _check_size(source)
    try:
        # With the transformer above, `parse` returns the result of `document`.
        return cast("Node", _parser().parse(source.text, start="document"))
    except UnexpectedToken:
        raise explain_json(source) from None


def explain_json(source: SourceText) -> SyntaxProblem:
    """Why `source` is not JSON."""
    attempt = _parser().parse_interactive(source.text, start="document")
    before: list[Token] = []
    for token in _parser().lex(source.text):
        try:
            attempt.feed_token(token)
        except UnexpectedToken as error:
            return explain(source, before, token, set(error.expected))
        before.append(token)
    return explain(source, before, None, set())


def _check_size(source: SourceText) -> None:
    """Refuse a file with so many values that reading it would take minutes and gigabytes."""
    starts = (found for found in _STRUCTURE.finditer(source.text) if found.lastgroup == "value")
    last = next(islice(starts, MAX_VALUES, None), None)
    if last is not None:
        raise SyntaxProblem(TOO_MANY[0], source.span(last.start(), last.end()), TOO_MANY[1])


def _scalar_value(token: Token) -> Any:
    match token.type:
        case "STRING":
            return _decode(token)
        case "INTEGER":
            return read_integer(token)
        case "FLOAT":
            return float(token)
        case other:
            return {"TRUE": True, "FALSE": False, "NULL": None}[other]


def _decode(token: Token) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        text: str = json.loads(token)
    except json.JSONDecodeError as error:
        raise bad_escape(token, error.pos) from None
    if any(is_lone_surrogate(character) for character in text):
        raise bad_escape(token, token.lower().index("\\ud"))
    return text


def _between(first: Token, last: Token) -> Span:
    return Span(*token_span(first)[:2], *token_span(last)[2:])
