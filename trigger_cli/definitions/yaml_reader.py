"""Reads YAML 1.2; keeps the place of every value and key.

The nodes are composed here from ruamel.yaml's events, without recursion, because its own composer
recurses on nested input, resolves YAML 1.1 words such as ``on``, and does not keep the places of
keys.
"""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from trigger_cli.definitions.nodes import (
    MAX_DEPTH,
    MAX_VALUES,
    TOO_MANY,
    Node,
    ObjectMember,
    list_node,
    object_node,
)
from trigger_cli.definitions.scalars import is_lone_surrogate, read_plain_scalar
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.wording import quoted
from trigger_cli.definitions.yaml_mistakes import bad_escape, explain, unreadable_character
from trigger_cli.model import Span

MAX_SIZE = 100_000
"""The most values of a document with its aliases expanded; stops "billion laughs"."""
_MAX_GROWTH = 10

_CORE_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*(?:#.*\s*)*)+")
"""The anchor and the tag of a value, with comments after them."""


def read_yaml(source: SourceText) -> list[Node]:
    """Read every document of a YAML stream; an empty stream has none.

    Raises:
        SyntaxProblem: The text is not YAML, or more deeply nested or larger (with its aliases
            expanded) than any definition.
    """
    try:
        return list(_documents(source))
    except MarkedYAMLError as error:
        raise explain(source, error) from None
    except ReaderError as error:
        raise unreadable_character(source, error.position) from None
    except (ValueError, OverflowError):
        # ruamel.yaml refuses "\ud800" and "\U00110000" this way and does not report the place.
        raise bad_escape(source) from None


class _Open(Struct):
    """A list or mapping that is being read."""

    event: Any
    anchor: str | None
    tag: str | None
    children: list[tuple[Node, bool, int]] = field(default_factory=list)
    """Keys and values in turn, or elements: each a node, whether it is a plain scalar, its end."""


def _documents(source: SourceText) -> Iterator[Node]:
    anchors: dict[str, Node] = {}
    stack: list[_Open] = []
    made = 0
    for count, event in enumerate(YAML(typ="safe", pure=True).parse(source.text)):
        if count > MAX_VALUES:
            raise SyntaxProblem(TOO_MANY[0], _span(source, event), TOO_MANY[1])
        if isinstance(event, DocumentStartEvent):
            anchors, stack = {}, [_Open(event, None, None)]
        elif isinstance(event, DocumentEndEvent):
            yield stack[0].children[0][0]
        elif isinstance(event, AliasEvent):
            node = _alias(source, event, anchors, stack)
            stack[-1].children.append((node, False, event.end_mark.index))
        elif isinstance(event, ScalarEvent):
            node = _scalar(source, event, stack[-1])
            made += 1
            _add(node, event.anchor, anchors)
            stack[-1].children.append((node, _is_plain(event), event.end_mark.index))
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            stack.append(_Open(event, event.anchor, _own_tag(event.tag)))
            if len(stack) > MAX_DEPTH + 1:
                raise SyntaxProblem(
                    f"nested more than {MAX_DEPTH} levels deep, which no definition is",
                    _span(source, event),
                )
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            done = stack.pop()
            end = event.end_mark.index
            if event.start_mark.index == end and done.children:
                # A block ends with its last child, not at the next line indented less.
                end = done.children[-1][2]
            node = _collection(source, done, end)
            made += 1
            if node.size > max(MAX_SIZE, made * _MAX_GROWTH):
                raise SyntaxProblem(
                    f"written out with its aliases this holds more than {MAX_SIZE:,} values",
                    _span(source, done.event),
                    "remove the aliases that repeat other aliases",
                )
            _add(node, done.anchor, anchors)
            stack[-1].children.append((node, False, end))


def _alias(source: SourceText, event: Any, anchors: dict[str, Node], stack: list[_Open]) -> Node:
    name = event.anchor
    if any(level.anchor == name for level in stack):
        raise SyntaxProblem(
            f"the alias {quoted('*' + name)} stands inside its own anchor {quoted('&' + name)}",
            _span(source, event),
        )
    if name not in anchors:
        raise SyntaxProblem(
            f"found the alias {quoted('*' + name)}, but no anchor {quoted('&' + name)} before it",
            _span(source, event),
            f"""if it is a pattern, put it in quotes: "*{name}\"""",
        )
    return anchors[name]


def _add(node: Node, anchor: str | None, anchors: dict[str, Node]) -> None:
    if anchor is not None:
        anchors[anchor] = node


def _scalar(source: SourceText, event: Any, parent: _Open) -> Node:
    span = _span(source, event)
    value: Any = event.value
    tag = event.tag or ""
    if tag.startswith(_CORE_TAG):
        kind = tag.removeprefix(_CORE_TAG)
        if kind in {"int", "float", "bool", "null"}:
            value = read_plain_scalar(value)
    elif _is_plain(event):
        value = read_plain_scalar(value)
    if isinstance(value, str) and any(is_lone_surrogate(character) for character in value):
        raise bad_escape(source)
    empty = _start(source, event, event.end_mark.index) >= event.end_mark.index
    in_value = isinstance(parent.event, MappingStartEvent) and len(parent.children) % 2 == 1
    if empty and in_value:
        # An empty value has no place, so use that of the key.
        span = parent.children[-1][0].span
    return Node(value, span, tag=_own_tag(event.tag))


def _collection(source: SourceText, done: _Open, end: int) -> Node:
    span = source.span(_start(source, done.event, end), end)
    if isinstance(done.event, SequenceStartEvent):
        return list_node((node for node, _, _ in done.children), span, done.tag)
    pairs = []
    inherited: list[tuple[str, ObjectMember]] = []
    turns = iter(done.children)
    for key, plain, _ in turns:
        value, _, _ = next(turns)
        if plain and key.value == _MERGE:
            inherited += _merged(key, value)
        else:
            pairs.append((_key(source, key), key.span, value))
    return object_node(pairs, span, inherited, done.tag)


def _merged(key: Node, value: Node) -> list[tuple[str, ObjectMember]]:
    """The members that ``<<: *base`` or ``<<: [*first, *second]`` adds."""
    bases = value.items if value.is_list else (value,)
    if not all(base.is_object for base in bases):
        raise SyntaxProblem(
            "found `<<` with something that is no mapping, expected an alias to a mapping or a list of them",
            key.span,
        )
    return [item for base in bases for item in base.members.items()]


def _key(source: SourceText, key: Node) -> str:
    if isinstance(key.value, str):
        return key.value
    if key.is_object or key.is_list:
        raise SyntaxProblem(
            "found a list or mapping as a key, expected a word",
            key.span,
            "put it in quotes: {{ … }} is read as two mappings" if key.is_object else None,
        )
    # The keys 1, true and null are read as texts, as in JSON.
    line = source.lines[key.span.line - 1]
    return line[key.span.column - 1 : key.span.end_column - 1]


def _is_plain(event: Any) -> bool:
    return bool(event.implicit[0])


def _own_tag(tag: Any) -> str | None:
    text = str(tag) if tag is not None else ""
    return text if text.startswith("!") and text != "!" else None


def _span(source: SourceText, event: Any) -> Span:
    end = event.end_mark.index
    start = _start(source, event, end)
    stripped = len(source.text[start:end].rstrip())
    return source.span(start, start + stripped)


def _start(source: SourceText, event: Any, end: int) -> int:
    """Where the value itself begins: after its anchor and tag, which an edit of it has to keep."""
    start: int = event.start_mark.index
    found = _PROPERTIES.match(source.text, start, end)
    return found.end() if found else start
