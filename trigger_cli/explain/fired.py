"""Why a trigger fired, and whether the firing is one of the known kinds of mistakes."""

from itertools import takewhile

from trigger_cli.dialects import DOCS
from trigger_cli.explain.case import Case
from trigger_cli.explain.composite import child_name
from trigger_cli.explain.fired_proactive import why_watch_fired
from trigger_cli.explain.metric import bound, shown_value
from trigger_cli.explain.proactive import opening_of
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.sentence import (
    At,
    Key,
    Name,
    Sentence,
    event_named,
    listed,
    of_key,
    say,
    times,
)
from trigger_cli.explain.undelivered import waited
from trigger_cli.match.patterns import compile_resources, is_negated
from trigger_cli.match.why_not import why_not
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
from trigger_cli.vocabulary import (
    AUTOMATION_PREFIXES,
    CREATOR,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    TAG_ID,
)


def why_fired(case: Case, fired: FiredTransition) -> Diagnosis:
    """The cause of one firing of the case's trigger."""
    match case.trigger:
        case EventTrigger(posture="Proactive"):
            return why_watch_fired(case, fired)
        case EventTrigger():
            return _reactive(case, fired)
        case MetricTrigger():
            return _metric(case, fired)
        case CompositeTrigger():
            return _composite(case, fired.firing)


# --- Reactive ------------------------------------------------------------------------------


def _reactive(case: Case, fired: FiredTransition) -> Diagnosis:
    trigger, event = case.event_trigger, fired.firing.event
    assert event is not None
    if not trigger.expect and not trigger.match and not any(trigger.match_related):
        return because(
            "matches-everything",
            "expect, match and match_related are empty, so it takes every event; this one was {}.",
            event_named(event),
        )
    if trigger.threshold <= 0:
        return because(
            "threshold-zero",
            "A threshold of {} is met by the first event that comes, {}; it does not mean absence.",
            str(trigger.threshold),
            event_named(event),
        )
    return (
        _own_run(case, event)
        or _negation(case, event)
        or _alternative_tags(trigger, event)
        or _missing_key(case, fired)
        or _threshold_reached(case, fired, event)
    )


def _threshold_reached(case: Case, fired: FiredTransition, event: Event) -> Diagnosis:
    held = waited(case, event)
    if held is None:
        said = _reached(case, fired, event, is_named=False)
    else:
        reached = _reached(case, fired, event, is_named=True)
        said = say("{} {}. {}", event_named(event), held, reached)
    return because("fired", "{}{}", said, _cooled_down(case, fired) or ())


def _cooled_down(case: Case, fired: FiredTransition) -> Sentence | None:
    """How many events it ignored after the firing, and until when (E1)."""
    if fired.before is None:
        return None
    end = fired.before.end
    ignored = sum(seq > fired.seq for seq in case.ignored_until(fired.key, end))
    if not ignored:
        return None
    more = f" {times(ignored, 'more event')} came while it cooled down until "
    return (more, At(end), " (E1).")


def _reached(case: Case, fired: FiredTransition, event: Event, *, is_named: bool) -> Sentence:
    """A sentence on how the threshold was reached.

    Args:
        case: The trigger's case.
        fired: The firing.
        event: The last event it took.
        is_named: Whether the previous sentence has named the event.
    """
    trigger = case.event_trigger
    last: Sentence = ("It",) if is_named else event_named(event)
    key = of_key(" for ", key_labels(trigger, fired.key))
    within = format_duration(trigger.within)
    if trigger.after:
        since = _since_opening(case, fired, event)
        limit = f", within the {within} it has" if trigger.within else ""
        return say("{}{}{}{}.", last, since, key, limit)
    if trigger.threshold == 1:
        limit = f"; then not again in its window of {within}" if trigger.within else ""
        return say("{} came and passed all filters{}{}.", last, key, limit)
    count = fired.before.count if fired.before is not None else trigger.threshold
    window = f" within {within}" if trigger.within else ""
    came = f"{count} of {trigger.threshold} came{window}"
    return say("{}{}; {}.", came, key, "it was the last" if is_named else ("the last was ", *last))


def _since_opening(case: Case, fired: FiredTransition, event: Event) -> Sentence:
    threshold = case.event_trigger.threshold
    story = opening_of(case, fired)
    opener = None if story is None else story.opener
    if opener is None:
        return (" came in an open window",)
    many = f", {threshold} of {threshold}," if threshold > 1 else ""
    gap = format_duration(event.occurred - opener.occurred)
    return say("{} came {} after {}", many, gap, event_named(opener))


def _own_run(case: Case, event: Event) -> Diagnosis | None:
    """Check whether an action of the automation started the run that fired it again."""
    for one in event.related:
        if (
            one.get(RESOURCE_ROLE) == CREATOR
            and one.get(RESOURCE_ID, "").startswith(AUTOMATION_PREFIXES)
            and one.get(RESOURCE_NAME) == case.automation.name
        ):
            return because(
                "fires-itself",
                "{} is of a run that this automation started: it fires itself.",
                event_named(event),
            )
    return None


def _negation(case: Case, event: Event) -> Diagnosis | None:
    """Check whether the docs dialect would have excluded the event (D1, D2)."""
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
    return because(
        "negation-takes-other",
        "On the server {} asks for some {} other than that; {} has {}{}.",
        listed(one for one in culprit.expected if is_negated(one)),
        "related resource" if culprit.is_related else "value",
        event_named(event),
        "no such label" if culprit.actual is None else Name(culprit.actual),
        " and passes by another (D2)" if culprit.is_related else " (D1)",
    )


