"""The Jinja templates in actions, parsed as Prefect parses them when an automation is created."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from trigger_cli.definitions.nodes import walk
from trigger_cli.lint.subject import ActionAt, ValueAt

if TYPE_CHECKING:
    from jinja2 import nodes

_SIGNS = ("{{", "{%")
_KIND = "__prefect_kind"
"""The key that gives a parameter's kind; the text of a template is under ``template``."""
_LONGEST = 100_000
# `_validate_loop_constraints` of `prefect.server.utilities.user_templates`.
_MOST_LOOPS = 10
_DEEPEST_LOOPS = 2


def templates(action: ActionAt) -> Iterator[tuple[ValueAt, str]]:
    """The texts of an action that Prefect reads as templates, and their places."""
    if action.kind == "send-notification":
        for field in ("subject", "body"):
            if isinstance(action.get(field), str):
                yield action.at(field), action.get(field)
    elif action.kind == "call-webhook" and action.has("payload"):
        payload = action.get("payload")
        yield action.at("payload"), payload if isinstance(payload, str) else json.dumps(payload)
    elif action.kind == "run-deployment" and action.has("parameters"):
        yield from parameter_templates(action.at("parameters"))


def parameter_templates(parameters: ValueAt) -> Iterator[tuple[ValueAt, str]]:
    """Texts at any depth; of a value with `_KIND`, only a template's text."""
    told = {
        place: node.get(_KIND)
        for place, node in walk(parameters.node)
        if node.is_object and node.get(_KIND)
    }
    for place, node in walk(parameters.node):
        text = node.value
        if not isinstance(text, str):
            continue
        above = next((told[place[:n]] for n in range(len(place)) if place[:n] in told), None)
        if above is None:
            is_template = any(sign in text for sign in _SIGNS)
        else:
            is_template = above.value == "jinja" and place[-1] == "template"
        if is_template:
            yield parameters.at(*place), text


@lru_cache(maxsize=1024)
def template_problem(text: str) -> str | None:
    """Why Prefect rejects the template; ``None`` if it is valid. Very long ones are not checked."""
    if len(text) > _LONGEST or "{" not in text:
        return None
    # Imported only if an action may have a template.
    from jinja2 import Environment, TemplateSyntaxError, nodes  # noqa: PLC0415

    try:
        loops = list(Environment(autoescape=True).parse(text).find_all(nodes.For))
        if len(loops) > _MOST_LOOPS:
            return f"it has {len(loops)} loops, at most {_MOST_LOOPS} are taken"
        depth = max(map(_depth, loops), default=0)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {(error.message or '').rstrip('.')}"
    except RecursionError:
        return "it is nested too deeply"
    except ValueError:  # Python does not parse an integer of thousands of digits
        return "a number is too long"
    if depth > _DEEPEST_LOOPS:
        return f"its loops are nested {depth} deep, at most {_DEEPEST_LOOPS} are taken"
    return None


def _depth(node: nodes.Node) -> int:
    """The depth of nested loops from this node on."""
    from jinja2 import nodes  # noqa: PLC0415

    below = max(map(_depth, node.iter_child_nodes()), default=0)
    return below + isinstance(node, nodes.For)
