"""The first lines of a replay's output, the headings of automations, and the final summary."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from trigger_cli.dialects import DIALECTS, DIFFERENCE_BY_ID, DIFFERENCES, counterpart, refused_by
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    MetricTrigger,
    Pending,
    Trigger,
    key_labels,
)
from trigger_cli.render.common.fitted import FittedTable, first_rows, hidden_rows
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import (
    as_glob,
    child_path,
    event_text,
    labels_text,
    short_path,
    trigger_place,
)
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.common.view import INDENT, FactLine, files, indented, span
from trigger_cli.render.common.words import (
    as_heading,
    conditions,
    counted,
    kind_of,
    sentence,
)
from trigger_cli.render.replay.view import View
from trigger_cli.report import AutomationSummary, ReplayReport, firings_otherwise

_AUTOMATIONS = 30
_PENDING = 10
_PROBLEMS = 5
_WAITING = 5
_CHILDREN = 20
_COMMAND = 4_000


def opening(report: ReplayReport, shown: Sequence[AutomationSummary], view: View) -> RenderableType:
    """The number of events, the dialect, the time range, and the number of firings."""
    firings = sum(summary.firings for summary in shown)
    fired = sum(1 for summary in shown if summary.firings)
    events, automations = counted(report.log.offered, "event"), counted(len(shown), "automation")
    result = counted(firings, "firing")
    by = f" by {fired:,} of {automations}" if fired and len(shown) > 1 else ""
    pending = len(_pending(report, shown))
    return Group(
        Text(f"Replayed {events} against {automations} ({report.dialect} dialect)", "bold"),
        span(view.clock, report.order, is_empty=report.start is None),
        FactLine(
            Text(f"{result}{by}", "bold red" if firings else "bold"),
            counted(pending, "deadline") + " pending" if pending else "",
            counted(report.log.malformed, "malformed line") if report.log.malformed else "",
        ),
        *_otherwise(report, shown),
        files(
            triggers=dict.fromkeys(one.automation.source for one in shown), log=report.log.sources
        ),
    )


def _otherwise(
    report: ReplayReport, shown: Sequence[AutomationSummary]
) -> Iterator[RenderableType]:
    """A note that another dialect gives other numbers; the end of the output shows them."""
    firings = firings_otherwise(shown)
    if firings is not None:
        other = counterpart(DIALECTS[report.dialect]).name
        differing = sum(one.differs for one in shown)
        fire = "fires" if differing == 1 else "fire"
        which = f"{counted(differing, 'automation')} {fire} more or less often"
        which = which if len(shown) > 1 else ""
        yield FactLine(
            f"In the {other} dialect: {counted(firings, 'firing')}", which, style="yellow"
        )


# --- An automation's heading ---------------------------------------------------------------


def heading(summary: AutomationSummary, view: View, bucket_count: int) -> RenderableType:
    """The lines above an automation's firings, timeline and tables."""
    automation = summary.automation
    facts = FactLine(
        kind_of(automation.trigger),
        counted(bucket_count, "bucket") if bucket_count > 1 else "",
        short_path(automation.source) if view.many_sources else "",
        style="dim",
    )
    firings = counted(summary.firings, "firing") if summary.firings else "no firing"
    # A long name is cut before the number of firings.
    name = Text(inert(automation.name, 60), "bold")
    name.truncate(max(view.width - len(f" · {firings} ─"), 8), overflow="ellipsis")
    title = Text.assemble(name, f" · {firings}")
    lines = (
        Text(as_heading(sentence(automation.trigger, view.dialect))),
        *_where(automation.trigger, view),
        *_children(automation.trigger, view),
        facts,
        *_refusals(automation, view),
    )
    return Group(Rule(title, align="left", style="dim"), indented(Group(*lines)))


def short_heading(automation: Automation, what: str, view: View) -> RenderableType:
    """The heading of an automation without transitions: name, reason, and what it waits for."""
    line = Text.assemble((inert(automation.name, 60), "bold"), (f": {what}", ""))
    about = (
        Text(sentence(automation.trigger, view.dialect), "dim"),
        *_where(automation.trigger, view),
        *_refusals(automation, view),
    )
    return Group(line, indented(Group(*about)))


def _where(trigger: Trigger, view: View) -> Iterator[Text]:
    if found := conditions(trigger, view.dialect):
        yield Text(f"where {found}", "dim")


