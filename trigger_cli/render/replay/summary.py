"""The first lines of a replay's output, and its summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from trigger_cli.dialects import DIALECTS, DIFFERENCES, counterpart
from trigger_cli.model import MetricTrigger, Pending, key_labels
from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import event_text, labels_text, short_path
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.replay.view import INDENT, View, counted, hidden_rows, joined
from trigger_cli.report import AutomationSummary, ReplayReport
from trigger_cli.times import format_duration

_AUTOMATIONS = 30
_PENDING = 10
_PROBLEMS = 5
_WAITING = 5
_SOURCES = 2

_ORDERS = {
    "occurred": "in order of occurrence",
    "received": "in order of receipt",
    "log": "in the log's order",
}


def opening(report: ReplayReport, shown: Sequence[AutomationSummary], view: View) -> RenderableType:
    """What was replayed, in which dialect, over which time, and how often it fired."""
    firings = sum(summary.firings for summary in shown)
    fired = sum(1 for summary in shown if summary.firings)
    events, automations = counted(report.log.events, "event"), counted(len(shown), "automation")
    result = counted(firings, "firing")
    by = f" by {fired} of {automations}" if fired and len(shown) > 1 else ""
    pending = len(_pending(report, shown))
    rest = joined(
        (
            counted(pending, "deadline") + " pending" if pending else "",
            counted(report.log.malformed, "bad line") if report.log.malformed else "",
        )
    )
    return Group(
        Text(f"Replayed {events} against {automations} ({report.dialect} dialect)", "bold"),
        Text(_span(report, view)),
        Text.assemble(
            (f"{result}{by}", "bold red" if firings else "bold"), f" · {rest}" if rest else ""
        ),
        Text(_sources(report, shown), "dim"),
    )


def _span(report: ReplayReport, view: View) -> str:
    clock = view.clock
    order = _ORDERS.get(report.order, report.order)
    if report.start is None or report.end is None:
        return "No event, so no time passed"
    end = clock.full(report.end) if clock.dated else clock.at(report.end)
    lasted = format_duration(report.end - report.start)
    return f"{clock.full(report.start)} – {end} {clock.zone_name} ({lasted}), {order}"


def _sources(report: ReplayReport, shown: Sequence[AutomationSummary]) -> str:
    triggers = _listed(list(dict.fromkeys(one.automation.source for one in shown)))
    logs = _listed(report.log.sources)
    return joined((f"triggers {triggers}" if triggers else "", f"log {logs}" if logs else ""))


def _listed(paths: Sequence[str]) -> str:
    if len(paths) > _SOURCES:
        return f"{short_path(paths[0])} and {len(paths) - 1:,} more"
    return ", ".join(map(short_path, paths))


def closing(report: ReplayReport, shown: Sequence[AutomationSummary], view: View) -> RenderableType:
    """The summary: events, firings, pending deadlines, the other dialect, problems."""
    pending = _pending(report, shown)
    parts: list[RenderableType] = [Rule(Text("Summary", "bold"), align="left", style="dim")]
    body: list[RenderableType] = [_events(report)]
    body.append(_automations(shown, pending, view))
    if pending:
        body += ["", _pending_table(pending, view)]
    if report.waiting:
        body += ["", _waiting(report, view)]
    if (dialects := _dialects(report, shown, view)) is not None:
        body += ["", dialects]
    if report.log.malformed or report.problems:
        body += ["", _problems(report, view)]
    parts.append(Padding(Group(*body), (0, 0, 0, INDENT)))
    return Group(*parts)


def _events(report: ReplayReport) -> Text:
    log = report.log
    facts = joined(
        (
            counted(log.events, "event"),
            f"{log.matched:,} matched a trigger",
            f"{log.malformed:,} malformed",
            counted(log.duplicates, "duplicate"),
            f"{log.waiting:,} waiting",
        )
    )
    return Text(facts)


def _automations(
    shown: Sequence[AutomationSummary], pending: Sequence[Pending], view: View
) -> RenderableType:
    """The automations, those that fired most often first."""
    due = Counter(one.automation.index for one in pending)
    ranked = sorted(shown, key=lambda one: -one.firings)
    rows = ranked[: view.at_least(_AUTOMATIONS)]
    numbers = [Text(f"{one.firings:,}", "bold red" if one.firings else "dim") for one in rows]
    pendings = [due[one.automation.index] for one in rows]
    columns = [
        Column("automation", [_name(one) for one in rows], flexible=True),
        Column("firings", numbers, justify="right"),
        Column("pending", [Text(f"{n:,}" if n else "") for n in pendings], justify="right"),
    ]
    table = FittedTable(columns, view.width - INDENT).rows(0, len(rows))
    if len(ranked) == len(rows):
        return table
    how = f"--limit {len(ranked)}"
    return Group(table, hidden_rows(len(ranked) - len(rows), "automation", how))


def _name(summary: AutomationSummary) -> Text:
    name = Text(inert(summary.automation.name, 60))
    if not summary.automation.enabled:
        name.append(" (disabled)", "dim")
    return name


def _pending(report: ReplayReport, shown: Sequence[AutomationSummary]) -> list[Pending]:
    indexes = {summary.automation.index for summary in shown}
    return [one for one in report.pending if one.automation.index in indexes]


def _pending_table(pending: Sequence[Pending], view: View) -> RenderableType:
    rows = pending[: view.rows(_PENDING)]
    columns = [
        Column("pending until", [Text(view.clock.at(one.due), "yellow") for one in rows]),
        Column("so far", [Text(_so_far(one)) for one in rows], flexible=True),
        Column("automation", [Text(inert(one.automation.name, 60)) for one in rows], flexible=True),
        Column("bucket", [Text(_bucket(one)) for one in rows], flexible=True),
    ]
    table = FittedTable(columns, view.width - INDENT).rows(0, len(rows))
    if len(pending) == len(rows):
        return table
    how = f"--limit {len(pending)}"
    return Group(table, hidden_rows(len(pending) - len(rows), "deadline", how))


def _so_far(pending: Pending) -> str:
    if isinstance(pending.trigger, MetricTrigger):
        return f"{metric_value(pending.trigger, pending.value)}, would fire"
    met = pending.count >= pending.threshold
    fate = "satisfied" if met else "would fire"
    return f"{max(pending.count, 0)}/{pending.threshold:g}, {fate}"


def _bucket(pending: Pending) -> str:
    path = pending.trigger.path if pending.trigger.path != "$" else ""
    return f"{path} {labels_text(key_labels(pending.trigger, pending.key))}".strip()


def _waiting(report: ReplayReport, view: View) -> RenderableType:
    lines = [Text("Events that still wait for the one they follow (at most 15 min):")]
    for event, due in report.waiting[: view.rows(_WAITING)]:
        text = event_text(event, wide=view.roomy)
        lines.append(Text.assemble("  ", text, (f" until {view.clock.at(due)}", "dim")))
    hidden = len(report.waiting) - view.rows(_WAITING)
    if hidden > 0:
        lines.append(hidden_rows(hidden, "event", f"--limit {len(report.waiting)}"))
    return Group(*lines)


def _dialects(
    report: ReplayReport, shown: Sequence[AutomationSummary], view: View
) -> RenderableType | None:
    """Differences between the dialects: how often each fires, and possible reasons."""
    differing = [one for one in shown if one.other_dialect_firings not in {None, one.firings}]
    if not differing:
        return None
    rows = differing[: view.at_least(_AUTOMATIONS)]
    dialect = DIALECTS[report.dialect]
    here, other = dialect.name, counterpart(dialect).name
    why = [Text(", ".join(one.dialect_sensitive)) for one in rows]
    columns = [
        Column("differs by dialect", [_name(one) for one in rows], flexible=True),
        Column(here, [Text(f"{one.firings:,}") for one in rows], justify="right"),
        Column(other, [Text(f"{one.other_dialect_firings:,}") for one in rows], justify="right"),
        Column("differences", why, flexible=True),
    ]
    parts: list[RenderableType] = [FittedTable(columns, view.width - INDENT).rows(0, len(rows))]
    if len(differing) > len(rows):
        how = f"--limit {len(differing)}"
        parts.append(hidden_rows(len(differing) - len(rows), "automation", how))
    touched = {one for summary in rows for one in summary.dialect_sensitive}
    told = [one for one in DIFFERENCES if one.id in touched]
    sides = [one.told(dialect, counterpart(dialect)) for one in told]
    glossary = [
        Column("", [Text(one.id, "dim") for one in told]),
        Column("", [Text(side, "dim") for side in sides], flexible=True),
    ]
    table = FittedTable(glossary, view.width - INDENT)
    parts.append(table.rows(0, len(told), with_header=False))
    parts.append(Text(f"See the other with --dialect {other}.", "dim"))
    return Group(*parts)


def _problems(report: ReplayReport, view: View) -> RenderableType:
    rows = view.rows(_PROBLEMS)
    bad = max(report.log.malformed, len(report.problems))
    lines = [Text(f"{counted(bad, 'bad line')} of the log:", "yellow")]
    for problem in report.problems[:rows]:
        place = f"{inert(problem.source, 100)}:{problem.line}: "
        lines.append(Text.assemble("  ", (place, "dim"), inert(problem.message, 200)))
    if bad > rows:
        lines.append(hidden_rows(bad - rows, "bad line", f"--limit {bad}"))
    return Group(*lines)
