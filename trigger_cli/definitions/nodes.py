"""The result of the JSON and YAML readers: values with their places.

A node is created after its children and never walked recursively, so nothing here depends on the
depth of the file's nesting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.model import Span

MAX_DEPTH = 220
"""The most levels of lists and objects; real definitions have about ten."""

MAX_VALUES = 100_000
"""The most values in one file, keys of YAML included; an automation has about forty."""
TOO_MANY = (
    f"this holds more than {MAX_VALUES:,} values, which no file of definitions does",
    "split it; an event log is given with --log",
)

Pointer = tuple[str | int, ...]
"""A place in a document: the keys and list indexes that lead to it."""


def is_template(value: Any) -> bool:
    """Whether a value is a text that contains a template."""
    return isinstance(value, str) and "}}" in value.partition("{{")[2]


class Node(Struct, frozen=True):
    """One value of a document and its place."""

    value: Any
    """The plain Python value, children included."""
    span: Span
    items: tuple[Node, ...] = ()
    """The elements, if this is a list."""
    members: dict[str, ObjectMember] = field(default_factory=dict)
    """The members by key, if this is an object."""
    repeated: tuple[RepeatedKey, ...] = ()
    """The keys that this object gives more than once; the last value counts."""
    tag: str | None = None
    """A YAML tag that the file defines, e.g. ``!Ref``."""
    depth: int = 1
    size: int = 1
    """How many values it contains, itself included, with YAML aliases expanded."""
    written: str | None = None
    """The text in the file, if the value differs from it: a template that was filled in, or a
    computed expression, whose value is a template."""

    @property
    def is_object(self) -> bool:
        """Whether this is an object (mapping)."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this is a list (sequence)."""
        return isinstance(self.value, list)

    @property
    def is_computed(self) -> bool:
        """Whether a program or Terraform computes this value or a part of it."""
        return self.written is not None and is_template(self.value)

    def get(self, key: str) -> Node | None:
        """The member `key` of an object, if there is one."""
        member = self.members.get(key)
        return member.node if member else None


class ObjectMember(NamedTuple):
    """One key of an object with its value."""

    key_span: Span
    node: Node


class RepeatedKey(NamedTuple):
    """A key given again in the same object."""

    key: str
    span: Span
    first: Span


def list_node(items: Iterable[Node], span: Span, tag: str | None = None) -> Node:
    """A list of `items`."""
    children = tuple(items)
    return Node(
        value=[child.value for child in children],
        span=span,
        items=children,
        tag=tag,
        depth=1 + max((child.depth for child in children), default=0),
        size=1 + sum(child.size for child in children),
    )


def object_node(
    pairs: Iterable[tuple[str, Span, Node]],
    span: Span,
    inherited: Iterable[tuple[str, ObjectMember]] = (),
    tag: str | None = None,
) -> Node:
    """An object of `pairs`; a repeated key replaces the earlier one and is recorded.

    `inherited` are the members from YAML merge keys, the strongest first; the object's own keys
    take precedence.
    """
    own: dict[str, ObjectMember] = {}
    repeated = []
    for key, key_span, child in pairs:
        if key in own:
            repeated.append(RepeatedKey(key, key_span, own[key].key_span))
        own[key] = ObjectMember(key_span, child)
    members: dict[str, ObjectMember] = {}
    for key, member in inherited:
        members.setdefault(key, member)
    members.update(own)
    children = [member.node for member in members.values()]
    return Node(
        value={key: member.node.value for key, member in members.items()},
        span=span,
        members=members,
        repeated=tuple(repeated),
        tag=tag,
        depth=1 + max((child.depth for child in children), default=0),
        size=1 + sum(child.size for child in children),
    )


def with_members(node: Node, members: dict[str, ObjectMember]) -> Node:
    """The object with other members."""
    pairs = ((key, one.key_span, one.node) for key, one in members.items())
    return replace(object_node(pairs, node.span, tag=node.tag), repeated=node.repeated)


def locate(root: Node, pointer: Pointer) -> ObjectMember | None:
    """The value at `pointer` with the span of its key, or of the value itself in a list."""
    found = ObjectMember(root.span, root)
    for part in pointer:
        node = found.node
        if isinstance(part, str) and part in node.members:
            found = node.members[part]
        elif isinstance(part, int) and 0 <= part < len(node.items):
            child = node.items[part]
            found = ObjectMember(child.span, child)
        else:
            return None
    return found


def walk(root: Node) -> Iterator[tuple[Pointer, Node]]:
    """Every value below `root`, itself included; a value shared by YAML aliases comes once."""
    seen: set[int] = set()
    waiting: list[tuple[Pointer, Node]] = [((), root)]
    while waiting:
        pointer, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield pointer, node
        waiting += [((*pointer, index), child) for index, child in enumerate(node.items)]
        waiting += [((*pointer, key), member.node) for key, member in node.members.items()]


def too_deep(root: Node) -> Node | None:
    """The first value nested deeper than `MAX_DEPTH`, if there is one."""
    if root.depth <= MAX_DEPTH:
        return None
    node = root
    for _ in range(MAX_DEPTH):
        children = node.items or [member.node for member in node.members.values()]
        node = max(children, key=lambda child: child.depth)
    return node


def format_pointer(pointer: Pointer) -> str:
    """Format a place as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def pointer_parts(text: str) -> list[str]:
    """The keys and indices of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def parse_pointer(root: Node, text: str) -> Pointer:
    """Parse a JSON Pointer; whether a number is an index depends on the value in `root`."""
    pointer: list[str | int] = []
    node: Node | None = root
    for part in pointer_parts(text):
        index = int(part) if part.isascii() and part.isdigit() and len(part) < 10 else None
        step: str | int = index if index is not None and node and node.is_list else part
        pointer.append(step)
        found = locate(node, (step,)) if node else None
        node = found.node if found else None
    return tuple(pointer)
