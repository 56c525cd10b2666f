"""Candidates for single changes that prevent one firing of a trigger; each must be tested."""

from collections.abc import Iterator

from trigger_cli.explain import changes
from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import DefinitionChange
from trigger_cli.explain.metric import breaches_of
from trigger_cli.explain.records import Diagnosis
from trigger_cli.explain.tally import Role
from trigger_cli.match.patterns import NEGATION, compile_pattern, is_negated
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    CompositeTrigger,
    Event,
    EventTrigger,
    Firing,
    MetricTrigger,
    Patterns,
)
from trigger_cli.vocabulary import (
    ALL_STATES,
    RESOURCE_ID,
    RESOURCE_NAME,
    RUN_PREFIXES,
    TAG_ID,
    near_names,
    state_of,
)

_TRIED = 6


def changes_to_silence(
    case: Case, firing: Firing, diagnosis: Diagnosis | None = None
) -> Iterator[DefinitionChange]:
    """Candidate changes of the trigger that fired, and of the children behind its firing.

    Args:
        case: The trigger's case.
        firing: The firing to prevent.
        diagnosis: Why it fired; matching remedies come first.
    """
    answer = None if diagnosis is None else diagnosis.event
    if answer is not None and isinstance(case.trigger, EventTrigger):
        yield from _admitting_changes(case, answer)
    match case.trigger:
        case EventTrigger():
            yield from _of_event(case, firing)
        case MetricTrigger():
            yield from _of_metric(case, firing)
        case CompositeTrigger():
            yield from _of_composite(case, firing)


# --- Event triggers --------------------------------------------------------------------------


def _admitting_changes(case: Case, answer: Event) -> Iterator[DefinitionChange]:
    """Changes with which the event that should have answered is one that the trigger expects."""
    trigger = case.event_trigger
    roles = case.roles_of(answer.name)
    if roles is not None and roles.expected:
        failed = {
            check.clause for check in why_not(trigger, answer, case.dialect) if not check.passed
        }
        for place in changes.places(trigger):
            if place.clause(trigger) in failed:
                yield changes.drop_label(trigger, place)
        return
    near = near_names(trigger.expect, {answer.name: 1}, 1)
    if near and "*" not in near[0].pattern and state_of(near[0].pattern) not in ALL_STATES:
        yield changes.replace_name(trigger, "expect", near[0].pattern, answer.name, size=0.05)
    yield changes.add_name(trigger, "expect", answer.name, size=0.06)


def _of_event(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    trigger = case.event_trigger
    if trigger.posture == "Reactive":
        yield changes.change_number(trigger, "threshold", max(trigger.threshold, 1) + 1)
        yield from _shorter(case, firing)
    else:
        if trigger.threshold > 1:
            yield changes.change_number(trigger, "threshold", trigger.threshold - 1)
        yield from _longer(case, firing)
    yield from _of_names(case, firing)
    yield from _of_labels(case, firing)
    if not trigger.for_each:
        yield changes.change_for_each(trigger, (RESOURCE_ID,))
    elif len(trigger.for_each) == 1:
        yield changes.change_for_each(trigger, ())


def _shorter(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    """A window too short for the events of the firing."""
    trigger = case.event_trigger
    if not trigger.within:
        return
    for story in case.windows:
        if story.ending is None or story.ending.seq != firing.seq:
            continue
        taken = firing.at - (story.bucket.end - trigger.within)
        within = changes.at_most(taken)
        if within > 0 and taken <= trigger.within:
            yield changes.change_duration(trigger, "within", within)


def _longer(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    """A window long enough for the answer that came late."""
    trigger = case.event_trigger
    start = firing.at - trigger.within
    answers = sorted(
        one.event.occurred
        for one in case.passing
        if one.roles.expected and one.event.occurred >= firing.at
    )
    for answer in answers[:_TRIED]:
        yield changes.change_duration(trigger, "within", changes.just_above(answer - start))


def _of_names(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    trigger, event = case.event_trigger, firing.event
    if event is None:
        return
    roles: dict[Role, Patterns] = {"expect": trigger.expect, "after": trigger.after}
    for field, patterns in roles.items():
        for pattern in dict.fromkeys(patterns):
            takes = compile_pattern(pattern, case.dialect)
            if changes.may_drop(patterns, pattern) and takes(event.name):
                yield changes.drop_name(trigger, field, pattern)
    excludes = trigger.posture == "Reactive" and case.dialect.name_negation_excludes
    if excludes and event.name not in trigger.expect:
        yield changes.add_name(trigger, "expect", f"{NEGATION}{event.name}", size=0.8)


def _of_labels(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    trigger, event = case.event_trigger, firing.event
    if event is None:
        return
    for place in changes.places(trigger):
        patterns = changes.patterns_at(trigger, place)
        if place.related is not None:
            tags = [one for one in patterns if one.startswith(TAG_ID)]
            if len(tags) > 1:
                yield changes.split_tags(trigger, place)
        value = event.resource.get(place.label) if place.related is None else None
        for pattern in dict.fromkeys(patterns) if len(set(patterns)) > 1 else ():
            fits = value is None or compile_pattern(pattern, case.dialect)(value)
            if not is_negated(pattern) and fits:
                yield changes.drop_pattern(trigger, place, pattern)
        # A pattern that excludes only this run is no remedy.
        is_run = event.name.startswith(RUN_PREFIXES)
        of_run = is_run and place.label in {RESOURCE_ID, RESOURCE_NAME}
        excludes = case.dialect.label_lists_exclude and not of_run
        if value is not None and excludes and "*" in "".join(patterns):
            yield changes.add_pattern(trigger, place, f"{NEGATION}{value}", size=0.9)


# --- The other triggers ------------------------------------------------------------------------


def _of_metric(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    trigger = case.metric_trigger
    fired = case.record_of(firing)
    if fired is not None and fired.value is not None:
        change = changes.change_bound(trigger, fired.value, breached=False)
        if change is not None:
            yield change
    for breach in breaches_of(case):
        if breach.end is not None and breach.start <= firing.at <= breach.end:
            held = breach.length(breach.end)
            yield changes.change_duration(trigger, "firing_for", changes.just_above(held))


def _of_composite(case: Case, firing: Firing) -> Iterator[DefinitionChange]:
    trigger = case.composite
    children = firing.children
    if len(children) > 1:
        span = children[-1].at - children[0].at
        shorter = changes.at_most(span - 1) if span > 0 else None
        if shorter is not None and (trigger.within is None or shorter < trigger.within):
            yield changes.change_duration(trigger, "within", shorter)
    if trigger.kind == "compound":
        if trigger.require < len(trigger.triggers):
            yield changes.change_number(trigger, "require", trigger.require + 1)
        elif len(children) > 1:
            yield changes.change_kind(trigger)
    for child in children:
        yield from changes_to_silence(case.child(child.trigger), child)