def _refusals(automation: Automation, view: View) -> list[Text]:
    """A note if the dialect's server refuses the definition (V3, V4)."""
    rows = refused_by(view.dialect, automation.server_refusals)
    if not rows:
        return []
    why = "; ".join(f"{row}: {DIFFERENCE_BY_ID[row].on}" for row in rows)
    after = (
        "what it can evaluate is replayed as the docs have it"
        if "D11" in rows
        else "replayed as the docs have it"
    )
    return [Text(f"The server refuses this definition ({why}); {after}.", "yellow")]


def _children(trigger: Trigger, view: View) -> list[RenderableType]:
    lines = list(_tree(trigger, view, 0))
    shown: list[RenderableType] = [indented(line, levels) for line, levels in lines[:_CHILDREN]]
    if len(lines) > len(shown):
        shown.append(Text(f"… {len(lines) - len(shown)} more lines", "dim"))
    return shown


def _tree(trigger: Trigger, view: View, levels: int) -> Iterator[tuple[Text, int]]:
    """The lines about the children, each with the levels by which it is indented."""
    if not isinstance(trigger, CompositeTrigger):
        return
    for child in trigger.triggers:
        line = Text(child_path(child.path), "bold")
        line.append(f"  {sentence(child, view.dialect)}", "not bold")
        yield line, levels
        yield from ((where, levels + 1) for where in _where(child, view))
        yield from _tree(child, view, levels + 1)


# --- The summary -----------------------------------------------------------------------------


def closing(report: ReplayReport, shown: Sequence[AutomationSummary], view: View) -> RenderableType:
    """The summary: events, firings, pending deadlines, the other dialect, problems."""
    pending = _pending(report, shown)
    body: list[RenderableType] = [_events(report, shown), _automations(shown, pending, view)]
    if pending:
        body += ["", _pending_table(pending, view)]
    if report.waiting:
        body += ["", _waiting(report, view)]
    if (dialects := _dialects(report, shown, view)) is not None:
        body += ["", dialects]
    if report.log.malformed or report.problems:
        body += ["", _problems(report, view)]
    return Group(Rule(Text("Summary", "bold"), align="left", style="dim"), indented(Group(*body)))


def overview(
    report: ReplayReport,
    shown: Sequence[AutomationSummary],
    view: View,
    explain: Sequence[str],
) -> tuple[RenderableType, Text]:
    """What fired and what did not, on one screen, and a command that explains one automation.

    Args:
        report: The finished replay.
        shown: The automations to show.
        view: How to show them.
        explain: The words of the command that explains this replay, without ``--automation``; if
            empty, no command is returned.
    """
    pending = _pending(report, shown)
    body: list[RenderableType] = [_fired(report, shown, pending, view)]
    differing = [one for one in shown if one.differs]
    if differing:
        other = counterpart(view.dialect).name
        rows = {row for one in differing for row in one.differences}
        first = next(
            (f", or trigger-cli rule {one.id}" for one in DIFFERENCES if one.id in rows), ""
        )
        words = f"Empty under {other}: as many as under {view.dialect.name}. Why: -v{first}."
        body.append(Text(words, "dim"))
    if report.waiting:
        body += ["", _waiting(report, view)]
    if report.log.malformed or report.problems:
        body += ["", _problems(report, view)]
    enabled = [one for one in shown if one.automation.enabled]
    silent = [one for one in enabled if not one.firings]
    asked = min(silent or enabled or shown, key=lambda one: one.firings).automation
    why = f" Why one {'did not fire' if silent else 'fired'}:" if explain else ""
    body += ["", Text(f"One in full: --automation NAME; all: -v.{why}", "dim")]
    command = shlex.join(["trigger-cli", *explain, "--automation", as_glob(asked.name)])
    return Group(*body), Text(f"  {inert(command, _COMMAND)}" if explain else "", "dim")


def _fired(
    report: ReplayReport,
    shown: Sequence[AutomationSummary],
    pending: Sequence[Pending],
    view: View,
) -> RenderableType:
    """The automations, most firings first, with the last firing of each."""
    last = {one.automation.index: one.at for one in report.firings}
    due = {one.automation.index: one.due for one in reversed(pending)}
    rows = [
        (
            _name(one),
            Text(f"{one.firings:,}", "bold red" if one.firings else "dim"),
            view.clock.at(last[one.automation.index]) if one.firings else "",
            view.clock.at(due[one.automation.index]) if one.automation.index in due else "",
            f"{one.other_dialect_firings:,}" if one.differs else "",
        )
        for one in sorted(shown, key=lambda one: -one.firings)[: view.at_least(_AUTOMATIONS)]
    ]
    other = counterpart(view.dialect).name
    heads = ("~automation", ">firings", ">last", ">due", f">{other}")
    return first_rows(heads, rows, view.width, len(shown), "automation")


