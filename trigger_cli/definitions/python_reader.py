"""Reads Python that creates automations: calls of Prefect's own classes, with their places.

The text is parsed and never run, and nothing that it names is imported. A value that is not a
literal becomes a template, which is never filled in.
"""

from __future__ import annotations

import ast
import re
import warnings
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import accumulate
from typing import Final

from msgspec import Struct, field

from trigger_cli.definitions.code import (
    MAX_CODE_DEPTH,
    computed,
    require_code_size,
    template_of,
    too_deep,
    written_in,
)
from trigger_cli.definitions.nodes import (
    MAX_VALUES,
    TOO_MANY,
    Node,
    list_node,
    object_node,
)
from trigger_cli.definitions.scalars import bounded_integer, is_lone_surrogate
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.model import Span

_TRIGGERS: Final = {
    f"{prefix}{kind.capitalize()}Trigger": kind
    for prefix in ("", "Deployment")
    for kind in ("event", "metric", "compound", "sequence")
}
_AUTOMATIONS: Final = {"Automation", "AutomationCore"}
_CHOICES: Final = {
    "Posture": {one: one for one in ("Reactive", "Proactive", "Metric")},
    "PrefectMetric": {one: one for one in ("lateness", "duration", "successes")},
    "MetricTriggerOperator": {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="},
}
_SAME_WITHOUT: Final = {"list", "set", "frozenset", "tuple", "ResourceSpecification"}
"""Classes that return their only argument unchanged."""
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LARGEST_FACTOR = 10**12


def read_python(source: SourceText) -> Node:
    """The automations and triggers of a module, as a document with one list of `triggers`.

    A trigger that an automation uses by name is listed only with that automation.

    Raises:
        SyntaxProblem: The text is not Python, or larger or more deeply nested than any definition.
    """
    require_code_size(source)
    reader = _PythonReader(source, _parsed(source))
    calls = [*_outermost(reader)]
    # Automations first, so that triggers they use by name belong to them.
    nodes = {id(one): reader.value(one) for one in calls if reader.class_of(one) in _AUTOMATIONS}
    taken = set(reader.taken)
    nodes |= {id(one): reader.value(one) for one in calls if id(one) not in nodes}
    listed = list_node((nodes[id(one)] for one in calls if id(one) not in taken), Span(1, 1, 1, 2))
    if listed.size > MAX_VALUES:
        raise SyntaxProblem(TOO_MANY[0], listed.span, TOO_MANY[1])
    return object_node([("triggers", listed.span, listed)], listed.span)


def _parsed(source: SourceText) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings such as that for `"\d"` do not matter here
            return ast.parse(source.text)
    except SyntaxError as error:
        line = min(max(error.lineno or 1, 1), len(source.lines))
        column = max(error.offset or 1, 1)
        raise SyntaxProblem(
            f"not Python: {error.msg}", Span(line, column, line, column + 1)
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise SyntaxProblem(
            "not Python that can be read: it is nested too deeply, or holds a NUL",
            Span(1, 1, 1, 2),
        ) from None


def _outermost(reader: _PythonReader) -> Iterator[ast.Call]:
    """The calls of Prefect's classes that are not inside another such call, in order."""
    waiting: list[ast.AST] = [reader.module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and reader.class_of(node) in {*_AUTOMATIONS, *_TRIGGERS}:
            yield node
        else:
            waiting += reversed([*ast.iter_child_nodes(node)])


class _PythonReader(Struct):
    """Converts Python's syntax trees to nodes."""

    source: SourceText
    module: ast.Module
    imported: dict[str, str] = field(default_factory=dict)
    """The full name for each imported name: `{"ET": "prefect.events.EventTrigger"}`."""
    assigned: dict[str, ast.expr] = field(default_factory=dict)
    """The value of each name that is assigned only once."""
    own: set[str] = field(default_factory=set)
    """The classes and functions that the file defines."""
    taken: list[int] = field(default_factory=list)
    """The calls that were used by name."""
    done: dict[int, Node] = field(default_factory=dict)
    widths: dict[int, array[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        stored: Counter[str] = Counter()
        for node in ast.walk(self.module):
            match node:
                case ast.Import(names=names):
                    self.imported |= {
                        one.asname or one.name.partition(".")[0]: one.name
                        if one.asname
                        else one.name.partition(".")[0]
                        for one in names
                    }
                case ast.ImportFrom(module=module, names=names):
                    self.imported |= {
                        one.asname or one.name: f"{module or '.'}.{one.name}" for one in names
                    }
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                    self.own.add(name)
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                    stored[name] += 1
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    self.assigned[name] = value
        self.assigned = {name: one for name, one in self.assigned.items() if stored[name] == 1}

    def name_of(self, node: ast.expr) -> str:
        """A dotted name with imports resolved; empty if the node is not a name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < MAX_CODE_DEPTH:
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self.own:
            return ""
        return ".".join([self.imported.get(node.id, node.id), *reversed(parts)])

    def class_of(self, call: ast.Call) -> str:
        """The name of the Prefect class that is called; empty for any other call."""
        package, _, name = self.name_of(call.func).rpartition(".")
        return name if package in {"", "."} or package.split(".")[0] == "prefect" else ""

    def value(self, node: ast.expr, depth: int = 0) -> Node:
        """The value of an expression, or a template that represents it."""
        if depth > MAX_CODE_DEPTH:
            raise too_deep(self.span(node))
        if id(node) not in self.done:
            self.done[id(node)] = self._value(node, depth)
        return self.done[id(node)]

    def _value(self, node: ast.expr, depth: int) -> Node:
        match node:
            case ast.Constant(value=bool() | None as value):
                return Node(value, self.span(node))
            case ast.Constant(value=int() as value):
                return Node(bounded_integer(value), self.span(node))
            case ast.Constant(value=float() as value):
                return Node(value, self.span(node))
            case ast.Constant(value=str() as value) if not any(map(is_lone_surrogate, value)):
                return Node(value, self.span(node))
            case ast.JoinedStr(values=parts):
                return self.formatted(node, parts)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                if not any(isinstance(one, ast.Starred) for one in items):
                    nodes = [self.value(one, depth + 1) for one in items]
                    return list_node(nodes, self.span(node))
            case ast.Dict(keys=keys, values=values):
                return self.object(node, keys, values, depth)
            case ast.UnaryOp() | ast.BinOp():
                number = self.number(node, depth)
                if number is not None:
                    return Node(number, self.span(node))
            case ast.Attribute():
                *_, kind, choice = ["", *self.name_of(node).split(".")]
                if choice in _CHOICES.get(kind, {}):
                    return Node(_CHOICES[kind][choice], self.span(node))
            case ast.Name(id=name) if name in self.assigned:
                expression = self.assigned[name]
                self.taken.append(id(expression))
                return self.value(expression, depth + 1)
            case ast.Call():
                return self.call(node, depth)
        return self.computed(node)

    def formatted(self, node: ast.expr, parts: list[ast.expr]) -> Node:
        text = "".join(
            str(one.value)
            if isinstance(one, ast.Constant)
            else template_of(self.written(one.value))
            for one in parts
            if isinstance(one, ast.Constant | ast.FormattedValue)
        )
        has_values = any(isinstance(one, ast.FormattedValue) for one in parts)
        return Node(text, self.span(node), written=self.written(node) if has_values else None)

    def object(
        self, node: ast.expr, keys: list[ast.expr | None], values: list[ast.expr], depth: int
    ) -> Node:
        pairs = []
        for key, value in zip(keys, values, strict=True):
            name = None if key is None else self.value(key, depth + 1)
            if name is None or not isinstance(name.value, str) or name.written is not None:
                return self.computed(node)
            pairs.append((name.value, name.span, self.value(value, depth + 1)))
        return object_node(pairs, self.span(node))

    def number(self, node: ast.expr, depth: int) -> int | float | None:
        """The number that an arithmetic expression of numbers evaluates to."""
        operands = [node.operand] if isinstance(node, ast.UnaryOp) else []
        operands += [node.left, node.right] if isinstance(node, ast.BinOp) else []
        values = [self.value(one, depth + 1).value for one in operands]
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in values):
            return None
        if any(abs(one) > _LARGEST_FACTOR for one in values):
            return None
        result: int | float | None = None
        match getattr(node, "op", None), values:
            case ast.USub(), [one]:
                result = -one
            case ast.UAdd(), [one]:
                result = +one
            case ast.Add(), [one, other]:
                result = one + other
            case ast.Sub(), [one, other]:
                result = one - other
            case ast.Mult(), [one, other]:
                result = one * other
            case ast.Div(), [one, other] if other:
                result = one / other
        return result

    def call(self, node: ast.Call, depth: int) -> Node:
        name = self.class_of(node)
        arguments = {one.arg: one.value for one in node.keywords}
        if self.name_of(node.func) in {"timedelta", "datetime.timedelta"}:
            return self.duration(node, arguments, depth)
        if name in _SAME_WITHOUT and len(node.args) == 1 and not arguments:
            return self.value(node.args[0], depth + 1)
        is_prefects = name in {*_AUTOMATIONS, *_TRIGGERS, "MetricTriggerQuery", "dict"}
        is_action = self.name_of(node.func).startswith("prefect.") and name[:1].isupper()
        if None in arguments or node.args or not (is_prefects or is_action):
            return self.computed(node)
        # In a call, the place of a parameter's name is used as that of its key.
        pairs = [
            (str(one.arg), self.name_span(one), self.value(one.value, depth + 1))
            for one in node.keywords
        ]
        head = self.span(node.func)
        if kind := _TRIGGERS.get(name):
            pairs.insert(0, ("type", head, Node(kind, head)))
            # The classes have these defaults, and send them.
            if kind == "event" and "posture" not in arguments:
                pairs.append(("posture", head, Node("Reactive", head)))
            if kind in {"compound", "sequence"} and "within" not in arguments:
                pairs.append(("within", head, Node(None, head)))
        elif not is_prefects:
            # RunDeployment is the action "run-deployment".
            slug = _WORD_START.sub("-", name).lower()
            pairs.insert(0, ("type", head, Node(slug, head)))
        return object_node(pairs, self.span(node))

    def duration(self, node: ast.Call, arguments: dict[str | None, ast.expr], depth: int) -> Node:
        units = {str(unit): self.value(one, depth + 1).value for unit, one in arguments.items()}
        units |= {
            unit: self.value(one, depth + 1).value
            for unit, one in zip(("days", "seconds", "microseconds"), node.args, strict=False)
        }
        with suppress(TypeError, ValueError, OverflowError):
            seconds = timedelta(**units).total_seconds()
            return Node(int(seconds) if seconds.is_integer() else seconds, self.span(node))
        return self.computed(node)

    def computed(self, node: ast.expr) -> Node:
        return computed(self.written(node), self.span(node))

    def written(self, node: ast.expr) -> str:
        span = self.span(node)
        start, end = (self.source.offset(*span[at : at + 2]) for at in (0, 2))
        return written_in(self.source, start, end)

    def name_span(self, node: ast.keyword) -> Span:
        """The place of a parameter's name, without its value."""
        line, column = self.span(node)[:2]
        return Span(line, column, line, column + len(node.arg or ""))

    def span(self, node: ast.expr | ast.keyword) -> Span:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return Span(
            node.lineno,
            self.column(node.lineno, node.col_offset),
            end_line,
            self.column(end_line, end_column),
        )

    def column(self, line: int, offset: int) -> int:
        """The column, from 1, of a byte offset in a line: Python counts the bytes of UTF-8."""
        text = self.source.lines[line - 1]
        if text.isascii():
            return offset + 1
        if line not in self.widths:
            self.widths[line] = array("Q", accumulate(map(_width, text), initial=0))
        return bisect_left(self.widths[line], offset) + 1


@cache
def _width(character: str) -> int:
    return len(character.encode())
