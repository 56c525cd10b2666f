"""The parts of an explanation: funnel, changes, checks, watches, a moment, other views."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.dialects import DIALECTS, DIFFERENCE_BY_ID, is_refusal
from trigger_cli.explain.records import (
    Counterfactual,
    DialectView,
    Explanation,
    OneEvent,
    OrderView,
    Refusal,
    Snapshot,
    StageName,
    Watch,
)
from trigger_cli.explain.rules import RULES
from trigger_cli.explain.sentence import distinct, written
from trigger_cli.match.why_not import Check
from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger, Trigger
from trigger_cli.render.common.fitted import grid
from trigger_cli.render.common.names import child_path, key_texts, labels_text
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import counted, often
from trigger_cli.render.explain.chain import story_lines
from trigger_cli.render.explain.event_answer import led_to
from trigger_cli.render.explain.view import WIDE, ExplainView, section

_CHANGES = 5
_FIRINGS = 5
_WATCHES = 6
_BUCKETS = 12
_ALTERNATIVES = 3
_OTHERWISE = {
    "did-not-fire": "does not fire",
    "pending": "has not fired yet",
    "never-evaluated": "is never evaluated",
}

_BAR = "━"
_LONGEST_BAR = 40
_FOUND = 3

_STAGES: dict[StageName, str] = {
    "named": "have a wanted name",
    "matched": "pass match",
    "related": "pass match_related",
    "counted": "counted in a window",
    "threshold": "reached the threshold",
    "fired": "firings",
}
_EVENTS = {"log": "events in the log", "part": "events replayed", "scope": "its events"}
_PROACTIVE_STAGES: dict[StageName, str] = {
    "counted": "counted in a window",
    "threshold": "satisfied a window",
}
_METRIC_STAGES: dict[StageName, str] = {
    "named": "tell a flow run's state",
    "counted": "changed the value",
    "threshold": "breached the threshold",
}
_COMPOSITE_STAGES: dict[StageName, str] = {
    "named": "have a name a child wants",
    "matched": "pass that child's match",
    "related": "pass its filters",
    "counted": "firings of children",
}


def _hidden(number: int, what: str) -> Iterator[RenderableType]:
    if number > 0:
        yield indented(Text(f"… {number:,} {what} (-v)", "dim"))


# --- The funnel ----------------------------------------------------------------------------


def funnel_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The table of the funnel, and what refused the events; nothing if it was not evaluated."""
    if one.verdict == "never-evaluated":
        return
    yield section("How far the events came")
    words = _words(one.trigger)
    words = {**words, "events": _EVENTS[one.funnel.of]}
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
    if left_out := one.funnel.undelivered:
        why = "duplicates (O2), log writes (O3) or waiting (O4)"
        yield indented(Text(f"{left_out:,} more not delivered: {why}", "dim"))
    if one.funnel.refusal is not None:
        yield _refusal(one.funnel.refusal, view)


def _words(trigger: Trigger) -> dict[StageName, str]:
    match trigger:
        case EventTrigger(posture="Proactive"):
            return _STAGES | _PROACTIVE_STAGES
        case EventTrigger():
            return _STAGES
        case MetricTrigger():
            return _STAGES | _METRIC_STAGES
        case CompositeTrigger():
            return _STAGES | _COMPOSITE_STAGES


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


def _refusal(refusal: Refusal, view: ExplainView) -> RenderableType:
    wanted = ", ".join(view.name(distinct(one)) for one in refusal.expected[:_FOUND]) or "nothing"
    more = len(refusal.expected) - _FOUND
    rows: list[tuple[Text | str, Text | str]] = [
        (
            Text(view.name(refusal.clause), "yellow"),
            Text(f"refused {counted(refusal.failed, 'event')}", "dim"),
        ),
        ("  wants", wanted + (f" and {more} more" if more > 0 else "")),
    ]
    shown = view.rows(_FOUND)
    if refusal.values:
        rows.append(("  found", _values(refusal.values[:shown], view)))
    if refusal.nearest:
        rows.append(("  nearest", Text(_values(refusal.nearest[:shown], view), "bold")))
    if refusal.hint:
        rows.append(("  hint", refusal.hint))
    return view.table(("", "~"), rows)


