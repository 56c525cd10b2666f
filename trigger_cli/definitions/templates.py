"""Fills in templates in definitions, as ``prefect deploy`` does.

``{{ prefect.variables.NAME }}`` is a variable of the workspace; ``{{ $NAME }}`` below
``deployments`` is an environment variable. A template without a value stays as it is.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from operator import is_

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.definitions.nodes import Node, ObjectMember, list_node, with_members
from trigger_cli.definitions.plain_json import read_plain_json
from trigger_cli.model import Span

# As in Prefect's `utilities/templating.py`; possessive, because it never needs to backtrack.
_PLACEHOLDER = re.compile(r"\{\{\s*+([\w.\-\[\]$]++)\s*+\}\}")
_VARIABLE = "prefect.variables."
_ENVIRONMENT = "$"
_NAME = re.compile(r"[\w.\-\[\]]++")


class Values(Struct, frozen=True):
    """The values of template variables, as texts."""

    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.variables or self.environment)


_NONE = Values()
_CURRENT = ContextVar("values", default=_NONE)


@contextmanager
def filling_in(values: Values) -> Iterator[None]:
    """Fill in templates with `values` in every definition that is read inside the context."""
    token = _CURRENT.set(values)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def given_variables() -> Mapping[str, str]:
    """The variables with which templates are filled in, without the environment's."""
    return _CURRENT.get().variables


def is_variable_name(text: str) -> bool:
    """Whether a template can contain a variable of this name."""
    return _NAME.fullmatch(text) is not None


def advice_for(template: str) -> str | None:
    """How to set the first value that `template` lacks; ``None`` if the user cannot set it."""
    for name in _PLACEHOLDER.findall(template):
        if name.startswith(_VARIABLE):
            return f"to give it a value: --var {name.removeprefix(_VARIABLE)}=VALUE"
        if name.startswith(_ENVIRONMENT):
            return f"set {name.removeprefix(_ENVIRONMENT)} in the environment: it is filled in below `deployments`"
    return None


def can_fill(text: str) -> bool:
    """Whether `text` contains a template that may be filled in."""
    names = _PLACEHOLDER.findall(text) if _CURRENT.get() else []
    return any(name.startswith((_VARIABLE, _ENVIRONMENT)) for name in names)


def filled(root: Node) -> Node:
    """The document with its templates filled in; every value keeps its place.

    If a variable is the whole text, its value is parsed as JSON if possible, else it is a text. A
    variable inside a text is inserted unchanged. An environment variable is always a text.
    """
    values = _CURRENT.get()
    return _Filler(values).node(root, below_deployments=False) if values else root


class _Filler(Struct):
    values: Values
    done: dict[tuple[int, bool], Node] = field(default_factory=dict)
    """By identity: YAML aliases share nodes, and expanded they would be many."""

    def node(self, node: Node, *, below_deployments: bool) -> Node:
        key = (id(node), below_deployments)
        if key not in self.done:
            self.done[key] = self._filled(node, below_deployments=below_deployments)
        return self.done[key]

    def _filled(self, node: Node, *, below_deployments: bool) -> Node:
        if isinstance(node.value, str):
            return self._text(node, below_deployments=below_deployments)
        if node.is_list:
            items = [self.node(one, below_deployments=below_deployments) for one in node.items]
            if all(map(is_, items, node.items)):
                return node
            return list_node(items, node.span, node.tag)
        members = {
            key: ObjectMember(
                one.key_span,
                self.node(one.node, below_deployments=below_deployments or key == "deployments"),
            )
            for key, one in node.members.items()
        }
        if all(one.node is node.members[key].node for key, one in members.items()):
            return node
        return with_members(node, members)

    def _text(self, node: Node, *, below_deployments: bool) -> Node:
        text = str(node.value)
        whole = _PLACEHOLDER.fullmatch(text)
        if whole and whole[1].startswith(_VARIABLE):
            given = self.values.variables.get(whole[1].removeprefix(_VARIABLE))
            read = None if given is None else read_plain_json(given)
            if read is not None:
                return placed(read, node.span, text)

        def value_of(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith(_VARIABLE):
                return self.values.variables.get(name.removeprefix(_VARIABLE), found[0])
            if name.startswith(_ENVIRONMENT) and below_deployments:
                return self.values.environment.get(name.lstrip(_ENVIRONMENT), found[0])
            return found[0]

        put_in = _PLACEHOLDER.sub(value_of, text)
        return node if put_in == text else replace(node, value=put_in, written=text)


def placed(node: Node, span: Span, written: str | None = None) -> Node:
    """A value parsed from a text, such as a variable's: every part gets the text's place."""
    return replace(
        node,
        span=span,
        written=written,
        items=tuple(placed(one, span, written) for one in node.items),
        members={
            key: ObjectMember(span, placed(one.node, span, written))
            for key, one in node.members.items()
        },
    )