def _events(report: ReplayReport, shown: Sequence[AutomationSummary]) -> RenderableType:
    log = report.log
    # It is counted for all automations together, which would mislead below some of them.
    is_all = len(shown) == len(report.automations)
    return FactLine(
        counted(log.offered, "event"),
        f"{log.matched:,} matched a trigger" if is_all else "",
        f"{log.malformed:,} malformed",
        counted(log.duplicates, "duplicate"),
        f"{log.waiting:,} waiting",
    )


def _automations(
    shown: Sequence[AutomationSummary], pending: Sequence[Pending], view: View
) -> RenderableType:
    """The automations, most firings first."""
    due = Counter(one.automation.index for one in pending)
    rows = [
        (
            _name(one),
            Text(f"{one.firings:,}", "bold red" if one.firings else "dim"),
            f"{due[one.automation.index]:,}" if due[one.automation.index] else "",
        )
        for one in sorted(shown, key=lambda one: -one.firings)[: view.at_least(_AUTOMATIONS)]
    ]
    heads = ("~automation", ">firings", ">pending")
    return first_rows(heads, rows, view.width - INDENT, len(shown), "automation")


def _name(summary: AutomationSummary) -> Text:
    name = Text(inert(summary.automation.name, 60))
    if not summary.automation.enabled:
        name.append(" (disabled)", "dim")
    return name


def _pending(report: ReplayReport, shown: Sequence[AutomationSummary]) -> list[Pending]:
    indexes = {summary.automation.index for summary in shown}
    return [one for one in report.pending if one.automation.index in indexes]


def _pending_table(pending: Sequence[Pending], view: View) -> RenderableType:
    rows = [
        (
            Text(view.clock.at(one.due), "yellow"),
            _so_far(one),
            inert(one.automation.name, 60),
            _bucket(one),
        )
        for one in pending[: view.rows(_PENDING)]
    ]
    heads = ("pending until", "~so far", "~automation", "~bucket")
    return first_rows(heads, rows, view.width - INDENT, len(pending), "deadline")


def _so_far(pending: Pending) -> str:
    if isinstance(pending.trigger, MetricTrigger):
        return f"{metric_value(pending.trigger, pending.value)}, would fire"
    met = pending.count >= pending.threshold
    fate = "satisfied" if met else "would fire"
    return f"{max(pending.count, 0)}/{pending.threshold:g}, {fate}"


def _bucket(pending: Pending) -> str:
    key = labels_text(key_labels(pending.trigger, pending.key))
    return f"{trigger_place(pending.trigger)} {key}".strip()


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
    """Differences between the dialects: the number of firings of each, and possible reasons."""
    differing = [one for one in shown if one.differs]
    if not differing:
        return None
    dialect = DIALECTS[report.dialect]
    there = counterpart(dialect)
    other = there.name
    first = differing[: view.at_least(_AUTOMATIONS)]
    rows = [
        (
            _name(one),
            f"{one.firings:,}",
            f"{one.other_dialect_firings:,}",
            ", ".join(one.differences),
        )
        for one in first
    ]
    heads = ("~differs by dialect", f">{report.dialect}", f">{other}", "~differences")
    touched = [one for one in DIFFERENCES if any(one.id in each.differences for each in first)]
    parts = [first_rows(heads, rows, view.width - INDENT, len(differing), "automation")]
    if view.verbose:
        glossary = [(Text(one.id, "dim"), Text(one.told(dialect, there), "dim")) for one in touched]
        table = FittedTable(("", "~"), glossary, view.width - INDENT)
        parts.append(table.rows(with_header=False))
    elif touched:
        parts.append(Text(f"In words: -v, or trigger-cli rule {touched[0].id}", "dim"))
    return Group(*parts, Text(f"See the other with --dialect {other}.", "dim"))


def _problems(report: ReplayReport, view: View) -> RenderableType:
    rows = view.rows(_PROBLEMS)
    bad = max(report.log.malformed, len(report.problems))
    lines = [Text(f"{counted(bad, 'malformed line')} of the log:", "yellow")]
    for problem in report.problems[:rows]:
        place = f"{inert(problem.source, 100)}:{problem.line}: "
        lines.append(Text.assemble("  ", (place, "dim"), inert(problem.message, 200)))
    if bad > rows:
        lines.append(hidden_rows(bad - rows, "malformed line", f"--limit {bad}"))
    return Group(*lines)