def _values(values: Sequence[tuple[str | None, int]], view: ExplainView) -> str:
    return ", ".join(
        f"{'(no such label)' if value is None else view.name(distinct(value))} ×{events:,}"
        for value, events in values
    )


# --- Changes -------------------------------------------------------------------------------


def change_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The changes that would have made the difference, each replayed."""
    if not one.counterfactuals and not one.not_tried:
        return
    silences = one.verdict == "fired"
    which = "this firing" if one.firing is not None and one.firing.total > 1 else "it"
    title = f"What would silence {which}" if silences else "What would have made it fire"
    yield section(f"{title} (each change replayed)")
    shown = one.counterfactuals[: view.rows(_CHANGES)]
    yield from _table([(change, _effect(change, silences=silences)) for change in shown], one, view)
    yield from _hidden(len(one.counterfactuals) - len(shown), "more")
    if one.not_tried:
        yield indented(Text(one.not_tried, "dim"))


def more_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The changes that would have made it fire more often."""
    if not one.more_firings:
        return
    yield section("What would have made it fire more often (each change replayed)")
    shown = one.more_firings[: view.rows(_CHANGES)]
    effect = "{0.firings:,} firings in place of {0.before:,}"
    yield from _table([(change, effect.format(change)) for change in shown], one, view)


def _table(
    changes: Sequence[tuple[Counterfactual, str]], one: Explanation, view: ExplainView
) -> Iterator[RenderableType]:
    """Each change with its effect, and where the definition has what is to be changed."""
    table = grid("wrap", "wrap")
    for change, effect in changes:
        where = "" if change.trigger == one.trigger.path else f"{change.trigger}: "
        said = written(change.said, name=view.whole)
        table.add_row(Text(f"{where}{said}", overflow="fold"), Text(effect))
    if changes:
        yield indented(table)
        yield from _places([change for change, _ in changes], one, view)


def _places(
    changes: Sequence[Counterfactual], one: Explanation, view: ExplainView
) -> Iterator[RenderableType]:
    """Where the definition has what is to be changed: the file's name, fields and lines."""
    found: dict[str, int] = {}
    for change in changes:
        is_child = change.trigger != one.trigger.path
        place = partial(view.line_of, one.automation.index, change.trigger)
        lines = {
            f"{change.trigger}.{field}" if is_child else field: line
            for field in change.change
            if (line := place(field)) is not None
        }
        if not lines and (line := place("")) is not None:
            lines = {change.trigger if is_child else "the trigger": line}
        found |= lines
    if found:
        places = ", ".join(f"{what} on line {line}" for what, line in found.items())
        file = view.name(Path(one.automation.source).name)
        yield indented(Text(f"{file} has {places}", "dim"))


def _effect(change: Counterfactual, *, silences: bool) -> str:
    firings = counted(change.firings, "firing")
    if not silences:
        return firings
    if not change.firings:
        return "no firing" if change.before == 1 else f"no firing (now {change.before:,})"
    if change.firings < change.before:
        return f"{firings} left of {change.before:,}"
    return (
        f"this firing is gone, {firings} remain"
        if change.firings > 1
        else "this firing is gone, 1 firing remains"
    )


# --- One event -----------------------------------------------------------------------------


def event_lines(one: OneEvent, view: ExplainView) -> Iterator[RenderableType]:
    """Every clause with expected and actual values; then the effect on the buckets."""
    for leaf in one.leaves:
        yield ""
        several = len(one.leaves) > 1
        yield section(f"{leaf.trigger}: its clauses" if several else "Its clauses")
        yield checks_table(leaf.checks, view)
        if several:
            yield indented(Text(view.said(leaf.diagnosis.said)))
        if leaf.transitions:
            yield from ("", section("What it did"))
            yield from story_lines(leaf.transitions, view)
            rules = grid("left", "wrap")
            for rule in dict.fromkeys(record.rule for record in leaf.transitions):
                rules.add_row(Text(rule, "dim"), Text(RULES.get(rule, ""), "dim"))
            yield indented(rules)
    if later := list(led_to(one, view)):
        yield from ("", section("Effects"))
        yield from map(indented, later)


