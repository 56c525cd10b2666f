"""Why a trigger fired, and whether it is one of the known ways to fire by mistake."""

from __future__ import annotations

from trigger_cli.dialects import DOCS
from trigger_cli.explain.case import Case
from trigger_cli.explain.composite import child_name
from trigger_cli.explain.fired_proactive import why_watch_fired
from trigger_cli.explain.metric import shown_value
from trigger_cli.explain.proactive import opening_of
from trigger_cli.explain.records import Diagnosis
from trigger_cli.explain.sentence import Key, Name, Sentence, event_named, listed
from trigger_cli.match.patterns import compile_resources, is_negated
from trigger_cli.match.why_not import Check, why_not
from trigger_cli.model import (
    CompositeTrigger,
    Event,
    EventTrigger,
    FiredTransition,
    Firing,
    MetricTrigger,
    key_labels,
)
from trigger_cli.times import format_duration
from trigger_cli.vocabulary import RESOURCE_ID, TAG_ID


def why_fired(case: Case, fired: FiredTransition) -> Diagnosis:
    """The cause of one firing of the case's trigger."""
    match case.trigger:
        case EventTrigger(posture="Proactive"):
            return why_watch_fired(case, fired, fired.firing)
        case EventTrigger():
            return _reactive(case, fired, fired.firing)
        case MetricTrigger():
            return _metric(case, fired)
        case CompositeTrigger():
            return _composite(case, fired.firing)


# --- Reactive ------------------------------------------------------------------------------


def _reactive(case: Case, fired: FiredTransition, firing: Firing) -> Diagnosis:
    trigger, event = case.event_trigger, firing.event
    assert event is not None
    if not trigger.expect and not trigger.match and not any(trigger.match_related):
        said: Sentence = (
            "expect, match and match_related are empty, so it takes every event; this one was ",
            *event_named(event),
            ".",
        )
        return Diagnosis("matches-everything", said)
    if trigger.threshold <= 0:
        said = (
            f"A threshold of {trigger.threshold} is met by the first event that comes, ",
            *event_named(event),
            "; it does not mean absence.",
        )
        return Diagnosis("threshold-zero", said)
    return (
        _negation(case, event)
        or _alternative_tags(trigger, event)
        or _missing_key(case, fired)
        or _threshold_reached(case, fired, event)
    )


def _threshold_reached(case: Case, fired: FiredTransition, event: Event) -> Diagnosis:
    trigger = case.event_trigger
    labels = key_labels(trigger, fired.key)
    of_key: Sentence = (" for ", Key(labels)) if labels else ()
    if trigger.after:
        return _after_answered(case, fired, event)
    if trigger.threshold == 1:
        within = f"; at most once in {format_duration(trigger.within)}" if trigger.within else ""
        said: Sentence = (
            *event_named(event),
            " came and passed all filters",
            *of_key,
            f"{within}.",
        )
        return Diagnosis("fired", said)
    count = fired.before.count if fired.before is not None else trigger.threshold
    window = f" within {format_duration(trigger.within)}" if trigger.within else ""
    said = (
        f"{count} of {trigger.threshold} came{window}",
        *of_key,
        "; the last was ",
        *event_named(event),
        ".",
    )
    return Diagnosis("fired", said)


def _after_answered(case: Case, fired: FiredTransition, event: Event) -> Diagnosis:
    trigger = case.event_trigger
    labels = key_labels(trigger, fired.key)
    story = opening_of(case, fired)
    opener = None if story is None else story.opener
    many = f", {trigger.threshold} of {trigger.threshold}," if trigger.threshold > 1 else ""
    since: Sentence = (" came in an open window",)
    if opener is not None:
        gap = format_duration(event.occurred - opener.occurred)
        since = (f"{many} came {gap} after ", *event_named(opener))
    limit = f", within the {format_duration(trigger.within)} it has" if trigger.within else ""
    of_key: Sentence = (" for ", Key(labels)) if labels else ()
    return Diagnosis("fired", (*event_named(event), *since, *of_key, f"{limit}."))


def _negation(case: Case, event: Event) -> Diagnosis | None:
    """Whether the docs dialect would have left the event out (D1, D2)."""
    trigger = case.event_trigger
    patterns = [
        (label, pattern)
        for labels in (trigger.match, *trigger.match_related)
        for label, own in labels
        for pattern in own
        if is_negated(pattern)
    ]
    if case.dialect.label_lists_exclude or not patterns:
        return None
    passes = compile_resources(trigger, DOCS)
    if passes is None or passes(event.resource, event.related):
        return None
    checks = why_not(trigger, event, DOCS)
    culprit = next((check for check in checks if not check.passed and not check.is_name), None)
    if culprit is None:
        return None
    rows = "D2" if culprit.is_related else "D1"
    said: Sentence = (
        "On the server ",
        *listed(one for one in culprit.expected if is_negated(one)),
        f" asks for some {'related resource' if culprit.is_related else 'value'} other than that; ",
        *event_named(event),
        " has ",
        *_negated_value(culprit),
        f" and passes by another ({rows})." if culprit.is_related else f" ({rows}).",
    )
    return Diagnosis("negation-takes-other", said)


