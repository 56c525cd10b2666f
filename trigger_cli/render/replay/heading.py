"""An automation's heading: its name, its kind, and in words what it waits for."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from trigger_cli.dialects import DIFFERENCES
from trigger_cli.model import Automation, CompositeTrigger, Trigger
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_path
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import (
    as_heading,
    conditions,
    counted,
    joined,
    kind_of,
    sentence,
)
from trigger_cli.render.replay.view import View
from trigger_cli.report import AutomationSummary

_CHILDREN = 20


def heading(summary: AutomationSummary, view: View, bucket_count: int) -> RenderableType:
    """The lines above an automation's firings, timeline and tables."""
    automation = summary.automation
    facts = joined(
        (
            kind_of(automation.trigger),
            counted(bucket_count, "bucket") if bucket_count > 1 else "",
            short_path(automation.source) if view.many_sources else "",
        )
    )
    firings = counted(summary.firings, "firing") if summary.firings else "no firing"
    title = Text.assemble((inert(automation.name, 60), "bold"), f" · {firings}")
    lines = [Text(as_heading(sentence(automation.trigger, view.dialect)))]
    if found := conditions(automation.trigger, view.dialect):
        lines.append(Text(f"where {found}", "dim"))
    lines += _children(automation.trigger, view)
    lines.append(Text(facts, "dim"))
    lines += _refusals(automation, view)
    return Group(Rule(title, align="left", style="dim"), indented(Group(*lines)))


def short_heading(automation: Automation, what: str, view: View) -> RenderableType:
    """An automation without transitions: its name, the reason, and what it waits for."""
    line = Text.assemble((inert(automation.name, 60), "bold"), (f": {what}", ""))
    about = [Text(sentence(automation.trigger, view.dialect), "dim")]
    if found := conditions(automation.trigger, view.dialect):
        about.append(Text(f"where {found}", "dim"))
    return Group(line, indented(Group(*about, *_refusals(automation, view))))


def _refusals(automation: Automation, view: View) -> list[Text]:
    """In the server dialect: a note if the server refuses the definition (D10-D12)."""
    if view.dialect.name != "server" or not automation.server_refusals:
        return []
    texts = {one.id: one.on for one in DIFFERENCES}
    why = "; ".join(f"{one}: {texts[one]}" for one in automation.server_refusals if one in texts)
    after = (
        "what it can evaluate is replayed as the docs have it"
        if "D11" in automation.server_refusals
        else "replayed as the docs have it"
    )
    return [Text(f"The server refuses this definition ({why}); {after}.", "yellow")]


def _children(trigger: Trigger, view: View) -> list[Text]:
    lines = list(_tree(trigger, view, ""))
    shown = lines[:_CHILDREN]
    if len(lines) > len(shown):
        shown.append(Text(f"… {len(lines) - len(shown)} more lines", "dim"))
    return shown


def _tree(trigger: Trigger, view: View, indent: str) -> Iterator[Text]:
    if not isinstance(trigger, CompositeTrigger):
        return
    for child in trigger.triggers:
        line = Text(f"{indent}{child.path}", "bold")
        line.append(f"  {sentence(child, view.dialect)}", "not bold")
        yield line
        if found := conditions(child, view.dialect):
            yield Text(f"{indent}  where {found}", "dim")
        yield from _tree(child, view, indent + "  ")
