"""Reads one automation or bare trigger of a document as an `Automation`."""

from trigger_cli.definitions.codes import UNKNOWN_KEY
from trigger_cli.definitions.forms import Candidate
from trigger_cli.definitions.keys import ALL_TRIGGER_KEYS, AUTOMATION_KEYS, explain_unknown_key
from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.triggers import TriggerReader
from trigger_cli.definitions.validation import read_fields
from trigger_cli.model import Automation
from trigger_cli.times import parse_instant


def read_candidate(
    candidate: Candidate, index: int, default_name: str, report: Report
) -> Automation | None:
    """Read an automation, or wrap a bare trigger in an automation.

    `index` is its position in definition order, `default_name` its name if the document has none.
    Returns ``None`` if it has errors, which are added to `report`.
    """
    node = candidate.node
    name = _text(node, "name") or default_name
    report = report.about(name)
    mark = len(report.findings)
    is_automation = candidate.kind == "automation"
    fields = read_fields(
        "automation" if is_automation else "deployment",
        node,
        candidate.pointer,
        report,
        None if is_automation else "$",
    )
    if is_automation:
        _warn_of_unknown_keys(node, candidate.pointer, report)
    reader = TriggerReader(report, deployment=not is_automation)
    trigger_node = node.get("trigger") if is_automation else node
    trigger = reader.read(trigger_node, trigger_pointer(candidate)) if trigger_node else None
    if fields is None or trigger is None or report.has_errors_since(mark):
        return None
    refusals = reader.server_refusals
    if candidate.pointer[:1] == ("deployments",):
        # `prefect deploy` fills in values that the server requires, except for a metric trigger.
        refusals = tuple(one for one in refusals if one == "D11")
    return Automation(
        index=index,
        name=name,
        source=report.source.file,
        trigger=trigger,
        enabled=fields.enabled,
        server_refusals=refusals,
        created=_instant(node, "created") if is_automation else None,
        updated=_instant(node, "updated") if is_automation else None,
    )


def trigger_pointer(candidate: Candidate) -> Pointer:
    """The pointer to the root trigger of `candidate`."""
    own = ("trigger",) if candidate.kind == "automation" else ()
    return (*candidate.pointer, *own)


def _text(node: Node, key: str) -> str | None:
    found = node.get(key)
    return found.value if found and isinstance(found.value, str) else None


def _instant(node: Node, key: str) -> int | None:
    try:
        return parse_instant(_text(node, key) or "")
    except ValueError:
        return None


def _warn_of_unknown_keys(node: Node, pointer: Pointer, report: Report) -> None:
    for key, member in node.members.items():
        if key in AUTOMATION_KEYS:
            continue
        message, advice = explain_unknown_key(key, "an automation", AUTOMATION_KEYS)
        if key in ALL_TRIGGER_KEYS:
            advice = "put it inside `trigger`"
        report.add(UNKNOWN_KEY, message, member.key_span, (*pointer, key), advice)
