"""Where the automations and triggers of a document are (``semantics.md`` V5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from trigger_cli.definitions.codes import WRONG_TYPE
from trigger_cli.definitions.keys import KINDS, is_key_of_some_trigger
from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.wording import describe

_TELL_NOTHING = {"type", "id", "require", "threshold", "within"}


class Candidate(NamedTuple):
    """An object that is meant to be an automation or a trigger."""

    kind: Literal["automation", "trigger"]
    node: Node
    pointer: Pointer


def find_candidates(root: Node, report: Report) -> Iterator[Candidate]:
    """Every automation and trigger of a document, in order.

    Any other document (a list of events, a ``prefect.yaml`` without triggers) has none.

    Args:
        root: the document.
        report: takes what is wrong with the lists around them.
    """
    if root.is_list:
        yield from _list(root, report)
    elif not root.is_object:
        return
    elif _is_automation(root):
        yield Candidate("automation", root, ())
    elif "automations" in root.members or "deployments" in root.members:
        yield from _automations(root, report)
        yield from _deployments(root, report)
    elif "triggers" in root.members and not {"type", "require", "within"} & set(root.members):
        yield from _triggers(root, (), report)
    elif _is_trigger(root):
        yield Candidate("trigger", root, ())


def _list(root: Node, report: Report) -> Iterator[Candidate]:
    if not any(_is_automation(item) or _is_trigger(item) for item in root.items):
        return
    for index, item in enumerate(root.items):
        yield from _item(item, (index,), report)


def _automations(root: Node, report: Report) -> Iterator[Candidate]:
    for index, item in enumerate(_items(root, "automations", (), report)):
        pointer: Pointer = ("automations", index)
        if item.is_object:
            yield Candidate("automation", item, pointer)
        else:
            _report_item(item, pointer, report, "an automation")


def _deployments(root: Node, report: Report) -> Iterator[Candidate]:
    deployments = root.get("deployments")
    # Nothing else in prefect.yaml is checked.
    for index, deployment in enumerate(deployments.items if deployments else ()):
        if "triggers" in deployment.members:
            yield from _triggers(deployment, ("deployments", index), report)


def _triggers(parent: Node, place: Pointer, report: Report) -> Iterator[Candidate]:
    for index, item in enumerate(_items(parent, "triggers", place, report)):
        yield from _item(item, (*place, "triggers", index), report)


def _item(item: Node, pointer: Pointer, report: Report) -> Iterator[Candidate]:
    if item.is_object:
        yield Candidate("automation" if _is_automation(item) else "trigger", item, pointer)
    else:
        _report_item(item, pointer, report, "a trigger or an automation")


def _items(parent: Node, key: str, place: Pointer, report: Report) -> tuple[Node, ...]:
    member = parent.members.get(key)
    if member is None or member.node.value is None:
        return ()
    if not member.node.is_list:
        report.add(
            WRONG_TYPE,
            f"`{key}`: found {describe(member.node.value)}, expected a list",
            member.node.span,
            (*place, key),
            "enclose it in [ ]" if member.node.is_object else None,
        )
    return member.node.items


def _report_item(item: Node, pointer: Pointer, report: Report, expected: str) -> None:
    message = f"found {describe(item.value)}, expected {expected}, which is an object"
    report.add(WRONG_TYPE, message, item.span, pointer)


def _is_automation(node: Node) -> bool:
    trigger = node.get("trigger")
    if trigger is None:
        return False
    # `trigger: none` alone is another tool's file, such as an Azure pipeline.
    return trigger.is_object or "actions" in node.members


def _is_trigger(node: Node) -> bool:
    kind = node.get("type")
    if kind is not None and isinstance(kind.value, str) and kind.value.lower() in KINDS:
        return True
    keys = set(node.members)
    if {"threshold", "within"} <= keys:
        return True
    # Other tools' files have some of these keys too (composer.json has `require`).
    return any(is_key_of_some_trigger(key) for key in keys - _TELL_NOTHING)
