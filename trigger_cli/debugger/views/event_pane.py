"""The event under the cursor, and each clause of the selected trigger: pass or fail."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import BAD, FAINT, GOOD, heading, instant, line, trigger_name
from trigger_cli.dialects import Dialect
from trigger_cli.match.plan import is_evaluated, walk
from trigger_cli.match.why_not import Check, why_not
from trigger_cli.model import Automation, CompositeTrigger, Event, EventTrigger, MetricTrigger
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_id
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, UNDELIVERED_NAMES

_AUTOMATIONS = 40
_RELATED = 12
_LABELS = 20
_LONGEST = 120
_ALTERNATIVES = 4


def event_lines(session: Session) -> list[Text]:
    """The pane's lines."""
    recording = session.recording
    position = recording.stop_event(session.position.stop)
    if position is None:
        at = instant(session.clock, session.now)
        return [line((f"A deadline at {at}", "bold")), line(("No event is taken here.", FAINT))]
    event = recording.events[position]
    return [*_about(event, session), *_clauses(event, session), *_labels(event)]


def _about(event: Event, session: Session) -> Iterator[Text]:
    yield line((inert(event.name, _LONGEST), "bold"), (f"  #{event.line}", FAINT))
    name = event.resource.get(RESOURCE_NAME, "")
    identity = short_id(event.resource.get(RESOURCE_ID, ""))
    yield line(inert(name, _LONGEST), " " if name else "", (identity, FAINT))
    if event.occurred != session.now:
        yield line(f"occurred {instant(session.clock, event.occurred)}, taken later")
    if event.name in UNDELIVERED_NAMES:
        yield line(("never reaches triggers (O3)", BAD))


def _labels(event: Event) -> Iterator[Text]:
    """What else the event holds; the clauses go before it."""
    yield line("")
    yield heading("Labels")
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


def _clauses(event: Event, session: Session) -> Iterator[Text]:
    dialect = session.recording.dialect
    if session.selection.automation is None:
        for automation in session.automations[:_AUTOMATIONS]:
            yield _verdict(automation, event, dialect)
        if len(session.automations) > _AUTOMATIONS:
            yield line(("… select one to see its clauses", FAINT))
        return
    index = session.selection.automation
    automation = session.index.automation(index)
    if index in session.edited:
        automation = session.definitions[index].automation
    if not is_evaluated(automation, dialect):
        yield line((_why_not_evaluated(automation, dialect), BAD))
        return
    leaves = _leaves(automation)
    chosen = [one for one in leaves if one.path.startswith(session.selection.path or "")]
    for leaf in chosen:
        if len(leaves) > 1:
            yield heading(trigger_name(leaf))
        for check in why_not(leaf, event, dialect):
            yield from _check(check)


def _leaves(automation: Automation) -> list[EventTrigger | MetricTrigger]:
    return [one for one in walk(automation.trigger) if not isinstance(one, CompositeTrigger)]


def _why_not_evaluated(automation: Automation, dialect: Dialect) -> str:
    if not automation.enabled:
        return "disabled: not evaluated (O5)"
    return f"the {dialect.name} dialect cannot evaluate it"


def _verdict(automation: Automation, event: Event, dialect: Dialect) -> Text:
    name = inert(automation.name, _LONGEST)
    if not is_evaluated(automation, dialect):
        return line(("– ", FAINT), (f"{name}: {_why_not_evaluated(automation, dialect)}", FAINT))
    failed: Check | None = None
    for leaf in _leaves(automation):
        first = next((one for one in why_not(leaf, event, dialect) if not one.passed), None)
        if first is None:
            return line(("✓ ", GOOD), name)
        if failed is None or failed.is_name:
            failed = first
    why = "" if failed is None else f"  {inert(failed.clause, _LONGEST)}"
    return line(("✗ ", BAD), name, (why, FAINT))


def _check(check: Check) -> Iterator[Text]:
    mark = ("✓ ", GOOD) if check.passed else ("✗ ", BAD)
    wanted = ", ".join(inert(one, _LONGEST) for one in check.expected[:_ALTERNATIVES]) or "any"
    more = len(check.expected) - _ALTERNATIVES
    if more > 0:
        wanted += f" +{more}"
    clause = inert(check.clause, _LONGEST).replace("prefect.resource.", "")
    yield line(mark, (clause, "" if check.passed else "bold"), (f"  {wanted}", FAINT))
    if not check.passed:
        actual = "nothing" if check.actual is None else inert(check.actual, _LONGEST)
        yield line(f"  has {actual}")
    if check.hint:
        yield line((f"  {inert(check.hint, _LONGEST)}", FAINT))
