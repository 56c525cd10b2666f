"""What one event did to several automations: first its effects, then the refusals by reason."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rich.console import RenderableType
from rich.text import Text

from trigger_cli.explain.records import OneEvent
from trigger_cli.model import Automation
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import counted, listed, quoted
from trigger_cli.render.explain.view import ExplainView, section

_NAMES = 3
_UNDELIVERED = frozenset({"never-delivered", "duplicate", "waiting-for-leader"})
FIRINGS = 5
"""The most firings after the event that are shown individually."""


Asked: TypeAlias = tuple[Automation, OneEvent]
"""An automation, and the effect of the event on it."""


def event_verdict(automation: Automation, event: OneEvent, view: ExplainView) -> Text:
    """Whether the event fired the automation, in one line."""
    what = ("fired", "bold red") if event.fired else ("did not fire", "bold")
    return Text.assemble(view.event(event.event), " ", what, " ", (quoted(automation.name), "bold"))


def event_answer(asked: Sequence[Asked], view: ExplainView) -> Iterator[RenderableType]:
    """The whole answer for one event."""
    _, first = asked[0]
    took = [(one, event) for one, event in asked if event.did_something or event.fired]
    fired = sum(event.fired for _, event in asked)
    later = sum(bool(event.later) for _, event in asked)
    yield Text.assemble(
        view.event(first.event),
        " ",
        (f"fired {fired} of {counted(len(asked), 'automation')}", "bold red" if fired else "bold"),
        f" and led to later firings of {later}" if later else "",
        (f", {view.clock.at(first.event.occurred)} ({view.dialect.name} dialect)", "dim"),
    )
    if first.diagnosis.cause in _UNDELIVERED:
        yield Text(view.said(first.diagnosis.said))
        return
    if not took:
        yield Text("None of them took it.")
    else:
        yield from ("", section("What it did"))
        for one, event in sorted(took, key=lambda pair: not pair[1].fired):
            yield from _did(one, event, view)
    refused = [(one, event) for one, event in asked if not (event.did_something or event.fired)]
    if refused:
        yield from ("", section(f"Not taken by {counted(len(refused), 'automation')}"))
        yield _refusals(refused, view)


def _did(one: Automation, event: OneEvent, view: ExplainView) -> Iterator[RenderableType]:
    name = Text(quoted(one.name), "bold")
    yield indented(Text.assemble(name, ": ", view.said(event.diagnosis.said)))
    for line in led_to(event, view):
        yield indented(line, 2)


def led_to(event: OneEvent, view: ExplainView) -> Iterator[Text]:
    """The automation's firings by later events and deadlines that the event contributed to."""
    later = event.later
    for fired in later[:FIRINGS]:
        by = Text("by its deadline")
        if fired.event is not None and fired.event.line != event.event.line:
            by = view.event(fired.event)
        yield Text.assemble(f"led to its firing at {view.clock.at(fired.at)}, ", by)
    if len(later) > FIRINGS:
        yield Text(f"and to {counted(len(later) - FIRINGS, 'later firing')}", "dim")


def _refusals(refused: Sequence[Asked], view: ExplainView) -> RenderableType:
    """Each reason with the number of its automations, and the first of them."""
    by_reason: dict[str, list[str]] = {}
    for one, event in refused:
        by_reason.setdefault(_reason(event, view), []).append(quoted(one.name))
    rows = [
        (str(len(names)), reason, Text(listed(names, _NAMES), "dim"))
        for reason, names in sorted(by_reason.items(), key=lambda item: -len(item[1]))
    ]
    return view.table((">", "~", "~"), rows)


def _reason(event: OneEvent, view: ExplainView) -> str:
    leaf = max(event.leaves, key=lambda one: sum(check.passed for check in one.checks))
    failed = next((check for check in leaf.checks if not check.passed), None)
    if event.diagnosis.cause == "not-wanted":
        return "its name is not wanted"
    if failed is not None and event.diagnosis.cause == "not-matched":
        actual = "nothing" if failed.actual is None else view.name(failed.actual)
        return f"{view.name(failed.clause)}: it has {actual}"
    return view.said(event.diagnosis.said)
