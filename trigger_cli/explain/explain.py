"""The explanation of one automation, put together from its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trigger_cli.dialects import DIFFERENCE_BY_ID, refused_by
from trigger_cli.explain.alternatives import other_dialect, other_order
from trigger_cli.explain.case import Case
from trigger_cli.explain.chain import chain_of
from trigger_cli.explain.counterfactuals import ways_to_fire, ways_to_fire_more, ways_to_silence
from trigger_cli.explain.diagnose import diagnose, nearest_miss
from trigger_cli.explain.evidence import Evidence, gather
from trigger_cli.explain.fired import why_fired
from trigger_cli.explain.funnel import funnel_of
from trigger_cli.explain.moment import moment_at
from trigger_cli.explain.one_event import what_it_did
from trigger_cli.explain.proactive import watches_of
from trigger_cli.explain.records import Counterfactual, Explanation, OneFiring, Watch
from trigger_cli.explain.sentence import At, Sentence
from trigger_cli.match.why_not import Check, why_not
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    Firing,
    TriggerTransition,
    key_labels,
)
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import TimePoint as Instant

KEPT_WATCHES = 200
LONGEST_STORY = 60


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about an automation, beyond why it fired or did not."""

    event: Event | None = None
    """What this event did."""
    at: int | None = None
    """How everything stood at this instant, µs."""
    firing: int | None = None
    """What made this firing, counted from 1."""
    labels: tuple[tuple[str, str], ...] = ()
    """Only the buckets with these labels in their key."""
    changes: bool = True
    """Whether to look for the changes that would make a difference."""


def explain(evidence: Evidence, automation: Automation, question: Question) -> Explanation:
    """Why the automation fired or did not."""
    case = Case(evidence, automation, automation.trigger)
    firings = _firings(evidence, automation, question)
    number = question.firing or 1
    firing = firings[number - 1] if len(firings) >= number else None
    counterfactuals, not_tried = _counterfactuals(case, firing, firings, question)
    explanation = _explained(case, question)
    return replace(
        explanation,
        counterfactuals=tuple(counterfactuals),
        more_firings=tuple(_more_firings(case, firings, question)),
        not_tried=not_tried,
        other_dialect=other_dialect(case),
        other_order=other_order(case),
        event=None if question.event is None else what_it_did(case, question.event),
        moment=None if question.at is None else moment_at(case, question.at),
        firing=_one_firing(case, firing, number, len(firings)),
        since_created=_since_created(case, explanation),
        notes=tuple(_notes(case)),
    )


def firing_count(evidence: Evidence, automation: Automation, question: Question) -> int:
    """How many firings there are to ask about."""
    return len(_firings(evidence, automation, question))


def _firings(evidence: Evidence, automation: Automation, question: Question) -> list[Firing]:
    return [one for one in evidence.firings_of(automation) if _of_labels(one, question)]


def _of_labels(firing: Firing, question: Question) -> bool:
    own = dict(firing.labels)
    fits = all(own.get(label) == value for label, value in question.labels)
    return fits or any(_of_labels(child, question) for child in firing.children)


# --- One trigger ---------------------------------------------------------------------------


def _explained(case: Case, question: Question) -> Explanation:
    diagnosis = diagnose(case)
    watches = _watches(case, question)
    checked = question.event or _nearest_event(case)
    children: tuple[Explanation, ...] = ()
    if isinstance(case.trigger, CompositeTrigger):
        children = tuple(_explained(case.child(child), question) for child in case.trigger.triggers)
    return Explanation(
        case.automation,
        case.trigger,
        case.verdict,
        len(case.firings),
        diagnosis,
        funnel_of(case),
        checks=() if checked is None else _checks(case, checked),
        checked=checked,
        nearest_miss=nearest_miss(case),
        chain=_chain(case, question),
        watches=tuple(watches[-KEPT_WATCHES:]),
        watch_count=len(watches),
        children=children,
    )


def _checks(case: Case, event: Event) -> tuple[Check, ...]:
    if isinstance(case.trigger, CompositeTrigger):
        return ()
    return why_not(case.trigger, event, case.dialect)


