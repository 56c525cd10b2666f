"""Finds the automations and triggers of a document (``semantics.md`` V5)."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from trigger_cli.definitions.codes import TEMPLATED_VALUE, WRONG_TYPE
from trigger_cli.definitions.keys import ALL_TRIGGER_KEYS, KINDS
from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.wording import describe, left_out, without_value

HOLDERS = frozenset({"automations", "deployments", "triggers"})
"""The keys under which a document may hold several definitions."""
_TELL_NOTHING = {"type", "id", "require", "threshold", "within"}


class Candidate(Struct, frozen=True):
    """An object that is intended as an automation or a trigger."""

    kind: Literal["automation", "trigger"]
    node: Node
    pointer: Pointer


def find_candidates(root: Node, report: Report) -> Iterator[Candidate]:
    """Every automation and trigger of a document, in order.

    Any other document (a list of events, a ``prefect.yaml`` without triggers) has none. Mistakes in
    the lists around them are added to `report`.
    """
    if root.is_list:
        if any(_is_automation(item) or _is_trigger(item) for item in root.items):
            yield from _items(root, (), report)
    elif not root.is_object:
        return
    elif _is_automation(root):
        yield Candidate("automation", root, ())
    elif "automations" in root.members or "deployments" in root.members:
        yield from _listed(root, "automations", (), report)
        deployments = root.get("deployments")
        # Nothing else in prefect.yaml is checked.
        for index, deployment in enumerate(deployments.items if deployments else ()):
            yield from _listed(deployment, "triggers", ("deployments", index), report)
    elif "triggers" in root.members and not {"type", "require", "within"} & set(root.members):
        yield from _listed(root, "triggers", (), report)
    elif _is_trigger(root):
        yield Candidate("trigger", root, ())


def is_form(root: Node) -> bool:
    """Whether a document without automations has a form that may contain some."""
    if root.is_list:
        return not root.items
    return bool(HOLDERS & root.members.keys())


def is_test_file(root: Node) -> bool:
    """Whether a document has tests and the triggers that they are of."""
    tests = root.get("tests")
    if tests is None or not tests.is_list:
        return False
    return "triggers" in root.members or any("triggers" in one.members for one in tests.items)


def _listed(parent: Node, key: str, place: Pointer, report: Report) -> Iterator[Candidate]:
    """The candidates in the list under `key`, if there is one."""
    listed = parent.get(key)
    if listed is None or listed.value is None:
        return
    pointer = (*place, key)
    if not listed.is_list:
        message = f"`{key}`: found {describe(listed.value)}, expected a list"
        advice = "enclose it in [ ]" if listed.is_object else None
        message = without_value(message, listed.value, listed)
        report.add(WRONG_TYPE, message, listed.span, pointer, advice)
    yield from _items(listed, pointer, report)


def _items(listed: Node, place: Pointer, report: Report) -> Iterator[Candidate]:
    of_automations = place == ("automations",)
    for index, item in enumerate(listed.items):
        pointer = (*place, index)
        if item.is_object:
            is_automation = of_automations or _is_automation(item)
            yield Candidate("automation" if is_automation else "trigger", item, pointer)
        elif item.is_computed:
            what = "automation" if of_automations else "trigger"
            report.add(TEMPLATED_VALUE, *left_out(item, f"this {what}"), pointer)
        else:
            expected = "an automation" if of_automations else "a trigger or an automation"
            message = f"found {describe(item.value)}, expected {expected}, which is an object"
            message = without_value(message, item.value, item)
            report.add(WRONG_TYPE, message, item.span, pointer)


def _is_automation(node: Node) -> bool:
    trigger = node.get("trigger")
    if trigger is None:
        return False
    # `trigger: none` without actions is another tool's file, such as an Azure pipeline.
    return trigger.is_object or trigger.is_computed or "actions" in node.members


def _is_trigger(node: Node) -> bool:
    kind = node.get("type")
    if kind is not None and isinstance(kind.value, str) and kind.value.lower() in KINDS:
        return True
    keys = set(node.members)
    if {"threshold", "within"} <= keys:
        return True
    # Files of other tools have some of these keys too (composer.json has `require`).
    return bool(keys & (ALL_TRIGGER_KEYS - _TELL_NOTHING))
