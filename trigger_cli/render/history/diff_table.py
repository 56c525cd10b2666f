"""``diff --format table``: how often each side fires, and the first difference of each bucket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from trigger_cli.history.diff import Diff, DiffSide, Fired, Group
from trigger_cli.history.first_difference import FirstDifference
from trigger_cli.model import TriggerTransition
from trigger_cli.render.common.fitted import Column
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text, short_path
from trigger_cli.render.common.phrases import phrase
from trigger_cli.render.history.view import INDENT, HistoryView, files, show, span, view_of
from trigger_cli.render.replay.view import counted, hidden_rows, joined
from trigger_cli.times import format_duration

_AUTOMATIONS = 30
_GROUPS = 6
_FIRINGS = 6


def render_diff(
    diff: Diff,
    console: Console,
    *,
    zone: tzinfo,
    sources: Sequence[str],
    limit: int | None = None,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Show the differences; `quiet` shows only the table of automations."""
    view = view_of(console, zone, start=diff.started, end=diff.ended, verbose=verbose, limit=limit)
    if not quiet:
        show(console, _opening(diff, view, sources))
    show(console, [_automations(diff, view)])
    if not quiet:
        show(console, _groups(diff, view))


def _opening(diff: Diff, view: HistoryView, sources: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(f"Compared two replays of {counted(diff.events, 'event')}", "bold")
    yield span(view, "", is_empty=diff.started is None)
    for letter, side in (("A", diff.first), ("B", diff.second)):
        yield Text.assemble((f"{letter} ", "bold"), _side(side))
    groups = [group for one in diff.automations for group in one.groups]
    counts = joined(
        (
            f"{sum(one.same for one in diff.automations):,} firings the same",
            f"{sum(len(one.only_first) for one in groups):,} only in A",
            f"{sum(len(one.only_second) for one in groups):,} only in B",
            f"{sum(len(one.other_times) for one in groups):,} at other times",
        )
    )
    yield Text(counts, "bold red" if diff.differs else "bold green")
    yield files(log=sources)
    yield ""


def _side(side: DiffSide) -> str:
    return f"{short_path(side.name)} ({side.dialect.name} dialect, by {_BY[side.order]})"


_BY = {"occurred": "occurrence", "received": "receipt", "log": "the log's order"}


def _automations(diff: Diff, view: HistoryView) -> RenderableType:
    rows = sorted(diff.automations, key=lambda one: not one.groups)
    lonely = [(name, n, "B does not have it") for name, n in diff.unmatched_first]
    others = [(name, n, "A does not have it") for name, n in diff.unmatched_second]

    def number(value: int, *, differs: bool = False) -> Text:
        return Text(f"{value:,}" if value else "·", "yellow" if differs and value else "")

    def total(values: Sequence[int]) -> list[Text]:
        return [number(value, differs=True) for value in values] + [Text()] * len(lonely + others)

    names = [one.name for one in rows] + [name for name, *_ in lonely + others]
    columns = [
        Column("automation", [Text(inert(name, 60)) for name in names], flexible=True),
        Column(
            "A",
            [number(one.first) for one in rows]
            + [number(n) for _, n, _ in lonely]
            + [Text()] * len(others),
            justify="right",
        ),
        Column(
            "B",
            [number(one.second) for one in rows]
            + [Text()] * len(lonely)
            + [number(n) for _, n, _ in others],
            justify="right",
        ),
        Column(
            "only A",
            total([sum(len(g.only_first) for g in one.groups) for one in rows]),
            justify="right",
        ),
        Column(
            "only B",
            total([sum(len(g.only_second) for g in one.groups) for one in rows]),
            justify="right",
        ),
        Column(
            "other time",
            total([sum(len(g.other_times) for g in one.groups) for one in rows]),
            justify="right",
        ),
        Column(
            "",
            [Text()] * len(rows) + [Text(why, "dim") for *_, why in lonely + others],
            flexible=True,
        ),
    ]
    return view.table(columns, len(names), "automation", _AUTOMATIONS)


def _groups(diff: Diff, view: HistoryView) -> Iterator[RenderableType]:
    groups = [group for one in diff.automations for group in one.groups]
    shown = groups[: view.rows(_GROUPS)]
    for group in shown:
        yield ""
        title = Text(inert(group.automation, 60), "bold")
        if group.labels:
            title.append(f" · {labels_text(group.labels, full=view.verbose)}", "not bold")
        yield Rule(title, align="left", style="dim")
        yield from _parting(group.first_difference, view)
        yield _firings(group, view)
    if len(groups) > len(shown):
        yield ""
        yield hidden_rows(len(groups) - len(shown), "bucket", f"--limit {len(groups)}")


def _parting(
    first_difference: FirstDifference | None, view: HistoryView
) -> Iterator[RenderableType]:
    if first_difference is None:
        yield Text("  The first difference is not known: the replay is too long to keep.", "dim")
        return
    where = "" if first_difference.trigger == "$" else f" in {first_difference.trigger}"
    head = Text.assemble(
        f"The first difference is at {view.clock.at(first_difference.at)}{where}: "
    )
    head.append_text(
        view.event(first_difference.event) if first_difference.event else Text("a deadline")
    )
    lines = [head]
    for letter, records in (("A", first_difference.first), ("B", first_difference.second)):
        lines.append(Text.assemble((f"  {letter} ", "bold"), _did(records, view)))
    said = view.said(first_difference.why)
    lines.append(Text(f"{said[:1].upper()}{said[1:]}."))
    for line in lines:
        yield Padding(line, (0, 0, 0, INDENT))


def _did(records: Sequence[TriggerTransition], view: HistoryView) -> str:
    return phrase(records, view.clock, None) if records else "nothing"


def _firings(group: Group, view: HistoryView) -> RenderableType:
    rows = [("only A", one.firing.at, one) for one in group.only_first]
    rows += [("only B", one.firing.at, one) for one in group.only_second]
    rows += [(_apart(x.first, x.second), x.first.firing.at, x.first) for x in group.other_times]
    rows.sort(key=lambda row: row[1])
    shown = rows[: view.rows(_FIRINGS)]
    columns = [
        Column("fired at", [Text(view.clock.at(at)) for _, at, _ in shown]),
        Column("", [Text(what, "yellow") for what, _, _ in shown]),
        Column("event", [_event(one, view) for *_, one in shown], flexible=True),
    ]
    return view.table(columns, len(rows), "firing", _FIRINGS)


def _event(one: Fired, view: HistoryView) -> Text:
    text = view.event(one.firing.event)
    if one.by_deadline and one.firing.event is not None:
        text.append(" (by its deadline)", "dim")
    return text


def _apart(first: Fired, second: Fired) -> str:
    later = second.firing.at - first.firing.at
    return f"B {format_duration(abs(later))} {'later' if later > 0 else 'earlier'}"
