"""From all events of the log down to the firings: how many came how far."""

from __future__ import annotations

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Funnel, Refusal, Stage, StageName
from trigger_cli.explain.tally import ClauseTally, RoleTally
from trigger_cli.explain.unmatched import custom_state_names
from trigger_cli.model import CompositeTrigger, Counted, EventTrigger, MetricTrigger, Opened
from trigger_cli.vocabulary import near_names

_VALUES = 5


def funnel_of(case: Case) -> Funnel:
    """The funnel of one trigger; a composite's adds up its leaves' events."""
    if isinstance(case.trigger, CompositeTrigger):
        return _of_composite(case)
    tally = case.tally
    counted, threshold = _in_buckets(case)
    counts: dict[StageName, int] = {
        "events": case.evidence.delivered,
        "named": tally.named,
        "matched": tally.matched,
        "related": tally.related,
        "counted": counted,
        "threshold": threshold,
        "fired": len(case.firings),
    }
    stages = tuple(Stage(name, events) for name, events in counts.items())
    ended_at = _ended_at(case, stages)
    return Funnel(stages, ended_at, _refusal(case, ended_at))


def _in_buckets(case: Case) -> tuple[int, int]:
    """Events counted in a window, and how often the threshold was reached."""
    trigger = case.trigger
    if isinstance(trigger, MetricTrigger):
        measured = sum(1 for one in case.records if one.kind == "measured")
        return measured, sum(1 for one in case.records if one.kind == "breached")
    assert isinstance(trigger, EventTrigger)
    # E7 spends an event on the new window without a record of its own: it is opened with a count.
    counts = [
        one.after.count
        for one in case.records
        if isinstance(one, Counted | Opened) and one.after.count > 0
    ]
    return len(counts), counts.count(max(trigger.threshold, 1))


def _of_composite(case: Case) -> Funnel:
    leaves = list(_leaves(case))
    children = [case.child(child) for child in case.composite.triggers]
    fired = len(case.firings)
    counts: dict[StageName, int] = {
        "events": case.evidence.delivered,
        "named": sum(leaf.tally.named for leaf in leaves),
        "matched": sum(leaf.tally.matched for leaf in leaves),
        "related": sum(leaf.tally.related for leaf in leaves),
        "counted": sum(len(child.firings) for child in children),
        "threshold": fired,
        "fired": fired,
    }
    stages = tuple(Stage(name, events) for name, events in counts.items())
    return Funnel(stages, _ended_at(case, stages))


def _leaves(case: Case) -> list[Case]:
    found = []
    for child in case.composite.triggers:
        own = case.child(child)
        found += _leaves(own) if isinstance(child, CompositeTrigger) else [own]
    return found


def _ended_at(case: Case, stages: tuple[Stage, ...]) -> StageName | None:
    """The first stage without events; a proactive trigger may fire without any."""
    if case.firings or case.verdict != "did-not-fire":
        return None
    reached = {stage.name: stage.events for stage in stages}
    if isinstance(case.trigger, EventTrigger) and case.trigger.posture == "Proactive":
        # Its events keep it from firing: what it lacks is only what would open a window.
        if case.records:
            return None
        stages = stages[:4]
    return next((name for name, events in reached.items() if not events), None)


# --- The clause that ended it -----------------------------------------------------------------


def _refusal(case: Case, ended_at: StageName | None) -> Refusal | None:
    if ended_at == "named":
        return _name_refusal(case)
    if ended_at not in {"matched", "related"}:
        # Everything may have ended for one of the two roles alone.
        return _refusal_of_role(case)
    expect = case.tally.roles["expect"]
    tally = expect if expect.named else case.tally.roles["after"]
    clause = tally.commonest(related=ended_at == "related")
    return None if clause is None else _of_clause(clause)


def _refusal_of_role(case: Case) -> Refusal | None:
    trigger, roles = case.trigger, case.tally.roles
    if case.firings or not isinstance(trigger, EventTrigger) or not case.evidence.delivered:
        return None
    wanted: list[tuple[RoleTally, tuple[str, ...], str]] = [
        (roles["expect"], trigger.expect, "expect")
    ]
    if trigger.after:
        wanted.append((roles["after"], trigger.after, "after"))
    if trigger.posture == "Proactive":
        wanted = wanted[1:] if trigger.after else wanted
    for tally, patterns, clause_name in wanted:
        if not tally.named:
            return _of_names(case, clause_name, patterns)
        if not tally.related:
            clause = tally.commonest(related=tally.matched > 0)
            return None if clause is None else _of_clause(clause)
    return None


def _name_refusal(case: Case) -> Refusal | None:
    trigger = case.trigger
    if not isinstance(trigger, EventTrigger):
        return None
    return _of_names(case, "expect", trigger.expect + trigger.after)


def _of_names(case: Case, clause: str, patterns: tuple[str, ...]) -> Refusal:
    names = case.evidence.names
    near = [(one.name, one.events) for one in near_names(patterns, names)]
    known = {name for name, _ in near}
    near += [
        (name, names[name]) for name in custom_state_names(case, patterns)[:2] if name not in known
    ]
    return Refusal(
        clause,
        names.total(),
        patterns,
        tuple(names.most_common(_VALUES)),
        tuple(near),
        "",
    )


def _of_clause(clause: ClauseTally) -> Refusal:
    values = {value: events for value, events in clause.values.items() if value is not None}
    near = [(one.name, one.events) for one in near_names(clause.expected, values)]
    most = tuple(clause.values.most_common(_VALUES))
    return Refusal(clause.clause, clause.failed, clause.expected, most, tuple(near), clause.hint)
