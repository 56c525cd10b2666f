"""A fast reader of JSON without comments, mistakes or places.

``json_reader.py`` gives the same values, and also the place of each. For that it needs a grammar
and 40 ms (``benchmarks/run.py``, lane "start-up").
"""

import json
from typing import Any, Never

from trigger_cli.definitions.nodes import MAX_DEPTH, MAX_VALUES, Node, list_node, object_node
from trigger_cli.definitions.scalars import read_integer
from trigger_cli.model import Span

NOWHERE = Span(1, 1, 1, 1)
"""The span of every node."""


def read_plain_json(text: str) -> Node | None:
    """The value in `text`, or ``None`` if the text must be read with places."""
    # A longer text may contain too many values; an escape may be half of a surrogate pair.
    if len(text) > MAX_VALUES or "\\ud" in text.lower():
        return None
    try:
        root = _node(_DECODER.decode(text))
    except (ValueError, RecursionError):
        return None
    return root if root.depth <= MAX_DEPTH else None


def _object(pairs: list[tuple[str, Any]]) -> Node:
    node = object_node(((key, NOWHERE, _node(value)) for key, value in pairs), NOWHERE)
    if node.repeated:
        raise ValueError
    return node


def _node(value: Any) -> Node:
    # The decoder creates nodes only for objects.
    if isinstance(value, Node):
        return value
    if isinstance(value, list):
        return list_node(map(_node, value), NOWHERE)
    return Node(value, NOWHERE)


def _no_constant(_: str) -> Never:
    raise ValueError  # ``NaN`` and similar words are not JSON


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=read_integer, parse_constant=_no_constant
)
