"""The funnel from all events of the log to the firings: how many events passed each stage."""

from collections import Counter
from typing import get_args

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Funnel, Refusal, Stage, StageName
from trigger_cli.explain.tally import ClauseTally, Role
from trigger_cli.explain.unmatched import custom_state_names, names_in
from trigger_cli.model import CompositeTrigger, Counted, EventTrigger, MetricTrigger, Opened
from trigger_cli.vocabulary import near_names

_VALUES = 5


def funnel_of(case: Case) -> Funnel:
    """The funnel of one trigger; for a composite, of the events that any child wants."""
    passed = case.passed
    counts = (
        case.delivered,
        passed.named,
        passed.matched,
        passed.related,
        *_in_buckets(case),
        case.fired,
    )
    stages = tuple(map(Stage, get_args(StageName), counts))
    ended_at = _ended_at(case, stages)
    return Funnel(stages, ended_at, _refusal(case, ended_at), case.of, case.undelivered)


def _in_buckets(case: Case) -> tuple[int, int]:
    """The number of events counted in a window, and how often the threshold was reached."""
    trigger = case.trigger
    if isinstance(trigger, CompositeTrigger):
        return sum(child.fired for child in case.children), case.fired
    if isinstance(trigger, MetricTrigger):
        # A value also changes where an event leaves the range (K6), which no event brings.
        measured = sum(
            1 for one in case.records if one.kind == "measured" and one.event is not None
        )
        return measured, sum(1 for one in case.records if one.kind == "breached")
    # E7 spends an event on the new window without a record of its own: it is opened with a count.
    found = [
        one for one in case.records if isinstance(one, Counted | Opened) and one.after.count > 0
    ]
    reached = sum(1 for one in found if one.after.count == max(trigger.threshold, 1))
    if case.scope is not None and case.is_shared:
        lines = {one.line for one in case.scope.events}
        found = [one for one in found if one.event is not None and one.event.line in lines]
    return len(found), reached


def _ended_at(case: Case, stages: tuple[Stage, ...]) -> StageName | None:
    """The first stage without events; `None` for a proactive trigger that may fire without any."""
    if case.firings or case.verdict != "did-not-fire":
        return None
    is_proactive = isinstance(case.trigger, EventTrigger) and case.trigger.posture == "Proactive"
    if is_proactive and case.records:
        # Its events prevent firing, so it needs only an event that opens a window.
        return None
    return next((stage.name for stage in stages if not stage.events), None)


# --- The clause that refused most events ------------------------------------------------------


def _refusal(case: Case, ended_at: StageName | None) -> Refusal | None:
    if case.verdict == "never-evaluated" or isinstance(case.trigger, CompositeTrigger):
        return None  # no event was matched, or each child has a funnel of its own
    if ended_at not in {"matched", "related"}:
        # Possibly events failed in one of the two roles only.
        return _refusal_of_role(case)
    expect = case.tally.roles["expect"]
    tally = expect if expect.named else case.tally.roles["after"]
    return _of_clause(tally.commonest(related=ended_at == "related"))


def _refusal_of_role(case: Case) -> Refusal | None:
    trigger, roles = case.trigger, case.tally.roles
    if case.firings or not isinstance(trigger, EventTrigger) or not case.delivered:
        return None
    wanted: dict[Role, tuple[str, ...]] = {"expect": trigger.expect, "after": trigger.after}
    if not trigger.after:
        del wanted["after"]
    elif trigger.posture == "Proactive":
        del wanted["expect"]
    for role, patterns in wanted.items():
        tally = roles[role]
        if not tally.named:
            return _of_names(case, role, patterns)
        if not tally.related:
            return _of_clause(tally.commonest(related=tally.matched > 0))
    return None


def _of_names(case: Case, clause: Role, patterns: tuple[str, ...]) -> Refusal:
    # An event of a wanted name that delivery kept from the triggers was not refused.
    taken = names_in(case, clause, case.dialect)
    names = Counter({name: events for name, events in case.names.items() if name not in taken})
    near = [(one.name, one.events) for one in near_names(patterns, names)]
    known = {name for name, _ in near}
    custom = [name for name in custom_state_names(case, patterns) if name in names]
    near += [(name, names[name]) for name in custom[:2] if name not in known]
    most = tuple(names.most_common(_VALUES))
    return Refusal(clause, case.delivered, patterns, most, tuple(near), "")


def _of_clause(clause: ClauseTally | None) -> Refusal | None:
    if clause is None:
        return None
    values = {value: events for value, events in clause.values.items() if value is not None}
    near = [(one.name, one.events) for one in near_names(clause.expected, values)]
    most = tuple(clause.values.most_common(_VALUES))
    return Refusal(
        clause.clause, clause.failed, clause.expected, most, tuple(near), clause.told_hint
    )
