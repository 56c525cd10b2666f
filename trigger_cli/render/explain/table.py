"""Explanations for a person: the verdict first, then the decisive cause, then the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.explain.causes import CHAPTERS
from trigger_cli.explain.records import Explanation
from trigger_cli.model import CompositeTrigger, EventTrigger, Trigger
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import Encodable
from trigger_cli.render.common.words import conditions, sentence
from trigger_cli.render.explain.funnel import funnel_lines
from trigger_cli.render.explain.parts import (
    change_lines,
    checks_table,
    dialect_lines,
    event_lines,
    moment_lines,
    more_lines,
    order_lines,
    watch_lines,
)
from trigger_cli.render.explain.story import story_lines, timeline_lines
from trigger_cli.render.explain.view import INDENT, ExplainView, indented, section
from trigger_cli.render.replay.view import counted

FULL = 3
"""Up to this many automations are explained in full; for more, only the verdicts are shown."""
_STYLES = {
    "fired": "bold red",
    "did-not-fire": "bold",
    "pending": "bold yellow",
    "never-evaluated": "bold yellow",
}


def render_explanations(
    explanations: Sequence[Explanation], console: Console, view: ExplainView, *, brief: bool
) -> None:
    """Show each explanation; `brief`: only its first two lines."""
    for place, one in enumerate(explanations):
        if place:
            _show("", console)
        for part in _verdict(one, view) if brief else _parts(one, view):
            _show(part, console)
    if brief and len(explanations) > FULL:
        _show("", console)
        _show(Text("For the evidence, name one: --automation NAME", "dim"), console)


def render_codes(console: Console) -> None:
    """Show every cause with its paragraph."""
    for place, chapter in enumerate(CHAPTERS):
        if place:
            _show("", console)
        _show(Text(chapter.title, "bold underline"), console)
        for cause in chapter.causes:
            _show("", console)
            _show(Text(cause.code, "bold"), console)
            _show(indented(Text(cause.paragraph)), console)
            if cause.remedy:
                _show(indented(Text(cause.remedy, "dim")), console)


def _show(part: RenderableType, console: Console) -> None:
    console.print(Encodable(part), markup=False, highlight=False, emoji=False)


# --- The two lines ---------------------------------------------------------------------------


def _verdict(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    name = Text(inert(one.automation.name, 60), "bold")
    if one.event is not None:
        event = view.event(one.event.event)
        what = "fired" if one.event.fired else "did not fire"
        style = _STYLES["fired" if one.event.fired else "did-not-fire"]
        yield Text.assemble(event, " ", (what, style), " ", name)
        yield Text(view.said(one.event.diagnosis.said))
        return
    said = one.diagnosis.said
    if one.verdict == "fired":
        text = Text.assemble(name, " ", ("fired", _STYLES["fired"]), _when(one, view))
        if one.firing is not None and one.diagnosis.cause != "fired-before-creation":
            said = one.firing.diagnosis.said
    else:
        words = {
            "did-not-fire": "did not fire",
            "pending": "has not fired yet",
            "never-evaluated": "was never evaluated",
        }[one.verdict]
        text = Text.assemble(name, " ", (words, _STYLES[one.verdict]))
    yield text
    yield Text(view.said(said))


def _when(one: Explanation, view: ExplainView) -> str:
    firing = one.firing
    if firing is None:
        return ""
    at = view.clock.at(firing.firing.at)
    if one.firings == 1:
        return f" once, at {at}"
    if firing.number > 1:
        return f" at {at}: firing {firing.number} of {firing.total}"
    return f" {one.firings:,} times, first at {at}"


# --- Everything --------------------------------------------------------------------------------


def _parts(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    yield from _verdict(one, view)
    yield _about(one, view)
    for note in one.notes:
        yield Text(view.said(note), "yellow")
    if one.event is not None:
        yield from event_lines(one.event, view)
        yield ""
        yield _own_verdict(one, view)
    if one.moment is not None:
        yield ""
        yield from moment_lines(one.moment, view)
    told_below = one.since_created is not None and not view.verbose
    if one.event is None and one.moment is None and not told_below:
        yield from _evidence(one, view)
    for part in (
        dialect_lines(one.other_dialect) if one.other_dialect is not None else (),
        order_lines(one.other_order, view) if one.other_order is not None else (),
    ):
        lines = list(part)
        if lines:
            yield ""
            yield from lines
    if one.since_created is not None:
        yield ""
        yield section("Since it was created")
        since = list(_parts(one.since_created, view))
        yield Padding(Group(*since), (0, 0, 0, INDENT))


def _about(one: Explanation, view: ExplainView) -> RenderableType:
    said = sentence(one.trigger, view.dialect)
    where = conditions(one.trigger, view.dialect)
    cause = one.diagnosis.cause
    if one.event is not None:
        cause = one.event.diagnosis.cause
    elif one.firing is not None and cause != "fired-before-creation":
        cause = one.firing.diagnosis.cause
    text = f"It {said}{', where ' + where if where else ''}. Cause: {cause}."
    return Text(text, "dim")


def _own_verdict(one: Explanation, view: ExplainView) -> RenderableType:
    words = {
        "fired": f"The automation fired {counted(one.firings, 'time')} in all",
        "did-not-fire": "The automation did not fire",
        "pending": "The automation has not fired yet",
        "never-evaluated": "The automation was never evaluated",
    }[one.verdict]
    return Text(f"{words}: {view.said(one.diagnosis.said)}", "dim")


def _evidence(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    for part in (
        _children(one, view),
        funnel_lines(one, view),
        _miss(one, view),
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
    yield indented(checks_table(one.checks, view))


def _children(one: Explanation, view: ExplainView) -> Iterator[RenderableType]:
    if not one.children:
        return
    yield section("Its children")
    for child in one.children:
        yield from _child(child, view, 1)


def _fires_on_every_event(trigger: Trigger) -> bool:
    return (
        isinstance(trigger, EventTrigger)
        and trigger.immediate
        and trigger.threshold <= 1
        and not trigger.after
    )


def _child(child: Explanation, view: ExplainView, level: int) -> Iterator[RenderableType]:
    said = sentence(child.trigger, view.dialect)
    where = conditions(child.trigger, view.dialect)
    head = Text.assemble((child.trigger.path, "bold"), f" {said}")
    if where:
        head.append(f", where {where}", "dim")
    yield indented(head, level)
    fired = f"fired {counted(child.firings, 'time')}"
    if not child.firings:
        fired = {"pending": "has not fired yet"}.get(child.verdict, "did not fire")
    text = Text.assemble((fired, _STYLES[child.verdict]))
    if child.firings and _fires_on_every_event(child.trigger):
        text.append(f", first at {view.clock.at(child.chain[-1].at)}")
    else:
        text.append(f": {view.said(child.diagnosis.said)}")
    yield indented(text, level + 1)
    if isinstance(child.trigger, CompositeTrigger):
        for own in child.children:
            yield from _child(own, view, level + 1)
    elif view.verbose:
        for part in (*funnel_lines(child, view), *watch_lines(child, view)):
            yield Padding(part, (0, 0, 0, INDENT * (level + 1)))
