"""The decisive cause of one trigger's verdict, for every kind of trigger."""

from trigger_cli.explain.case import Case
from trigger_cli.explain.composite import composite_miss, no_composite_firing
from trigger_cli.explain.fired import why_fired
from trigger_cli.explain.metric import metric_miss, no_metric_firing
from trigger_cli.explain.one_event import effect_of
from trigger_cli.explain.proactive import no_proactive_firing, proactive_miss, satisfied_by_other
from trigger_cli.explain.reactive import no_reactive_firing, reactive_miss
from trigger_cli.explain.records import Diagnosis, NearestMiss, because
from trigger_cli.explain.sentence import At, event_named, times
from trigger_cli.explain.undelivered import never_evaluated
from trigger_cli.explain.unmatched import unmatched
from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger


def diagnose(case: Case, told: Diagnosis | None = None) -> Diagnosis:
    """Why the case has its verdict; `told` is the cause of the firing to report."""
    if case.verdict == "never-evaluated":
        return never_evaluated(case.automation, case.dialect)
    if case.firings:
        if case.is_root and (too_early := _before_creation(case)) is not None:
            return too_early
        return told or why_fired(case, case.firings[0])
    if case.is_shared and case.tally.passing and case.verdict != "pending":
        is_watch = isinstance(case.trigger, EventTrigger) and case.trigger.posture == "Proactive"
        return (is_watch and satisfied_by_other(case)) or _took_no_part(case)
    match case.trigger:
        case CompositeTrigger():
            return _composite(case)
        case MetricTrigger():
            return no_metric_firing(case)
        case EventTrigger(posture="Proactive"):
            return no_proactive_firing(case)
        case EventTrigger():
            return unmatched(case) or no_reactive_firing(case)


def nearest_miss(case: Case) -> NearestMiss | None:
    """The nearest miss; for a trigger that fired, the nearest miss of a further firing."""
    if case.verdict == "never-evaluated":
        return None
    if case.firings and not _may_fire_more(case):
        return None
    match case.trigger:
        case CompositeTrigger():
            return composite_miss(case)
        case MetricTrigger():
            return metric_miss(case)
        case EventTrigger(posture="Proactive"):
            return proactive_miss(case)
        case EventTrigger():
            return reactive_miss(case)


def _may_fire_more(case: Case) -> bool:
    """Whether a near miss is worth reporting although the trigger fired."""
    trigger = case.trigger
    if isinstance(trigger, EventTrigger):
        return trigger.posture == "Reactive" and trigger.within > 0
    return isinstance(trigger, CompositeTrigger)


def _took_no_part(case: Case) -> Diagnosis:
    """What became of the last event of a resource that its buckets do not keep apart."""
    passing = case.tally.passing
    last = passing[-1].event
    event = effect_of(case.evidence, case.automation, last)
    did = next(one.diagnosis for one in event.leaves if one.trigger == case.trigger.path)
    number = times(len(passing), "event") if len(passing) > 1 else "event"
    words = (
        f"Its {number} took part in no firing{'; the last' if len(passing) > 1 else ''}, {{}}: {{}}"
    )
    return because(did.cause, words, event_named(last), did.said)


def _composite(case: Case) -> Diagnosis:
    if not case.evidence.delivered and not any(child.records for child in case.children):
        return because("no-events", "No event reached the triggers.")
    pending = [child for child in case.children if child.verdict == "pending"]
    if case.verdict == "pending" and pending:
        return diagnose(pending[0])
    return no_composite_firing(case, diagnose)


def _before_creation(case: Case) -> Diagnosis | None:
    """Whether the automation was created after all of its firings, so that no server made them."""
    created, count = case.automation.created, case.fired
    if created is None or any(one.at >= created for one in case.own_firings):
        return None
    return because(
        "fired-before-creation",
        "{} older than the automation, which was created at {}; from then on it did not fire.",
        "Its only firing is" if count == 1 else f"All {times(count, 'firing')} are",
        At(created),
    )