def checks_table(checks: Sequence[Check], view: ExplainView) -> Padding:
    """Each clause with its result, wanted and actual values; in a narrow view, below the clause."""
    wide = view.width >= WIDE
    rows: list[tuple[Text | str, ...]] = []
    if wide:
        rows.append(("", *(Text(one, "dim") for one in ("clause", "wants", "the event has"))))
    for check in checks:
        mark = Text("ok", "green") if check.passed else Text("no", "bold red")
        clause = view.name(check.clause)
        wanted = ", ".join(map(view.name, check.expected[:_ALTERNATIVES])) or "any"
        if len(check.expected) > _ALTERNATIVES:
            wanted += f" +{len(check.expected) - _ALTERNATIVES}"
        found = None if check.actual is None else view.name(check.actual)
        if wide:
            has, hint = Text("(none)" if found is None else found), f" · {check.hint}"
            has.append(hint if check.hint else "", "dim")
            rows.append((mark, clause, wanted, has))
        else:
            told = Text(f"{clause}\nwants {wanted}; has {'nothing' if found is None else found}")
            rows.append((mark, told.append(f" ({check.hint})" if check.hint else "", "dim")))
    return view.table(("", *["~"] * (3 if wide else 1)), rows)


# --- Watches and moments ---------------------------------------------------------------------


def firing_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """The firings of what fired several times, unless its windows tell of them."""
    if one.firings < 2 or one.watches:
        return
    yield section(f"Its firings ({one.firings:,}; --firing N explains one)")
    shown = one.first_firings[: view.rows(_FIRINGS)]
    keys = key_texts(firing.labels for firing in shown)
    rows = [
        (
            f"{number:,}",
            view.clock.at(firing.at),
            Text(keys[firing.labels], "dim"),
            Text("by a deadline", "dim") if firing.event is None else view.event(firing.event),
        )
        for number, firing in enumerate(shown, 1)
    ]
    yield view.table((">", "", "~", "~"), rows)
    yield from _hidden(one.firings - len(shown), "more")


