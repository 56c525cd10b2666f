"""Tests of ``definitions/nodes.py``."""

import pytest

from trigger_cli.definitions.nodes import (
    MAX_DEPTH,
    Node,
    ObjectMember,
    format_pointer,
    list_node,
    locate,
    object_node,
    parse_pointer,
    too_deep,
    walk,
)
from trigger_cli.model import Span

HERE = Span(1, 1, 1, 2)
THERE = Span(2, 1, 2, 2)


def scalar(value):
    return Node(value, HERE)


def nested(depth):
    node = scalar(1)
    for _ in range(depth - 1):
        node = list_node([node], HERE)
    return node


def test_the_last_of_repeated_keys_counts():
    """A key given again replaces the first, and is remembered."""
    node = object_node([("a", HERE, scalar(1)), ("a", THERE, scalar(2))], HERE)

    assert ({"a": 2}, [("a", THERE, HERE)]) == (node.value, list(node.repeated))


def test_own_keys_are_stronger_than_inherited_ones():
    """Of merged members the first counts, and the object's own before them all."""
    inherited = [("a", ObjectMember(HERE, scalar(n))) for n in (1, 2)]
    inherited.append(("b", ObjectMember(HERE, scalar(3))))

    node = object_node([("b", HERE, scalar(4))], HERE, inherited)

    assert ({"a": 1, "b": 4}, ()) == (node.value, node.repeated)


def test_sizes_and_depths():
    """A node knows how many values it holds and how deep they go."""
    node = list_node([scalar(1), list_node([scalar(2), scalar(3)], HERE)], HERE)

    assert (5, 3) == (node.size, node.depth)


@pytest.mark.parametrize(("depth", "expected"), [(MAX_DEPTH, None), (MAX_DEPTH + 5, 5)])
def test_too_deep(depth, expected):
    """The first value past the limit is found, however deep the rest goes."""
    found = too_deep(nested(depth))

    assert expected == (found.depth if found else None)


def test_depth_costs_no_stack():
    """Thousands of levels are walked without recursion."""
    assert 3000 == sum(1 for _ in walk(nested(3000)))


def test_shared_values_are_walked_once():
    """What two keys share, as YAML aliases do, is met once."""
    shared = scalar(1)

    assert 2 == sum(1 for _ in walk(list_node([shared, shared], HERE)))


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [("/a~1b/0", 1), ("/a~1b/1/m~0n", 2), ("/0", 3)],
)
def test_pointers(pointer, expected):
    """A JSON Pointer leads to its value and is written back as it was."""
    inner = object_node([("m~n", HERE, scalar(2))], HERE)
    listed = list_node([scalar(1), inner], HERE)
    root = object_node([("a/b", HERE, listed), ("0", HERE, scalar(3))], HERE)

    place = parse_pointer(root, pointer)
    found = locate(root, place)

    assert pointer == format_pointer(place)
    assert found is not None
    assert expected == found.node.value


def test_the_empty_pointer_is_the_whole_document():
    """RFC 6901: the empty pointer names the document."""
    root = scalar(1)

    assert ((), "") == (parse_pointer(root, ""), format_pointer(()))
    assert locate(root, ()) == ObjectMember(HERE, root)


def test_a_pointer_to_nothing():
    """What is not there is not found, whatever the pointer says."""
    root = list_node([scalar(1)], HERE)

    assert [None, None, None] == [
        locate(root, parse_pointer(root, pointer)) for pointer in ("/1", "/x", "/0/0")
    ]
