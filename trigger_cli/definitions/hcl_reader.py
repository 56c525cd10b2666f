"""Reads Terraform (HCL): the ``prefect_automation`` resources of a file, with their places.

python-hcl2 (extra ``hcl``) parses the file; only literal values are taken from its tree. A value
that Terraform computes becomes a template, which only ``terraform apply`` fills in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from trigger_cli.definitions.code import (
    MAX_CODE_DEPTH,
    computed,
    require_code_size,
    template_of,
    too_deep,
    written_in,
)
from trigger_cli.definitions.nodes import Node, list_node, object_node
from trigger_cli.definitions.scalars import is_lone_surrogate, read_integer
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.wording import quoted

if TYPE_CHECKING:
    from lark import Tree

_SAME_WITHOUT = {"jsonencode", "tolist", "toset"}
"""Functions that return a literal argument unchanged."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_INTERPOLATION = re.compile(r"[$%]\{")


class NoParserError(Exception):
    """The extra ``hcl`` is not installed."""


def read_hcl(source: SourceText) -> list[Node]:
    """The attributes of each ``prefect_automation`` resource, in order.

    Raises:
        NoParserError: python-hcl2 is not installed.
        SyntaxProblem: The text is not HCL, or larger or more deeply nested than any definition.
    """
    require_code_size(source)
    reader = _HclReader(source)
    return [
        reader.body(block.children[-2])
        for block in _blocks(_parsed(source))
        if [*map(_word, block.children[:2])] == ["resource", "prefect_automation"]
    ]


def _parsed(source: SourceText) -> Tree[Any]:
    # Imported late: it takes 0.2 s, and it needs the extra.
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415

    try:
        from hcl2 import parses_to_tree  # noqa: PLC0415
    except ImportError:
        raise NoParserError from None
    try:
        tree: Tree[Any] = parses_to_tree(source.text)
    except UnexpectedInput as error:
        start = min(max(error.pos_in_stream or 0, 0), len(source.text))
        found = source.text[start : start + 1].strip()
        raise SyntaxProblem(
            f"not HCL: found {quoted(found) if found else 'the end of a line'} where it cannot stand",
            source.span(start, start + 1),
            "`terraform validate` checks a file too",
        ) from None
    return tree


def _blocks(start: Tree[Any]) -> Iterator[Tree[Any]]:
    (body,) = start.children
    for child in body.children:
        if _is(child, "block"):
            yield child


def _is(node: Any, kind: str) -> bool:
    # Tokens have a `type` but no `data`.
    return getattr(node, "data", None) == kind


def _word(node: Any) -> str | None:
    """A name, or a text without computed parts; else ``None``."""
    while _is(node, "expr_term") and len(node.children) == 1:
        (node,) = node.children
    if not getattr(node, "children", None):
        return None
    if _is(node, "string"):
        parts = [one.children[0] for one in node.children[1:-1]]
        literal = all(getattr(one, "type", "") == "STRING_CHARS" for one in parts)
        return "".join(map(str, parts)) if literal else None
    words = {"identifier", "keyword", "literal_value", "int_lit", "float_lit"}
    return str(node.children[0]) if str(node.data) in words else None


class _HclReader:
    """Converts the parser's trees to nodes."""

    def __init__(self, source: SourceText) -> None:
        self.source = source

    def body(self, body: Tree[Any], depth: int = 0) -> Node:
        """The attributes and blocks of a block; blocks of the same name form a list."""
        pairs = []
        blocks: dict[str, list[tuple[Any, Node]]] = {}
        for child in body.children:
            if _is(child, "attribute"):
                key, _, value = child.children
                pairs.append((str(_word(key)), self.span(key), self.value(value, depth + 1)))
            elif _is(child, "block"):
                key, inner = child.children[0], child.children[-2]
                self.refuse_depth(depth, child)
                blocks.setdefault(str(_word(key)), []).append((key, self.body(inner, depth + 1)))
        for name, found in blocks.items():
            nodes = [node for _, node in found]
            node = nodes[0] if len(nodes) == 1 else list_node(nodes, nodes[0].span)
            pairs.append((name, self.span(found[0][0]), node))
        return object_node(pairs, self.span(body))

    def value(self, tree: Any, depth: int) -> Node:
        """The value of an expression, or a template that represents it."""
        self.refuse_depth(depth, tree)
        if _is(tree, "unary_op") and str(tree.children[0]) == "-":
            number = self.value(tree.children[1], depth + 1)
            if isinstance(number.value, int | float) and not isinstance(number.value, bool):
                return Node(-number.value, self.span(tree))
        if not _is(tree, "expr_term"):
            return self.computed(tree)
        inner = _parts(tree)
        if len(inner) != 1:
            return self.computed(tree)
        (term,) = inner
        match str(term.data):
            case "int_lit":
                return Node(read_integer(str(term.children[0])), self.span(term))
            case "float_lit":
                return Node(float(str(term.children[0])), self.span(term))
            case "literal_value":
                known = {"true": True, "false": False, "null": None}
                return Node(known[str(term.children[0])], self.span(term))
            case "string":
                return self.text(term)
            case "heredoc_template" | "heredoc_template_trim":
                return self.heredoc(term)
            case "tuple":
                items = [self.value(one, depth + 1) for one in _parts(term)]
                return list_node(items, self.span(term))
            case "object":
                return self.object(term, depth)
            case "function_call":
                return self.call(term, depth)
            case "expr_term" | "unary_op":  # in parentheses
                return self.value(term, depth + 1)
        return self.computed(tree)

    def object(self, tree: Tree[Any], depth: int) -> Node:
        pairs = []
        for child in tree.children:
            if _is(child, "object_elem"):
                key, _, value = child.children
                name = _word(key.children[0])
                if name is None:
                    return self.computed(tree)
                pairs.append((name, self.span(key), self.value(value, depth + 1)))
        return object_node(pairs, self.span(tree))

    def call(self, tree: Tree[Any], depth: int) -> Node:
        calls = (one for one in tree.children if _is(one, "arguments"))
        arguments = [part for one in calls for part in _parts(one)]
        if _word(tree.children[0]) in _SAME_WITHOUT and len(arguments) == 1:
            return self.value(arguments[0], depth + 1)
        return self.computed(tree)

    def text(self, tree: Tree[Any]) -> Node:
        has_values = False
        parts = []
        for part in (one.children[0] for one in tree.children[1:-1]):
            if _is(part, "interpolation"):
                has_values = True
                parts.append(template_of(self.written(part.children[1])))
            elif getattr(part, "type", "") == "STRING_CHARS":
                parts.append(self.unescaped(str(part), tree))
            elif getattr(part, "type", "").startswith("ESCAPED"):
                parts.append(str(part)[1:])
            else:  # `%{ if … }`
                return self.computed(tree)
        written = self.written(tree) if has_values else None
        return Node("".join(parts), self.span(tree), written=written)

    def heredoc(self, tree: Tree[Any]) -> Node:
        lines = str(tree.children[0]).rstrip("\n").split("\n")
        text = "\n".join(lines[1:-1])
        if _INTERPOLATION.search(text):
            return self.computed(tree)
        is_trimmed = _is(tree, "heredoc_template_trim")
        return Node((dedent(text) if is_trimmed else text) + "\n", self.span(tree))

    def unescaped(self, text: str, tree: Tree[Any]) -> str:
        def character(found: re.Match[str]) -> str:
            if found[3]:
                return _ESCAPED.get(found[3], found[0])
            number = int(found[1] or found[2], 16)
            if number > 0x10FFFF or is_lone_surrogate(chr(number)):
                raise SyntaxProblem(
                    f"found {found[0]}, which is no character",
                    self.span(tree),
                    "write the character itself",
                )
            return chr(number)

        return _ESCAPE.sub(character, text)

    def computed(self, tree: Any) -> Node:
        return computed(self.written(tree), self.span(tree))

    def written(self, tree: Any) -> str:
        return written_in(self.source, tree.meta.start_pos, tree.meta.end_pos)

    def span(self, tree: Any) -> Any:
        if hasattr(tree.meta, "start_pos"):
            return self.source.span(tree.meta.start_pos, tree.meta.end_pos)
        return self.source.span(0, 1)  # an empty body

    def refuse_depth(self, depth: int, tree: Any) -> None:
        if depth > MAX_CODE_DEPTH:
            raise too_deep(self.span(tree))


def _parts(tree: Tree[Any]) -> list[Any]:
    """The content of a list, arguments or parentheses, without marks, newlines and comments."""
    return [
        one for one in tree.children if hasattr(one, "data") and not _is(one, "new_line_or_comment")
    ]