def watch_lines(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    """Each window of a proactive trigger: satisfied, fired or pending."""
    if not one.watches:
        return
    yield section(f"Its windows ({one.watch_count:,})")
    shown = _worth_showing(one, view.rows(_WATCHES))
    keys = key_texts(watch.labels for watch in shown)
    rows = [
        (
            view.clock.window(watch.start, watch.end),
            Text(keys[watch.labels], "dim"),
            _watch_outcome(watch, view),
        )
        for watch in shown
    ]
    yield view.table(("", "~", "~"), rows)
    yield from _hidden(one.watch_count - len(shown), "more")


def _worth_showing(one: Explanation, rows: int) -> list[Watch]:
    """The windows around the firing; without a firing, the last pending or satisfied ones."""
    order = {"fired": 0, "pending": 1, "renewed": 2, "satisfied": 2, "open": 3}

    def interest(watch: Watch) -> tuple[int, int]:
        if one.firing is not None:
            return (0, abs(watch.end - one.firing.firing.at))
        left = watch.end - (watch.by.occurred if watch.by is not None else watch.start)
        return (order[watch.state], left)

    ranked = sorted(one.watches, key=interest)[:rows]
    return sorted(ranked, key=lambda watch: (watch.start, watch.end))


def _watch_outcome(watch: Watch, view: ExplainView) -> Text:
    match watch.state:
        case "fired":
            return Text("fired: nothing satisfied it", "bold red")
        case "pending":
            return Text(f"pending: fires at {view.clock.at(watch.end)} if nothing comes", "yellow")
        case "satisfied" | "renewed" if watch.by is not None:
            then = ", then renewed" if watch.state == "renewed" else ""
            return Text.assemble("satisfied by ", view.event(watch.by), then)
        case "satisfied":
            return Text("satisfied")
        case _:
            return Text("ended without a firing")


def snapshot_lines(snapshot: Snapshot, view: ExplainView) -> Iterator[RenderableType]:
    """The state of all buckets at one instant."""
    yield section(f"At {view.clock.full(snapshot.at)} {view.clock.zone_name}")
    if not (snapshot.buckets or snapshot.stored or snapshot.waiting or snapshot.metrics):
        yield indented(Text("nothing was open, stored or waiting"))
        return
    table = grid("left", "left", "wrap")
    shown = snapshot.buckets[: view.rows(_BUCKETS)]
    for bucket in shown:
        count = f"{bucket.count} of {bucket.threshold}"
        key = labels_text(bucket.labels) if bucket.labels else "all events"
        if bucket.state == "cooling-down":
            count = f"cooling down until {view.clock.at(bucket.start)}"
        elif bucket.state == "ended":
            count += ", ended"
        window = view.clock.window(bucket.start, bucket.end)
        table.add_row(Text(child_path(bucket.trigger), "dim"), window, f"{count}  {key}")
    for stored in snapshot.stored:
        until = "" if stored.expires is None else f", until {view.clock.at(stored.expires)}"
        said = f"holds the firing of {view.clock.at(stored.firing.at)}{until}"
        child = child_path(stored.firing.trigger.path)
        table.add_row(Text(child_path(stored.trigger), "dim"), child, said)
    for metric in snapshot.metrics:
        state = "Triggered" if metric.triggered else "Resolved"
        breach = ", beyond the threshold" if metric.breached else ""
        table.add_row(Text(child_path(metric.trigger), "dim"), metric.shown, f"{state}{breach}")
    for event, due in snapshot.waiting:
        said = f"waits for the event it follows, until {view.clock.at(due)}"
        table.add_row(Text("delivery", "dim"), f"line {event.line}", said)
    yield indented(table)
    yield from _hidden(len(snapshot.buckets) - len(shown), "more buckets")


# --- Other views of the same events --------------------------------------------------------------


def dialect_lines(one: Explanation, other: DialectView) -> Iterator[RenderableType]:
    """The verdict of the other dialect, if it differs, and the reason."""
    here, there = DIALECTS[other.beside], DIALECTS[other.dialect]
    yield otherwise(one, other)
    for row in other.rows:
        yield indented(Text(f"{row}: {DIFFERENCE_BY_ID[row].told(here, there)}"))
    if other.seen_in is not None:
        words = f"(judged by {other.seen_in} firings, from the first that differs on)"
        yield indented(Text(words, "dim"))


def order_lines(one: Explanation, other: OrderView, view: ExplainView) -> Iterator[RenderableType]:
    """The verdict in the other order, if it differs, and the events that changed places."""
    words = {"received": "In order of receipt", "occurred": "In order of occurrence"}
    yield Text.assemble(f"{words[other.order]} ", (f"{_otherwise(one, other)}.", "bold"))
    yield indented(Text(view.said(other.said)))


def otherwise(one: Explanation, other: DialectView) -> Text:
    """How the other dialect's verdict differs, in one line."""
    said = _otherwise(one, other)
    if other.verdict == one.verdict and other.firings == one.firings:
        refused = all(map(is_refusal, other.rows))
        apart = (
            "its server refuses the definition" if refused else "at other times or by other events"
        )
        said += f", but {apart}"
    rows = f" ({', '.join(other.rows)})" if other.rows else ""
    return Text.assemble(f"In the {other.dialect} dialect ", (said, "bold"), f"{rows}.")


def _otherwise(one: Explanation, other: DialectView | OrderView) -> str:
    """``it fires once, not 3 times``: the other verdict beside the explanation's own."""
    if other.verdict != "fired":
        also = " either" if other.verdict == one.verdict else ""
        return f"it {_OTHERWISE[other.verdict]}{also}"
    if one.verdict != "fired":
        return f"it fires {often(other.firings)}"
    if other.firings == one.firings:
        return f"it also fires {often(other.firings)}"
    return f"it fires {often(other.firings)}, not {often(one.firings)}"