def _nearest_event(case: Case) -> Event | None:
    """The event that came furthest: one that passed, else one of a wanted name."""
    if isinstance(case.trigger, CompositeTrigger) or case.verdict == "never-evaluated":
        return None
    passing = case.tally.passing
    if passing:
        expected = [one for one in passing if one.roles.expected] or passing
        return expected[-1].event
    if not case.tally.named or case.evidence.kept.gave_up:
        return None
    trigger = case.trigger
    best: tuple[int, Event] | None = None
    for event in case.evidence.kept.matchable():
        checks = why_not(trigger, event, case.dialect)
        passed = sum(check.passed for check in checks) if checks[0].passed else 0
        if passed and (best is None or passed > best[0]):
            best = (passed, event)
    return None if best is None else best[1]


def _watches(case: Case, question: Question) -> list[Watch]:
    trigger = case.trigger
    if not isinstance(trigger, EventTrigger) or trigger.posture != "Proactive":
        return []
    wanted = set(question.labels)
    return [one for one in watches_of(case) if wanted <= set(one.labels)]


def _chain(case: Case, question: Question) -> tuple[TriggerTransition, ...]:
    """What led to the firing asked for or, where nothing fired, what happened last."""
    records = case.evidence.records[case.automation.index]
    if case.firings:
        number = question.firing if case.is_root and question.firing else 1
        wanted = [one.firing for one in case.firings]
        wanted = [one for one in wanted if _of_labels(one, question)] or wanted
        return chain_of(wanted[min(number, len(wanted)) - 1], records)
    labels = set(question.labels)
    own = [
        one for one in (case.records or records) if labels <= set(key_labels(one.trigger, one.key))
    ]
    return tuple(own[-LONGEST_STORY:])


# --- The automation --------------------------------------------------------------------------


def _counterfactuals(
    case: Case, firing: Firing | None, firings: list[Firing], question: Question
) -> tuple[list[Counterfactual], str]:
    if not question.changes or case.verdict == "never-evaluated":
        return [], ""
    if firing is not None:
        return ways_to_silence(case, firing, firings)
    return ways_to_fire(case)


def _more_firings(case: Case, firings: list[Firing], question: Question) -> list[Counterfactual]:
    """Where it fired: with which changes it would have fired once more."""
    if not question.changes or not firings or question.labels:
        return []
    return ways_to_fire_more(case, len(firings))


def _one_firing(case: Case, firing: Firing | None, number: int, total: int) -> OneFiring | None:
    if firing is None:
        return None
    records = case.evidence.records[case.automation.index]
    fired = next((one for one in case.firings if one.seq == firing.seq), None)
    if fired is None:
        return None
    return OneFiring(number, total, firing, why_fired(case, fired), chain_of(firing, records))


def _since_created(case: Case, explanation: Explanation) -> Explanation | None:
    """The explanation without the events that are older than the automation."""
    evidence, automation = case.evidence, case.automation
    if explanation.diagnosis.cause != "fired-before-creation" or not evidence.can_repeat:
        return None
    assert automation.created is not None
    created = automation.created
    kept = evidence.kept.events()
    if all(one.occurred < created for one in kept):
        kept = []
    options: ReplayOptions = replace(evidence.options, taken_from=Instant(created))
    since = gather([automation], kept, options, needs=lambda _name: True)
    return explain(since, automation, Question())


def _notes(case: Case) -> Iterator[Sentence]:
    """What else a reader of the explanation should know."""
    evidence, created = case.evidence, case.automation.created
    early = sum(1 for one in case.firings if created is not None and one.at < created)
    if created is not None and 0 < early < len(case.firings):
        older = f"{early:,} of its {len(case.firings):,} firings are older than that"
        yield ("The automation was created at ", At(created), f", after the log began: {older}.")
    refused = refused_by(evidence.dialect, case.automation.server_refusals)
    refusals = [row for row in refused if row != "D11"]
    if refusals:
        why = "; ".join(f"{row}: {DIFFERENCE_BY_ID[row].on}" for row in refusals)
        yield (f"The server refuses this definition ({why}); replayed as the docs have it (V4).",)
    waiting = len(evidence.report.waiting)
    if waiting:
        events = "event still waits" if waiting == 1 else "events still wait"
        yield (f"At the end {waiting:,} {events} for the one it follows (O4).",)
    index = case.automation.index
    if not all(tally.is_whole for place, tally in evidence.tallies.items() if place[0] == index):
        yield ("So many events passed the filters that only the first of them are looked at.",)
    if evidence.records[index].missing:
        yield ("The replay is so long that its middle is not told.",)
