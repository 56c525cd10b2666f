"""Concludes why one automation fired or did not, with or without the evidence."""

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import asdict, replace

from trigger_cli.dialects import DIFFERENCE_BY_ID, refused_by
from trigger_cli.explain.alternatives import Alternatives, alternatives
from trigger_cli.explain.case import Case
from trigger_cli.explain.chain import chain_of
from trigger_cli.explain.counterfactuals import (
    Trying,
    ways_to_fire,
    ways_to_fire_more,
    ways_to_silence,
)
from trigger_cli.explain.diagnose import diagnose, nearest_miss
from trigger_cli.explain.evidence import Evidence
from trigger_cli.explain.funnel import funnel_of
from trigger_cli.explain.gathering import gather
from trigger_cli.explain.most_informative import tell_firings
from trigger_cli.explain.one_event import effect_of
from trigger_cli.explain.proactive import watches_of
from trigger_cli.explain.records import (
    Conclusion,
    Counterfactual,
    Explanation,
    ToldFiring,
)
from trigger_cli.explain.scope import NAMELESS_EVENTS, Scope
from trigger_cli.explain.sentence import At, Name, Sentence, say, times
from trigger_cli.explain.snapshot import snapshot_at
from trigger_cli.match.plan import walk
from trigger_cli.match.why_not import Check, why_not
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    MetricTrigger,
    TriggerTransition,
)
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import TimePoint as Instant
from trigger_cli.views.lost_leaders import lost_leaders_said

KEPT_WATCHES = 200
KEPT_FIRINGS = 1_000
"""As many as `-v` shows."""
LONGEST_STORY = 60


class Question(Struct, frozen=True):
    """What is asked about an automation, apart from why it fired or did not."""

    event: Event | None = None
    """Ask what this event did."""
    at: int | None = None
    """Ask for the state at this instant, µs."""
    firing: int | None = None
    """Ask for the causes of this firing, counted from 1."""
    scope: Scope | None = None
    """Limit the question to these buckets."""
    trying: Trying | None = None
    """Reports the progress of the search for changes that make a difference."""
    alternatives: Callable[[], Alternatives] | None = None
    """Computes the automation's alternatives, if they are computed elsewhere."""


def conclude(evidence: Evidence, automation: Automation, question: Question) -> Conclusion:
    """Why the automation fired or did not, without the evidence and without further replays."""
    return _concluded(Case(evidence, automation, automation.trigger, question.scope), question)


def explain(evidence: Evidence, automation: Automation, question: Question) -> Explanation:
    """Explain why the automation fired or did not: the conclusion and the evidence."""
    case = Case(evidence, automation, automation.trigger, question.scope)
    firings = case.own_firings
    explanation = _explained(case, question, _concluded(case, question))
    counterfactuals, not_tried = _counterfactuals(case, explanation, question)
    more: list[Counterfactual] = []
    if firings and question.scope is None:
        # The changes with which it would have fired once more.
        more = ways_to_fire_more(case, len(firings), question.trying)
    is_interrupted = question.trying is not None and question.trying.is_interrupted
    otherwise = Alternatives()
    if not is_interrupted:
        find = question.alternatives
        otherwise = alternatives(case) if find is None else find()
    return replace(
        explanation,
        counterfactuals=tuple(counterfactuals),
        more_firings=tuple(more),
        not_tried=not_tried,
        other_dialect=otherwise.dialect,
        other_order=otherwise.order,
        first_firings=tuple(firings[:KEPT_FIRINGS]),
        since_created=_since_created(case, explanation, question),
        notes=tuple(_notes(case)),
    )


def firing_count(evidence: Evidence, automation: Automation, question: Question) -> int:
    """The number of firings that can be asked about."""
    return len(Case(evidence, automation, automation.trigger, question.scope).own_firings)


# --- One trigger ---------------------------------------------------------------------------


def _concluded(case: Case, question: Question) -> Conclusion:
    told, at, event = None, question.at, question.event
    if case.is_root:
        told = tell_firings(case, case.own_firings, question.firing)
    return Conclusion(
        automation=case.automation,
        trigger=case.trigger,
        verdict=case.verdict,
        firings=case.fired,
        diagnosis=diagnose(case, None if told is None else told.diagnosis),
        event=None if event is None else effect_of(case.evidence, case.automation, event),
        firing=told,
        snapshot=None if at is None else snapshot_at(case, at),
    )


def _explained(case: Case, question: Question, conclusion: Conclusion) -> Explanation:
    trigger, watches = case.trigger, watches_of(case)
    checked = question.event or _nearest_event(case)
    checks: tuple[Check, ...] = ()
    children: tuple[Explanation, ...] = ()
    if isinstance(trigger, CompositeTrigger):
        children = tuple(
            _explained(child, question, _concluded(child, Question())) for child in case.children
        )
    elif checked is not None:
        checks = why_not(trigger, checked, case.dialect)
    return Explanation(
        **asdict(conclusion),
        funnel=funnel_of(case),
        checks=checks,
        checked=checked,
        nearest_miss=nearest_miss(case),
        chain=_chain(case, conclusion.firing),
        watches=tuple(watches[-KEPT_WATCHES:]),
        watch_count=len(watches),
        children=children,
    )


