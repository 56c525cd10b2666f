"""An explanation's funnel as a bar table, and the clause that let no event pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from trigger_cli.explain.records import Explanation, Refusal, StageName
from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger, Trigger
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import counted
from trigger_cli.render.explain.view import ExplainView, grid, section

_BAR = "━"
_LONGEST_BAR = 40
_SHOWN = 3

_EVENT: dict[StageName, str] = {
    "events": "events in the log",
    "named": "have a wanted name",
    "matched": "pass match",
    "related": "pass match_related",
    "counted": "counted in a window",
    "threshold": "reached the threshold",
    "fired": "firings",
}
_PROACTIVE: dict[StageName, str] = {
    "counted": "counted in a watch",
    "threshold": "satisfied a watch",
}
_METRIC: dict[StageName, str] = {
    "named": "tell a flow run's state",
    "counted": "changed the value",
    "threshold": "breached the threshold",
}
_COMPOSITE: dict[StageName, str] = {
    "named": "have a name a child wants",
    "matched": "pass that child's match",
    "related": "pass its match_related",
    "counted": "firings of children",
}


def funnel_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The table, and what refused the events."""
    yield section("How far the events came")
    words = _words(one.trigger)
    stages = [stage for stage in one.funnel.stages if _tells(stage.name, one.trigger)]
    most = max((stage.events for stage in stages), default=0)
    longest = max(min(_LONGEST_BAR, view.width - 48), 4)
    table = grid("left", "right", "left")
    for stage in stages:
        ended = stage.name == one.funnel.ended_at
        length = -(-stage.events * longest // most) if most else 0
        bar = Text(_BAR * length, "cyan")
        if ended:
            bar = Text("← everything ended here", "bold yellow")
        table.add_row(Text(words[stage.name], "bold" if ended else ""), f"{stage.events:,}", bar)
    yield indented(table)
    if one.funnel.refusal is not None:
        yield from _refusal(one.funnel.refusal, view)


def _words(trigger: Trigger) -> dict[StageName, str]:
    match trigger:
        case EventTrigger(posture="Proactive"):
            return _EVENT | _PROACTIVE
        case EventTrigger():
            return _EVENT
        case MetricTrigger():
            return _EVENT | _METRIC
        case CompositeTrigger():
            return _EVENT | _COMPOSITE


def _tells(stage: StageName, trigger: Trigger) -> bool:
    """Whether the stage applies to the trigger."""
    if isinstance(trigger, CompositeTrigger):
        return stage not in {"threshold", "matched"}
    if stage == "matched":
        return bool(trigger.match)
    if stage == "related":
        return any(trigger.match_related)
    if stage == "threshold" and isinstance(trigger, EventTrigger):
        return trigger.threshold > 1
    return True


def _refusal(refusal: Refusal, view: ExplainView) -> Iterator[RenderableType]:
    table = grid("left", "wrap")
    table.add_row(
        Text(view.name(refusal.clause), "yellow"),
        Text(f"refused {counted(refusal.failed, 'event')}", "dim"),
    )
    wanted = ", ".join(view.name(one) for one in refusal.expected[:_SHOWN]) or "nothing"
    more = len(refusal.expected) - _SHOWN
    table.add_row("  wants", wanted + (f" and {more} more" if more > 0 else ""))
    shown = view.rows(_SHOWN)
    if refusal.values:
        table.add_row("  found", _values(refusal.values[:shown], view))
    if refusal.nearest:
        table.add_row("  nearest", Text(_values(refusal.nearest[:shown], view), "bold"))
    if refusal.hint:
        table.add_row("  hint", refusal.hint)
    yield indented(table)


def _values(values: Sequence[tuple[str | None, int]], view: ExplainView) -> str:
    return ", ".join(
        f"{'(no such label)' if value is None else view.name(value)} ×{events:,}"
        for value, events in values
    )
