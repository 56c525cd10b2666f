"""JSON without comments or mistakes, read quickly and without places.

``json_reader.py`` reads all that this reads, and alike; it also knows where everything stands,
for which it needs a grammar and 40 ms (``benchmarks/run.py``, lane "start-up").
"""

from __future__ import annotations

import json
from typing import Any, Never

from trigger_cli.definitions.nodes import MAX_DEPTH, MAX_VALUES, Node, list_node, object_node
from trigger_cli.definitions.scalars import read_integer
from trigger_cli.model import Span

NOWHERE = Span(1, 1, 1, 1)
"""The span of every node."""


def read_plain_json(text: str) -> Node | None:
    """The value in `text`, or ``None`` where there is something to say of how it is written."""
    # So long, it might hold too many values; and half of a surrogate pair may lack the other.
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
    # The decoder has made nodes of the objects, and of nothing else.
    if isinstance(value, Node):
        return value
    if isinstance(value, list):
        return list_node(map(_node, value), NOWHERE)
    return Node(value, NOWHERE)


def _not_json(_: str) -> Never:
    """``NaN`` and the like."""
    raise ValueError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=read_integer, parse_constant=_not_json
)
