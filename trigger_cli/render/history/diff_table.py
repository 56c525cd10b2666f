"""``diff --format table``: how often each side fires, and the first difference of each bucket."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.text import Text

from trigger_cli.history.diff import Compared, Diff, Group
from trigger_cli.history.first_difference import FirstDifference
from trigger_cli.history.kept_replay import Fired
from trigger_cli.render.common.fitted import hidden_rows
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text, short_path
from trigger_cli.render.common.phrases import phrase
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.view import FactLine, files, indented, span
from trigger_cli.render.common.words import as_heading, counted
from trigger_cli.render.history.view import HistoryView, TableOptions
from trigger_cli.times import format_duration

_AUTOMATIONS = 30
_GROUPS = 6
_FIRINGS = 6
_BY = {"occurred": "occurrence", "received": "receipt", "log": "the log's order"}


def render_diff(diff: Diff, console: Console, asked: TableOptions) -> None:
    """Show the differences; if `quiet` was asked for, only the table of automations."""
    view = asked.view(console, diff.started, diff.ended)
    if not asked.quiet:
        show(console, *_opening(diff, view, asked.sources))
    show(console, _automations(diff, view))
    if not asked.quiet:
        show(console, *_groups(diff, view))


def _opening(diff: Diff, view: HistoryView, sources: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(f"Compared two replays of {counted(diff.events, 'event')}", "bold")
    yield span(view.clock, "", is_empty=diff.started is None)
    for letter, side in (("A", diff.first), ("B", diff.second)):
        dialect = "" if side.name == side.dialect.name else f"{side.dialect.name} dialect, "
        how = f"({dialect}by {_BY[side.order]})"
        yield Text.assemble((f"{letter} ", "bold"), f"{short_path(side.name)} {how}")
    # Those of automations that only one side has, too.
    only_first = sum(number for _, number in diff.unmatched_first)
    only_first += sum(one.only_first for one in diff.automations)
    only_second = sum(number for _, number in diff.unmatched_second)
    only_second += sum(one.only_second for one in diff.automations)
    yield FactLine(
        "" if diff.automations else "no automation is in both",
        f"{counted(sum(one.same for one in diff.automations), 'firing')} the same",
        *(
            f"{number:,} {where}"
            for number, where in (
                (only_first, "only in A"),
                (only_second, "only in B"),
                (sum(one.other_times for one in diff.automations), "at other times"),
                (sum(one.other_events for one in diff.automations), "with other events"),
            )
            if number
        ),
        style="bold red" if diff.differs else "bold green",
    )
    yield files(log=dict.fromkeys(sources))
    yield ""


def _automations(diff: Diff, view: HistoryView) -> RenderableType:
    def number(value: int, style: str = "") -> Text:
        return Text(f"{value:,}", style) if value else Text("·", "dim")

    def apart(one: Compared) -> Sequence[int]:
        return (one.only_first, one.only_second, one.other_times, one.other_events)

    # A column without a difference is left out.
    has_some = [any(counts) for counts in zip(*map(apart, diff.automations), strict=True)]
    rows: list[Sequence[Text | str]] = [
        (
            _name(one),
            number(one.first),
            number(one.second),
            *(
                number(value, "yellow") if some else ""
                for value, some in zip(apart(one), has_some, strict=True)
            ),
            "",
        )
        for one in sorted(diff.automations, key=lambda one: not one.groups)
    ]
    why = Text("B does not have it", "dim")
    rows += [(inert(name, 60), number(n), *[""] * 5, why) for name, n in diff.unmatched_first]
    why = Text("A does not have it", "dim")
    rows += [(inert(name, 60), "", number(n), *[""] * 4, why) for name, n in diff.unmatched_second]
    heads = ("~automation", ">A", ">B", ">only A", ">only B", ">other time", ">other event", "~")
    return view.table(heads, rows, tuple, "automation", _AUTOMATIONS)


def _name(one: Compared) -> str:
    name = inert(one.name, 60)
    return name if one.renamed is None else f"{name} (in B: {inert(one.renamed, 60)})"


def _groups(diff: Diff, view: HistoryView) -> Iterator[RenderableType]:
    total = sum(len(one.groups) for one in diff.automations)
    shown = view.rows(_GROUPS)
    for group in islice((group for one in diff.automations for group in one.groups), shown):
        yield ""
        title = Text(inert(group.automation, 60), "bold")
        if group.labels:
            title.append(f" · {labels_text(group.labels, full=view.verbose)}", "not bold")
        yield Rule(title, align="left", style="dim")
        yield from _first_difference_lines(group.first_difference, view)
        yield _firings(group, view)
    if total > shown:
        yield ""
        yield hidden_rows(total - shown, "bucket", f"--limit {total}")


def _first_difference_lines(
    first_difference: FirstDifference | None, view: HistoryView
) -> Iterator[RenderableType]:
    if first_difference is None:
        yield Text("  The first difference is not known: the replay is too long to keep.", "dim")
        return
    where = "" if first_difference.trigger == "$" else f" in {first_difference.trigger}"
    event = first_difference.event
    head = f"The first difference is at {view.clock.at(first_difference.at)}{where}: "
    yield indented(Text.assemble(head, view.event(event) if event else "a deadline"))
    for letter, records in (("A", first_difference.first), ("B", first_difference.second)):
        did = phrase(records, view.clock, None) if records else "nothing"
        yield indented(Text.assemble((f"  {letter} ", "bold"), did))
    yield indented(Text(as_heading(view.said(first_difference.why))))


def _firings(group: Group, view: HistoryView) -> RenderableType:
    rows = [("only A", one.at, one) for one in group.only_first]
    rows += [("only B", one.at, one) for one in group.only_second]
    rows += [(_apart(x.first, x.second), x.first.at, x.first) for x in group.other_times]
    for pair in group.other_events:
        rows += [("A with", pair.first.at, pair.first)]
        rows += [("B with", pair.second.at, pair.second)]
    rows.sort(key=lambda row: row[1])
    return view.table(
        ("fired at", "", "~event"),
        rows,
        lambda row: (view.clock.at(row[1]), Text(row[0], "yellow"), _event(row[2], view)),
        "firing",
        _FIRINGS,
    )


def _event(one: Fired, view: HistoryView) -> Text:
    text = view.event(one.firing.event)
    if one.by_deadline and one.line is not None:
        text.append(" (by its deadline)", "dim")
    return text


def _apart(first: Fired, second: Fired) -> str:
    later = second.at - first.at
    return f"B {format_duration(abs(later))} {'later' if later > 0 else 'earlier'}"