def _negated_value(culprit: Check) -> Sentence:
    return (Name(culprit.actual),) if culprit.actual is not None else ("no such label",)


def _alternative_tags(trigger: EventTrigger, event: Event) -> Diagnosis | None:
    """Whether tags that were listed together were probably meant to be required together (M1)."""
    present = {resource.get(RESOURCE_ID) for resource in event.related}
    for labels in trigger.match_related:
        tags = [one for one in dict(labels).get(RESOURCE_ID, ()) if one.startswith(TAG_ID)]
        missing = [tag for tag in tags if tag not in present]
        if len(tags) < 2 or not missing or any("*" in tag for tag in tags):
            continue
        said: Sentence = (
            "The tags listed under one label are alternatives: ",
            *event_named(event),
            " has ",
            *listed([tag for tag in tags if tag in present], last="and"),
            ", not ",
            *listed(missing),
            ".",
        )
        return Diagnosis("tags-are-alternatives", said)
    return None


def _missing_key(case: Case, fired: FiredTransition) -> Diagnosis | None:
    """Whether events that lack a ``for_each`` label were counted together (B2)."""
    trigger = case.event_trigger
    if not trigger.for_each or "" not in fired.key:
        return None
    story = opening_of(case, fired)
    counted = [one.event for one in story.counted] if story is not None else []
    resources = {one.resource.get(RESOURCE_ID) for one in counted}
    if len(resources) < 2:
        return None
    label = trigger.for_each[fired.key.index("")]
    said: Sentence = (
        "The events lack ",
        Name(label),
        f", so for_each put {len(resources)} different resources into one bucket.",
    )
    return Diagnosis("key-missing", said)


# --- The other triggers ----------------------------------------------------------------------


def _metric(case: Case, fired: FiredTransition) -> Diagnosis:
    trigger = case.metric_trigger
    value = shown_value(trigger, fired.value)
    held = f" for {format_duration(trigger.firing_for)}" if trigger.firing_for else ""
    runs = f", made of {len(fired.runs):,} run{'' if len(fired.runs) == 1 else 's'}"
    said: Sentence = (
        f"{trigger.metric} over the last {format_duration(trigger.range)} was {value}{runs}: ",
        f"{trigger.operator} {shown_value(trigger, trigger.threshold)}{held}.",
    )
    return Diagnosis("metric-breached", said)


def _composite(case: Case, firing: Firing) -> Diagnosis:
    trigger = case.composite
    if trigger.require == 1:
        # Its child's firing is its own (C2), and so is the cause.
        child = firing.children[0]
        own = case.child(child.trigger)
        fired = next((one for one in own.firings if one.seq == child.seq), None)
        if fired is not None:
            diagnosis = why_fired(own, fired)
            return Diagnosis(
                diagnosis.cause, (*child_name(child.trigger), " fired: ", *diagnosis.said)
            )
    mixed = _mixed_keys(firing)
    if mixed is not None:
        return mixed
    first, last = firing.children[0], firing.children[-1]
    apart = format_duration(last.at - first.at)
    within = "" if trigger.within is None else f" (within {format_duration(trigger.within)})"
    order = " in order" if trigger.kind == "sequence" else ""
    said: Sentence = (
        f"{len(firing.children)} children fired{order}, {apart} apart{within}; the last was ",
        last.trigger.path,
        *(
            (", by ", *event_named(last.event))
            if last.event is not None
            else (", by its deadline",)
        ),
        ".",
    )
    return Diagnosis("fired", said)


def _mixed_keys(firing: Firing) -> Diagnosis | None:
    """Whether children fired for different keys (C3)."""
    seen: dict[str, Firing] = {}
    for child in firing.children:
        for label, value in child.labels:
            other = seen.setdefault(label, child)
            if dict(other.labels)[label] == value:
                continue
            said: Sentence = (
                "It mixes keys, which composites do not correlate: ",
                *child_name(other.trigger),
                " fired for ",
                Key(((label, dict(other.labels)[label]),)),
                ", ",
                *child_name(child.trigger),
                " for ",
                Key(((label, value),)),
                ".",
            )
            return Diagnosis("children-of-different-keys", said)
    return None
