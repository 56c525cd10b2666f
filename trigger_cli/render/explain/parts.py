"""The smaller parts of an explanation: changes, checks, watches, a moment, other views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from trigger_cli.dialects import DIALECTS, DIFFERENCE_BY_ID
from trigger_cli.explain.records import (
    Clauses,
    Counterfactual,
    DialectView,
    Explanation,
    Moment,
    OneEvent,
    OrderView,
    Watch,
)
from trigger_cli.explain.rules import RULES
from trigger_cli.match.why_not import Check
from trigger_cli.model import TriggerTransition
from trigger_cli.render.common.names import labels_text
from trigger_cli.render.explain.story import story_lines
from trigger_cli.render.explain.view import ROOMY, ExplainView, grid, indented, section

_CHANGES = 5
_WATCHES = 6
_BUCKETS = 12
_ALTERNATIVES = 3
_VERDICTS = {
    "fired": "fired",
    "did-not-fire": "did not fire",
    "pending": "pending",
    "never-evaluated": "not evaluated",
}


# --- Changes -------------------------------------------------------------------------------


def change_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The changes that would have made the difference, each replayed."""
    if not one.counterfactuals and not one.not_tried:
        return
    silences = one.verdict == "fired"
    which = "this firing" if one.firing is not None and one.firing.total > 1 else "it"
    title = f"What would silence {which}" if silences else "What would have made it fire"
    yield section(f"{title} (each change replayed)")
    table = grid("wrap", "wrap")
    shown = one.counterfactuals[: view.rows(_CHANGES)]
    for change in shown:
        table.add_row(_change(change, one, view), Text(_effect(change, silences=silences)))
    if shown:
        yield indented(table)
    hidden = len(one.counterfactuals) - len(shown)
    if hidden > 0:
        yield indented(Text(f"… {hidden} more (-v)", "dim"))
    if one.not_tried:
        yield indented(Text(one.not_tried, "dim"))


def more_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """What would have made it fire more often."""
    if not one.more_firings:
        return
    yield section("What would have made it fire more often (each change replayed)")
    table = grid("wrap", "wrap")
    for change in one.more_firings[: view.rows(_CHANGES)]:
        table.add_row(
            _change(change, one, view), f"{change.firings:,} firings in place of {change.before:,}"
        )
    yield indented(table)


def _change(change: Counterfactual, one: Explanation, view: ExplainView) -> Text:
    where = "" if change.trigger == one.trigger.path else f"{change.trigger}: "
    return Text(f"{where}{view.said(change.said)}")


def _effect(change: Counterfactual, *, silences: bool) -> str:
    firings = f"{change.firings:,} firing{'' if change.firings == 1 else 's'}"
    if not silences:
        return firings
    if not change.firings:
        return "no firing" if change.before == 1 else f"no firing (now {change.before:,})"
    if change.firings < change.before:
        return f"{firings} left of {change.before:,}"
    return f"not this one, but {firings}"


# --- One event -----------------------------------------------------------------------------


def event_lines(one: OneEvent, view: ExplainView) -> Iterator[RenderableType]:
    """Every clause with expected and actual values; then what the buckets did with the event."""
    for leaf in one.leaves:
        yield ""
        several = len(one.leaves) > 1
        yield section(f"{leaf.trigger}: its clauses" if several else "Its clauses")
        yield indented(checks_table(leaf.checks, view))
        if several:
            yield indented(Text(view.said(leaf.diagnosis.said)))
        yield from _bucket_lines(leaf, view)


def _bucket_lines(leaf: Clauses, view: ExplainView) -> Iterator[RenderableType]:
    if not leaf.transitions:
        return
    yield section("What it did")
    yield from story_lines(leaf.transitions, view)
    yield from rule_lines(leaf.transitions)


def rule_lines(records: Sequence[TriggerTransition]) -> Iterator[RenderableType]:
    """Each rule that decided, in plain words."""
    table = grid("left", "wrap")
    for rule in dict.fromkeys(one.rule for one in records):
        table.add_row(Text(rule, "dim"), Text(RULES.get(rule, ""), "dim"))
    yield indented(table)


def checks_table(checks: Sequence[Check], view: ExplainView) -> Table:
    """Each clause with its result, the wanted values and the found ones."""
    if view.width < ROOMY:
        return _stacked_checks(checks, view)
    table = grid("left", "wrap", "wrap", "wrap")
    table.add_row("", Text("clause", "dim"), Text("wants", "dim"), Text("the event has", "dim"))
    for check in checks:
        mark = Text("ok", "green") if check.passed else Text("no", "bold red")
        wanted = ", ".join(view.name(one) for one in check.expected[:_ALTERNATIVES])
        more = len(check.expected) - _ALTERNATIVES
        found = Text("(none)" if check.actual is None else view.name(check.actual))
        if check.hint:
            found.append(f" · {check.hint}", "dim")
        table.add_row(
            mark,
            Text(view.name(check.clause)),
            Text((wanted or "any") + (f" +{more}" if more > 0 else "")),
            found,
        )
    return table


def _stacked_checks(checks: Sequence[Check], view: ExplainView) -> Table:
    """In a narrow view, wanted and found values stand below the clause."""
    table = grid("left", "wrap")
    for check in checks:
        mark = Text("ok", "green") if check.passed else Text("no", "bold red")
        wanted = ", ".join(view.name(one) for one in check.expected[:_ALTERNATIVES])
        more = len(check.expected) - _ALTERNATIVES
        found = "nothing" if check.actual is None else view.name(check.actual)
        text = Text(f"{view.name(check.clause)}\n")
        text.append(f"wants {wanted or 'any'}{f' +{more}' if more > 0 else ''}; has {found}")
        if check.hint:
            text.append(f" ({check.hint})", "dim")
        table.add_row(mark, text)
    return table


