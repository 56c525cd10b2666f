"""The event at the cursor: what it did, in the words of ``explain --event``, and its labels."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import FAINT, heading, instant, line
from trigger_cli.explain.one_event import effect_of
from trigger_cli.model import Event
from trigger_cli.render.common.fitted import folded
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_id
from trigger_cli.render.explain.event_answer import event_answer, event_verdict
from trigger_cli.render.explain.parts import event_lines
from trigger_cli.render.explain.view import ExplainView
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_RELATED = 12
_LABELS = 20
_LONGEST = 120


def event_parts(session: Session, width: int) -> Iterator[RenderableType]:
    """The pane's parts, one below the other, for a pane of `width` columns."""
    recording = session.recording
    position = recording.stop_event(session.position.stop)
    if position is None:
        at = instant(session.clock, session.now)
        yield line((f"A deadline at {at}", "bold"))
        yield line(("The clock reaches a deadline; no event occurs.", FAINT))
        return
    event = recording.events[position]
    yield from answer(session, event, width)
    yield line("")
    yield heading("Labels")
    for one in _labels(event):
        yield folded(one, width)


def answer(session: Session, event: Event, width: int) -> Iterator[RenderableType]:
    """What the event did to the selected automation, or to all of them."""
    chosen = session.selection.automation
    asked = [
        (automation, effect_of(session.replayed(automation.index), automation, event))
        for automation in map(session.definition_of, session.automations)
        if chosen in {None, automation.index}
    ]
    view = ExplainView(session.told_clock, width, False, None, session.recording.dialect)
    if len(asked) > 1:
        yield from event_answer(asked, view)
        return
    for automation, one in asked:
        yield event_verdict(automation, one, view)
        yield Text(view.said(one.diagnosis.said))
        yield from event_lines(one, view)


def _labels(event: Event) -> Iterator[Text]:
    """The labels of the event, and what else it holds; the answer comes before them."""
    yield line(("id ", FAINT), inert(event.id, _LONGEST))
    if event.follows:
        yield line(("follows ", FAINT), inert(event.follows, _LONGEST))
    for label, value in list(event.resource.items())[:_LABELS]:
        yield line((f"{inert(label, _LONGEST)} ", FAINT), inert(value, _LONGEST))
    for related in event.related[:_RELATED]:
        role = inert(related.get(RESOURCE_ROLE, "related"), 30)
        name = related.get(RESOURCE_NAME) or short_id(related.get(RESOURCE_ID, ""))
        yield line((f"{role} ", FAINT), inert(name, _LONGEST))
    hidden = len(event.related) - _RELATED
    if hidden > 0:
        yield line((f"… {hidden} more related resources", FAINT))
