"""Explanations for people: first the verdict, then the decisive cause, then the evidence."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from trigger_cli.explain.causes import CHAPTERS
from trigger_cli.explain.records import Conclusion, Diagnosis, Explanation
from trigger_cli.model import CompositeTrigger
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.view import are_many, indented
from trigger_cli.render.common.words import (
    VERDICTS,
    conditions,
    fires_on_every_event,
    often,
    quoted,
    sentence,
)
from trigger_cli.render.explain.chain import story_lines, timeline_lines
from trigger_cli.render.explain.event_answer import event_answer, event_verdict
from trigger_cli.render.explain.parts import (
    change_lines,
    checks_table,
    dialect_lines,
    event_lines,
    firing_lines,
    funnel_lines,
    more_lines,
    order_lines,
    snapshot_lines,
    watch_lines,
)
from trigger_cli.render.explain.view import ExplainView, section

_STYLES = {
    "fired": "bold red",
    "did-not-fire": "bold",
    "pending": "bold yellow",
    "never-evaluated": "bold yellow",
}


def render_conclusions(
    conclusions: Sequence[Conclusion], console: Console, view: ExplainView
) -> None:
    """Show each in two lines, or what one event did to all automations."""
    asked = [(one.automation, one.event) for one in conclusions if one.event is not None]
    if len(asked) > 1 and not view.verbose:
        hint = Text("For every clause, name one: --automation NAME", "dim")
        show(console, *event_answer(asked, view))
        for one in conclusions:
            if one.snapshot is not None:
                name = Text(quoted(one.automation.name), "bold")
                show(console, "", name, *snapshot_lines(one.snapshot, view))
        show(console, "", hint)
        return
    for place, one in enumerate(conclusions):
        if place:
            show(console, "")
        show(console, *_verdict(one, view))
        if one.snapshot is not None:
            show(console, *snapshot_lines(one.snapshot, view))
    if are_many(conclusions):
        show(console, "", Text("For the evidence, name one: --automation NAME", "dim"))


def render_explanations(
    explanations: Sequence[Explanation], console: Console, view: ExplainView
) -> None:
    """Show each with its evidence."""
    for place, one in enumerate(explanations):
        if place:
            show(console, "")
        show(console, *_parts(one, view))


def render_codes(console: Console) -> None:
    """Show every cause with its paragraph."""
    for place, chapter in enumerate(CHAPTERS):
        if place:
            show(console, "")
        show(console, Text(chapter.title, "bold underline"))
        for cause in chapter.causes:
            show(console, "", Text(cause.code, "bold"), indented(Text(cause.paragraph)))
            if cause.remedy:
                show(console, indented(Text(cause.remedy, "dim")))


# --- The two lines ---------------------------------------------------------------------------


def _verdict(one: Conclusion, view: ExplainView) -> Iterator[RenderableType]:
    if one.event is not None:
        yield event_verdict(one.automation, one.event, view)
    else:
        name = Text(quoted(one.automation.name), "bold")
        verdict = (VERDICTS[one.verdict], _STYLES[one.verdict])
        yield Text.assemble(
            name, " ", verdict, _when(one, view), (f" ({view.dialect.name} dialect)", "dim")
        )
    yield Text(view.said(_diagnosis(one).said))


def _diagnosis(one: Conclusion) -> Diagnosis:
    """The diagnosis of the event, if the user asked for one, else of the automation."""
    return one.diagnosis if one.event is None else one.event.diagnosis


def _when(one: Conclusion, view: ExplainView) -> str:
    firing = one.firing
    if firing is None:
        return ""
    at = view.clock.at(firing.firing.at)
    if one.firings == 1:
        return f" once, at {at}"
    if firing.is_chosen:
        return f" {one.firings:,} times; firing {firing.number}, at {at}, is explained"
    if firing.number > 1:
        return f" at {at}: firing {firing.number} of {firing.total}"
    return f" {one.firings:,} times, first at {at}"


# --- Everything --------------------------------------------------------------------------------


def _parts(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    yield from _verdict(one, view)
    if one.other_dialect is not None:
        yield from dialect_lines(one, one.other_dialect)
    yield _about(one, view)
    if one.firing is not None and len(one.firing.causes) > 1:
        listed = ", ".join(f"{cause} {count:,}" for cause, count in one.firing.causes)
        yield Text(f"Its {one.firings:,} firings by cause: {listed}.", "dim")
    for note in one.notes:
        yield Text(view.said(note), "yellow")
    if one.event is not None:
        yield from event_lines(one.event, view)
        yield ""
        yield _own_verdict(one, view)
    if one.snapshot is not None:
        yield ""
        yield from snapshot_lines(one.snapshot, view)
    told_below = one.since_created is not None and not view.verbose
    if one.event is None and one.snapshot is None and not told_below:
        yield from _evidence(one, view)
    if one.other_order is not None:
        yield from ("", *order_lines(one, one.other_order, view))
    if one.since_created is not None:
        yield from ("", section("Since it was created"))
        yield indented(Group(*_parts(one.since_created, view)))


def _about(one: Explanation, view: ExplainView) -> RenderableType:
    said = sentence(one.trigger, view.dialect)
    where = conditions(one.trigger, view.dialect)
    cause = _diagnosis(one).cause
    text = f"It {said}{', where ' + where if where else ''}."
    if cause != one.verdict:  # such as `fired`, which the heading states
        text += f" Cause code: {cause}."
    return Text(text, "dim")


def _own_verdict(one: Explanation, view: ExplainView) -> RenderableType:
    times = f" {often(one.firings)} in all" if one.verdict == "fired" else ""
    words = f"The automation {VERDICTS[one.verdict]}{times}"
    return Text(f"{words}: {view.said(one.diagnosis.said)}", "dim")


def _evidence(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    for part in (
        _children(one, view),
        funnel_lines(one, view),
        _miss(one, view),
        firing_lines(one, view),
        _chain(one, view),
        watch_lines(one, view),
        change_lines(one, view),
        more_lines(one, view),
        _checks(one, view),
    ):
        lines = list(part)
        if lines:
            yield ""
            yield from lines


def _miss(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    miss = one.nearest_miss
    if miss is None or miss.said == one.diagnosis.said:
        return
    yield section("Nearest miss of another firing" if one.firings else "Nearest miss")
    yield indented(Text(view.said(miss.said)))


def _chain(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    if not one.chain:
        return
    if one.verdict == "fired":
        number = "" if one.firing is None or one.firing.total == 1 else f" {one.firing.number}"
        yield section(f"How firing{number} came about" if number else "How it came about")
        yield from timeline_lines(one.chain, view)
    elif view.verbose:
        yield section("What happened")
    else:
        return
    yield from story_lines(one.chain, view)


def _checks(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    if not view.verbose or one.checked is None or not one.checks:
        return
    yield Text.assemble(section("The event that came furthest: "), view.event(one.checked))
    yield checks_table(one.checks, view)


def _children(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    if not one.children:
        return
    yield section("Its children")
    for child in one.children:
        yield from _child(child, view, 1)


def _child(child: Explanation, view: ExplainView, level: int) -> Iterator[RenderableType]:
    said = sentence(child.trigger, view.dialect)
    where = conditions(child.trigger, view.dialect)
    head = Text.assemble((child.trigger.path, "bold"), f" {said}")
    if where:
        head.append(f", where {where}", "dim")
    yield indented(head, level)
    fired = f"fired {often(child.firings)}"
    if not child.firings:
        fired = {"pending": "has not fired yet"}.get(child.verdict, "did not fire")
        # Below a composite that fired, with a firing of the child by another resource.
        fired += " by its events" if child.funnel.of == "scope" else ""
    text = Text.assemble((fired, _STYLES[child.verdict]))
    if child.firings and fires_on_every_event(child.trigger):
        first = "first " if child.firings > 1 else ""
        text.append(f", {first}at {view.clock.at(child.chain[-1].at)}")
    else:
        text.append(f": {view.said(child.diagnosis.said)}")
    yield indented(text, level + 1)
    if isinstance(child.trigger, CompositeTrigger):
        for own in child.children:
            yield from _child(own, view, level + 1)
    elif view.verbose:
        for part in (*funnel_lines(child, view), *watch_lines(child, view)):
            yield indented(part, level + 1)
