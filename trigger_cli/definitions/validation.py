"""Reads the values of one object of a document, or reports a finding for each mistake.

A finding adds to an error of pydantic its place in the file, and what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from trigger_cli.definitions.codes import (
    MISSING_KEY,
    NOT_A_CHOICE,
    OUT_OF_RANGE,
    TEMPLATED_VALUE,
    WRONG_TYPE,
    Code,
)
from trigger_cli.definitions.keys import ACTION_KEYS
from trigger_cli.definitions.nodes import Node, ObjectMember, Pointer, is_template, locate
from trigger_cli.definitions.plain import Kind, read_plainly
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.templates import advice_for
from trigger_cli.definitions.wording import describe, one_of, quoted, without_value
from trigger_cli.vocabulary import nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_CODES = {code.code: code for code in (NOT_A_CHOICE, OUT_OF_RANGE, WRONG_TYPE)}

# The expected value by key, for lists and objects.
_LISTS = {
    "expect": "a list of event names",
    "after": "a list of event names",
    "for_each": "a list of labels",
    "match_related": "an object of labels or a list of such objects",
    "triggers": "a list of triggers",
    **dict.fromkeys(ACTION_KEYS, "a list of actions"),
    "tags": "a list of strings",
}
_OBJECTS = {
    "match": "an object of labels",
    "match_related": "an object of labels",
    "metric": "an object with `name`, `operator` and `threshold`",
}
_SCALARS = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of reasonable size",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
}
_ADVICE_MISSING = {
    "require": 'add "require": "all", "any" or a number',
    "metric": 'add "metric": {"name": …, "operator": …, "threshold": …}',
    "triggers": 'add "triggers": [ … ], the triggers it is made of',
    "trigger": 'add "trigger": { … }',
}
_LISTS_OF_OBJECTS = {"triggers", *ACTION_KEYS}
_OPTIONAL = {
    "match",
    "match_related",
    "expect",
    "after",
    "for_each",
    "threshold",
    "posture",
    "range",
    "firing_for",
    "tags",
    "enabled",
    "actions",
}
# Alternative spellings of choices; lower case, without `_` and `-`.
_CHOICE_ALIASES: Mapping[str, str] = {
    "gt": ">",
    "gte": ">=",
    "ge": ">=",
    "=>": ">=",
    "lt": "<",
    "lte": "<=",
    "le": "<=",
    "=<": "<=",
    "late": "lateness",
    "successrate": "successes",
    "runtime": "duration",
}


def read_fields(
    kind: Kind, node: Node, pointer: Pointer, report: Report, trigger: str | None
) -> Any:
    """Read the object at `pointer` with ``plain.py`` if that suffices, else with ``schema.py``.

    Returns the fields or the model, which have the same attributes. Returns ``None`` if there are
    errors, which are added to `report`. `trigger` is the path of the trigger, if it is one.
    """
    plain = read_plainly(kind, node.value)
    if plain is not None:
        return plain
    # Imported late: it takes 15 ms, which plain definitions do not need.
    from pydantic import ValidationError  # noqa: PLC0415

    from trigger_cli.definitions.schema import MODELS  # noqa: PLC0415

    try:
        return MODELS[kind].model_validate(node.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
    found = [(detail, *_place(node, detail)) for detail in details]
    templates = {place: one for _, place, one in found if place and is_template(one.node.value)}
    wrong = [one for one in found if one[1] not in templates]
    fields = None
    if templates and not wrong:
        with suppress(ValidationError):
            fields = MODELS[kind].model_validate(_without(node.value, [*templates]))
    if fields is None and not all(one.node.is_computed for one in templates.values()):
        wrong = wrong or found  # a deployment would refuse the object for any value of the template
    refused = {place for _, place, _ in wrong}
    for place, member in templates.items():
        if place not in refused:
            message = _templated(
                f"`{_path(place)}`", member.node, is_needed=fields is None and not wrong
            )
            at, advice = (*pointer, *place), advice_for(member.node.value)
            report.add(TEMPLATED_VALUE, message, member.node.span, at, advice, trigger)
    for detail, place, member in wrong:
        code, message, advice = _explain(detail, place, member.node)
        if member.node.written is not None:
            message, advice = without_value(message, detail["input"], member.node), None
        span = member.key_span if member.node.value is None else member.node.span
        report.add(code, message, span, (*pointer, *place), advice, trigger)
    return fields


def _templated(subject: str, node: Node, *, is_needed: bool) -> str:
    what = f"is computed ({quoted(node.written or '')}): unknown here"
    if not node.is_computed:
        what = "is a template: unknown until it is deployed"
    return f"{subject} {what}, {'but required' if is_needed else 'treated as omitted'}"


def _without(value: Any, places: Sequence[Pointer]) -> Any:
    """The value without the values at `places`, which are in document order."""
    value = deepcopy(value)
    # In reverse, so that earlier indices in a list stay valid.
    for place in reversed(places):
        holder = value
        for part in place[:-1]:
            holder = holder[part]
        del holder[place[-1]]
    return value


def explain_choice(value: Any, choices: list[str]) -> tuple[Code, str, str | None]:
    """The code and the message for a `value` that is not one of `choices`, and advice."""
    expected = one_of(f'"{choice}"' for choice in choices)
    near = nearest(value, choices, _CHOICE_ALIASES) if isinstance(value, str) else None
    advice = f'did you mean "{near}"?' if near else None
    code = NOT_A_CHOICE if isinstance(value, str) else WRONG_TYPE
    return code, f"found {describe(value)}, expected {expected}", advice


def _place(node: Node, detail: ErrorDetails) -> tuple[Pointer, ObjectMember]:
    """The place of the error in the document.

    A model may have wrapped a value in a list; the index into that list is dropped.
    """
    place: Pointer = ()
    member = ObjectMember(node.span, node)
    for part in detail["loc"]:
        if found := locate(member.node, (part,)):
            place, member = (*place, part), found
    return place, member


def _explain(detail: ErrorDetails, place: Pointer, node: Node) -> tuple[Code, str, str | None]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        key = str(detail["loc"][-1])
        where = f" in `{_path(place)}`" if place else ""
        return MISSING_KEY, f"the key `{key}` is missing{where}", _ADVICE_MISSING.get(key)
    subject = f"`{_path(place)}`: "
    if kind in _CODES:
        return _CODES[kind], subject + context["found"], context.get("advice")
    value = detail["input"]
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        code, message, advice = explain_choice(value, choices)
        if value is None:
            advice = _advice(kind, value, place, node)
        elif value == "Metric":
            advice = 'a metric trigger has "type": "metric"'
        return code, subject + message, advice
    message = f"{subject}found {describe(value)}, expected {_expected(kind, place)}"
    code = OUT_OF_RANGE if kind == "finite_number" else WRONG_TYPE
    return code, message, _advice(kind, value, place, node)


def _expected(kind: str, place: Pointer) -> str:
    key = place[-1] if place else ""
    if kind == "list_type" and _is_label(place):
        return "a pattern or a list of patterns"
    if kind == "list_type":
        return _LISTS.get(str(key), "a list")
    if kind in {"dict_type", "model_type"}:
        return _OBJECTS.get(str(place[0] if place else ""), "an object")
    return _SCALARS.get(kind, "another type of value")


def _advice(kind: str, value: Any, place: Pointer, node: Node) -> str | None:
    key = place[-1] if place else ""
    if isinstance(value, (int, float)) and (kind == "string_type" or _is_label(place)):
        return f"put it in quotes: {_as_string(str(node.value))}"
    if value is None and _is_label(place):
        return 'write "*" for any value, or leave the label out'
    if value is None and key in _OPTIONAL:
        return f"leave `{key}` out"
    if kind == "list_type" and isinstance(value, str) and key != "match_related":
        return f"write [{_as_string(value)}]"
    if isinstance(value, str) and "." in value and place and place[0] in {"match", "match_related"}:
        return f'write {{"prefect.resource.id": {_as_string(value)}}}'
    if kind == "list_type" and value and isinstance(value, dict) and key in _LISTS_OF_OBJECTS:
        return "enclose it in [ ]"
    return None


def _is_label(place: Pointer) -> bool:
    """Whether the place is that of a label's patterns, or of one of them."""
    labels = place[2:] if len(place) > 1 and isinstance(place[1], int) else place[1:]
    return bool(labels) and place[0] in {"match", "match_related"}


def _as_string(text: str) -> str:
    return describe(text).removeprefix("the string ")


def _path(place: Pointer) -> str:
    """A place in the notation of programs, e.g. ``match["prefect.resource.id"][0]``."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", part):
            text += f".{part}" if text else part
        else:
            text += f"[{_as_string(part)}]"
    return text