def _nearest_event(case: Case) -> Event | None:
    """The event that came closest: one that passed, else one with a wanted name."""
    if isinstance(case.trigger, CompositeTrigger) or case.verdict == "never-evaluated":
        return None
    passing = case.tally.passing
    if passing:
        expected = [one for one in passing if one.roles.expected] or passing
        return expected[-1].event
    return case.tally.nearest


def _chain(case: Case, told: ToldFiring | None) -> tuple[TriggerTransition, ...]:
    """The records that led to the reported firing or, without a firing, the latest records."""
    records = case.evidence.records[case.automation.index]
    if case.firings:
        return chain_of(case.firings[0].firing if told is None else told.firing, records)
    return tuple((case.records or ([] if case.scope else [*records]))[-LONGEST_STORY:])


# --- The automation --------------------------------------------------------------------------


def _counterfactuals(
    case: Case, concluded: Conclusion, question: Question
) -> tuple[list[Counterfactual], str]:
    if case.verdict == "never-evaluated":
        return [], ""
    if concluded.firing is not None:
        return ways_to_silence(case, concluded.firing, case.own_firings, question.trying)
    return ways_to_fire(case, concluded.diagnosis.cause, question.trying)


def _since_created(case: Case, explanation: Explanation, question: Question) -> Explanation | None:
    """The explanation without events older than the automation."""
    evidence, automation = case.evidence, case.automation
    if explanation.diagnosis.cause != "fired-before-creation" or not evidence.can_repeat:
        return None
    assert automation.created is not None
    created = automation.created
    is_older = all(one.occurred < created for one in evidence.kept.events())
    kept = () if is_older else evidence.kept.records()
    options: ReplayOptions = replace(
        evidence.options, taken_from=Instant(created), may_be_empty=True
    )
    since = gather([automation], kept, options, needs=lambda _name: True)
    scope = None if question.scope is None else question.scope.since(created)
    return explain(since, automation, Question(scope=scope, trying=question.trying))


def _not_only_of(case: Case, scope: Scope) -> Iterator[Sentence]:
    """Notes on what the explanation covers beyond the one resource in scope, and what it may lack."""
    leaves = list(walk(case.trigger))
    if case.records and any(map(scope.shares, leaves)):
        words = "Its windows count events of all resources, because for_each does not separate them. Only the windows with an event of {} are shown."
        yield say(words, Name(scope.resource))
    if any(isinstance(one, MetricTrigger) for one in leaves):
        yield say("A metric covers all runs: it is not limited to {}.", Name(scope.resource))
    if scope.may_lack_events:
        yield say(
            "Its events from before the first that has the name {} are looked for only among the"
            f" latest {NAMELESS_EVENTS:,} without a name; asked for by id, all are found.",
            Name(scope.resource),
        )


def _notes(case: Case) -> Iterator[Sentence]:
    """Further notes for the reader."""
    evidence, created = case.evidence, case.automation.created
    early = sum(1 for one in case.own_firings if created is not None and one.at < created)
    if created is not None and 0 < early < case.fired:
        older = f"{early:,} of its {case.fired:,} firings are older than that"
        yield ("The automation was created at ", At(created), f", after the log began: {older}.")
    if case.scope is not None and case.scope.resource:
        yield from _not_only_of(case, case.scope)
    refused = refused_by(evidence.dialect, case.automation.server_refusals)
    refusals = [row for row in refused if row != "D11"]
    if refusals:
        why = "; ".join(f"{row}: {DIFFERENCE_BY_ID[row].on}" for row in refusals)
        yield (f"The server refuses this definition ({why}); replayed as the docs have it (V4).",)
    if held := lost_leaders_said(evidence.report.log.leaderless):
        yield (f"{held}.",)
    waiting = len(evidence.report.waiting)
    if waiting:
        events = "event still waits" if waiting == 1 else "events still wait"
        yield (f"At the end {waiting:,} {events} for the one it follows (O4).",)
    if 0 < evidence.without_offset < evidence.read:
        some, of = f"{evidence.without_offset:,}", times(evidence.read, "event")
        yield (
            f"The times of {some} of the log's {of} have no offset: they are taken as UTC (T1).",
        )
    if evidence.is_long and evidence.has_received:
        yield ("Whether another order of delivery matters was not tried, as the log is long.",)
    if not all(tally.is_whole for tally in evidence.tallies_of(case.automation)):
        yield ("Many events passed the filters: only the first of them are examined.",)
    if evidence.records[case.automation.index].missing:
        yield ("The replay is long: records from its middle are left out.",)