def _alternative_tags(trigger: EventTrigger, event: Event) -> Diagnosis | None:
    """Check whether tags listed as alternatives were probably all meant to be required (M1)."""
    present = {resource.get(RESOURCE_ID) for resource in event.related}
    for labels in trigger.match_related:
        tags = [one for one in dict(labels).get(RESOURCE_ID, ()) if one.startswith(TAG_ID)]
        missing = [tag for tag in tags if tag not in present]
        if len(tags) < 2 or not missing or any("*" in tag for tag in tags):
            continue
        return because(
            "tags-are-alternatives",
            "The tags listed under one label are alternatives: {} has {}, not {}.",
            event_named(event),
            listed([tag for tag in tags if tag in present], last="and"),
            listed(missing),
        )
    return None


def _missing_key(case: Case, fired: FiredTransition) -> Diagnosis | None:
    """Check whether events without a ``for_each`` label were counted in one bucket (B2)."""
    trigger = case.event_trigger
    if not trigger.for_each or "" not in fired.key:
        return None
    story = opening_of(case, fired)
    counted = [one.event for one in story.counted] if story is not None else []
    resources = {one.resource.get(RESOURCE_ID) for one in counted}
    if len(resources) < 2:
        return None
    return because(
        "key-missing",
        "The events lack {}, so for_each put {} different resources into one bucket.",
        Name(trigger.for_each[fired.key.index("")]),
        str(len(resources)),
    )


# --- The other triggers ----------------------------------------------------------------------


def _metric(case: Case, fired: FiredTransition) -> Diagnosis:
    trigger = case.metric_trigger
    value = shown_value(trigger, fired.value)
    held = f" for {format_duration(trigger.firing_for)}" if trigger.firing_for else ""
    # From the end, where most firings find a later one at once.
    later = takewhile(lambda one: one.seq > fired.seq, reversed(case.records))
    is_over = any(one.kind == "resolved" for one in later)
    again = (
        "" if is_over else " It was not resolved before the end, so it could not fire again (K7)."
    )
    return because(
        "metric-breached",
        f"{trigger.metric} over the last {format_duration(trigger.range)} was {value}, made of "
        f"{times(len(fired.runs), 'run')}: {bound(trigger)}{held}.{again}",
    )


def _composite(case: Case, firing: Firing) -> Diagnosis:
    trigger = case.composite
    if trigger.require == 1:
        # The child's firing is the composite's (C2), so the cause is the same.
        child = firing.children[0]
        own = case.child(child.trigger)
        fired = own.record_of(child)
        if fired is not None:
            diagnosis = why_fired(own, fired)
            name = child_name(child.trigger)
            return because(diagnosis.cause, "{} fired: {}", name, diagnosis.said)
    known = _mixed_keys(firing) or _out_of_date(case, firing)
    if known is not None:
        return known
    first, last = firing.children[0], firing.children[-1]
    apart = format_duration(last.at - first.at)
    within = "" if trigger.within is None else f" (within {format_duration(trigger.within)})"
    order = " in order" if trigger.kind == "sequence" else ""
    count = len(firing.children)
    event = _by_event(case, last)
    if event is not None and all(_by_event(case, one) == event for one in firing.children):
        all_of = "both children" if count == 2 else f"all {count} children"
        words = f"One event fired {all_of}, because each takes it: {{}}."
        return because("fired", words, event_named(event))
    return because(
        "fired",
        f"{count} children fired{order}, {apart} apart{within}; the last was "
        f"{last.trigger.path}, by {{}}.",
        "its deadline" if event is None else event_named(event),
    )


def _by_event(case: Case, child: Firing) -> Event | None:
    """The event that fired a composite's child; ``None``: a deadline, whose firing may name one (E3)."""
    if child.children:
        return _by_event(case.child(child.trigger), child.children[-1])
    record = case.child(child.trigger).record_of(child)
    return child.event if record is None else record.event


def _out_of_date(case: Case, firing: Firing) -> Diagnosis | None:
    """Check whether what a proactive child missed came after its firing, before the composite's."""
    for child in firing.children:
        trigger = child.trigger
        if not isinstance(trigger, EventTrigger) or trigger.posture != "Proactive":
            continue
        key = tuple(value for _, value in child.labels)
        since = (
            one.event
            for one in case.child(trigger).passing_of(key)
            if one.roles.expected and child.at <= one.event.occurred <= firing.at
        )
        answer = next(since, None)
        if answer is not None:
            later, after = answer.occurred - child.at, firing.at - answer.occurred
            return because(
                "child-out-of-date",
                "{} fired at {}, and {} came {}; the composite kept that firing (C3) and fired {}.",
                child_name(trigger),
                At(child.at),
                event_named(answer),
                f"{format_duration(later)} later" if later else "at that instant",
                f"{format_duration(after)} after the event" if after else "when the event came",
            )
    return None


def _mixed_keys(firing: Firing) -> Diagnosis | None:
    """Check whether children fired for different keys (C3)."""
    seen: dict[str, Firing] = {}
    for child in firing.children:
        for label, value in child.labels:
            other = seen.setdefault(label, child)
            others = dict(other.labels)[label]
            if others != value:
                return because(
                    "children-of-different-keys",
                    "It mixes keys, which composites do not correlate: {} fired for {}, {} for {}.",
                    child_name(other.trigger),
                    Key(((label, others),)),
                    child_name(child.trigger),
                    Key(((label, value),)),
                )
    return None