# --- Watches and moments ---------------------------------------------------------------------


def watch_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """Each window of a proactive trigger, and whether it was satisfied, fired or is pending."""
    if not one.watches:
        return
    yield section(f"Its watches ({one.watch_count:,})")
    shown = _worth_showing(one, view.rows(_WATCHES))
    table = grid("left", "left", "wrap")
    for watch in shown:
        key = labels_text(watch.labels) if watch.labels else ""
        window = f"{view.clock.at(watch.start)}–{view.clock.at(watch.end)}"
        table.add_row(window, Text(key, "dim"), _fate(watch, view))
    yield indented(table)
    hidden = one.watch_count - len(shown)
    if hidden > 0:
        yield indented(Text(f"… {hidden:,} more (-v)", "dim"))


def _worth_showing(one: Explanation, rows: int) -> list[Watch]:
    """The windows around the firing; without a firing, those pending or satisfied last."""
    if one.firing is not None:
        at = one.firing.firing.at
        ranked = sorted(one.watches, key=lambda watch: abs(watch.end - at))[:rows]
    else:
        ranked = sorted(one.watches, key=_interest)[:rows]
    return sorted(ranked, key=lambda watch: (watch.start, watch.end))


def _interest(watch: Watch) -> tuple[int, int]:
    order = {"fired": 0, "pending": 1, "renewed": 2, "satisfied": 2, "open": 3}
    left = watch.end - (watch.by.occurred if watch.by is not None else watch.start)
    return (order[watch.state], left)


def _fate(watch: Watch, view: ExplainView) -> Text:
    match watch.state:
        case "fired":
            return Text("fired: nothing satisfied it", "bold red")
        case "pending":
            return Text(f"pending: fires at {view.clock.at(watch.end)} if nothing comes", "yellow")
        case "satisfied" | "renewed" if watch.by is not None:
            word = "satisfied" if watch.state == "satisfied" else "satisfied and renewed"
            return Text.assemble(f"{word} by ", view.event(watch.by))
        case "satisfied":
            return Text("satisfied")
        case _:
            return Text("ended without a firing")


def moment_lines(moment: Moment, view: ExplainView) -> Iterator[RenderableType]:
    """The state of all buckets at one instant."""
    yield section(f"At {view.clock.full(moment.at)} {view.clock.zone_name}")
    if not (moment.buckets or moment.stored or moment.waiting or moment.metrics):
        yield indented(Text("nothing was open, stored or waiting"))
        return
    table = grid("left", "left", "wrap")
    shown = moment.buckets[: view.rows(_BUCKETS)]
    for bucket in shown:
        window = f"{view.clock.at(bucket.start)}–{view.clock.at(bucket.end)}"
        count = f"{bucket.count} of {bucket.threshold}"
        key = labels_text(bucket.labels) if bucket.labels else "all events"
        if bucket.state == "cooling-down":
            count = f"cooling down until {view.clock.at(bucket.start)}"
        elif bucket.state == "ended":
            count += ", ended"
        table.add_row(Text(bucket.trigger, "dim"), window, f"{count}  {key}")
    for stored in moment.stored:
        until = "" if stored.expires is None else f", until {view.clock.at(stored.expires)}"
        said = f"holds the firing of {view.clock.at(stored.firing.at)}{until}"
        table.add_row(Text(stored.trigger, "dim"), stored.firing.trigger.path, said)
    for metric in moment.metrics:
        state = "Triggered" if metric.triggered else "Resolved"
        breach = ", beyond the threshold" if metric.breached else ""
        table.add_row(Text(metric.trigger, "dim"), metric.shown, f"{state}{breach}")
    for event, due in moment.waiting:
        said = f"waits for the event it follows, until {view.clock.at(due)}"
        table.add_row(Text("delivery", "dim"), f"line {event.line}", said)
    yield indented(table)
    hidden = len(moment.buckets) - len(shown)
    if hidden > 0:
        yield indented(Text(f"… {hidden:,} more buckets (-v)", "dim"))


# --- Other views of the same events --------------------------------------------------------------


def dialect_lines(other: DialectView) -> Iterator[RenderableType]:
    """A difference of the other dialect's verdict, and why."""
    here, there = DIALECTS[other.beside], DIALECTS[other.dialect]
    firings = f" ({other.firings:,} firings)" if other.firings > 1 else ""
    text = Text(f"In the {other.dialect} dialect: ")
    text.append(f"{_VERDICTS[other.verdict]}{firings}", "bold")
    yield text
    for row in other.rows:
        yield indented(Text(f"{row}: {DIFFERENCE_BY_ID[row].told(here, there)}"))


def order_lines(other: OrderView, view: ExplainView) -> Iterator[RenderableType]:
    """A difference of the other order's verdict, and which events changed places."""
    firings = f" ({other.firings:,} firings)" if other.firings > 1 else ""
    words = {"received": "In order of receipt", "occurred": "In order of occurrence"}[other.order]
    text = Text(f"{words}: ")
    text.append(f"{_VERDICTS[other.verdict]}{firings}", "bold")
    yield text
    yield indented(Text(view.said(other.said)))
