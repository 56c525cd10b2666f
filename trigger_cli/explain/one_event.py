"""What one event of the log did to an automation, clause by clause and bucket by bucket."""

from __future__ import annotations

from trigger_cli.explain.case import Case
from trigger_cli.explain.metric import shown_value
from trigger_cli.explain.records import Clauses, Diagnosis, OneEvent
from trigger_cli.explain.sentence import At, Name, Sentence, capitalised, listed
from trigger_cli.explain.undelivered import undelivered
from trigger_cli.match.plan import walk
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    Bucket,
    CompositeTrigger,
    Counted,
    Event,
    EventTrigger,
    HeldTransition,
    Ignored,
    MetricTrigger,
    Opened,
    TriggerTransition,
    value_of,
)
from trigger_cli.times import format_duration


def what_it_did(case: Case, event: Event) -> OneEvent:
    """The event's story; `event` has all its labels."""
    records = [
        one
        for one in case.evidence.records[case.automation.index]
        if one.event is not None and one.event.line == event.line
    ]
    deliveries = tuple(case.evidence.deliveries_of(event))
    leaves = tuple(
        _clauses(case, leaf, event, records)
        for leaf in walk(case.automation.trigger)
        if not isinstance(leaf, CompositeTrigger)
    )
    fired = any(one.kind == "fired" and one.is_own for one in records)
    return OneEvent(event, fired, _diagnosis(case, event, leaves, records), leaves, deliveries)


def _clauses(
    case: Case, leaf: EventTrigger | MetricTrigger, event: Event, records: list[TriggerTransition]
) -> Clauses:
    checks = why_not(leaf, event, case.dialect)
    own = tuple(one for one in records if one.trigger.path == leaf.path)
    fired = any(one.kind == "fired" for one in own)
    if not all(check.passed for check in checks):
        failed = next(check for check in checks if not check.passed)
        if failed.is_name:
            said: Sentence = (
                "It is named ",
                Name(event.name),
                "; wanted is ",
                *(listed(failed.expected) if failed.expected else ("another",)),
                ".",
            )
            return Clauses(leaf.path, checks, own, Diagnosis("not-wanted", said))
        said = (
            Name(failed.clause),
            " wants ",
            *listed(failed.expected),
            "; it has ",
            Name(failed.actual) if failed.actual is not None else "none",
            f" ({failed.hint})." if failed.hint else ".",
        )
        return Clauses(leaf.path, checks, own, Diagnosis("not-matched", said))
    if isinstance(leaf, MetricTrigger):
        return Clauses(leaf.path, checks, own, _measured(leaf, own), fired)
    return Clauses(leaf.path, checks, own, _in_bucket(leaf, event, own), fired)


def _measured(leaf: MetricTrigger, own: tuple[TriggerTransition, ...]) -> Diagnosis:
    value = value_of(own[-1]) if own else None
    text = shown_value(leaf, value)
    if any(one.kind == "fired" for one in own):
        return Diagnosis("metric-breached", (f"The value became {text}, and it fired.",))
    if not own:
        return Diagnosis("measured", ("The metric took it; its value did not change.",))
    return Diagnosis("measured", (f"The metric took it: its value became {text}.",))


# --- Buckets -------------------------------------------------------------------------------


def _in_bucket(leaf: EventTrigger, event: Event, own: tuple[TriggerTransition, ...]) -> Diagnosis:
    last = list(reversed(own))
    if (fired := next((one for one in last if one.kind == "fired"), None)) is not None:
        before = fired.before
        count = "" if before is None else f": it was {max(before.count, 0)} of {leaf.threshold}"
        return Diagnosis("fired", (f"It fired the trigger{count}.",))
    if (ignored := next((one for one in last if one.kind == "ignored"), None)) is not None:
        return _ignored(leaf, event, ignored)
    if (renewed := next((one for one in last if one.kind == "renewed"), None)) is not None:
        until: Sentence = (At(renewed.after.end), ".")
        said: Sentence = ("It satisfied the watch and began a new one, until ", *until)
        return Diagnosis("started-watch", said)
    for one in last:
        if isinstance(one, Counted | Opened) and one.after.count > 0:
            return _counted(leaf, one.after)
    if (opened := next((one for one in last if one.kind == "opened"), None)) is not None:
        after = opened.after
        until = (", until ", At(after.end)) if after.end > after.start else ()
        return Diagnosis("started-watch", ("It opened a window", *until, "."))
    if (closed := next((one for one in last if one.kind == "closed"), None)) is not None:
        before = closed.before
        late = event.occurred - before.end
        said = (
            "The window had closed at ",
            At(before.end),
            f", {format_duration(late)} before; the next opens with an after event."
            if leaf.after
            else f", {format_duration(late)} before.",
        )
        return Diagnosis("after-window-closed", said)
    return Diagnosis("not-taken", ("Nothing is recorded of it in this replay.",))


def _counted(leaf: EventTrigger, bucket: Bucket) -> Diagnosis:
    so_far = f"It counted: {bucket.count} of {leaf.threshold}"
    if leaf.within == 0:
        return Diagnosis("counted", (f"{so_far}.",))
    if leaf.posture == "Proactive" and bucket.count >= leaf.threshold:
        said: Sentence = (f"{so_far}, so the watch until ", At(bucket.end), " is satisfied.")
        return Diagnosis("counted", said)
    return Diagnosis("counted", (f"{so_far} in the window until ", At(bucket.end), "."))


def _ignored(leaf: EventTrigger, event: Event, one: Ignored) -> Diagnosis:
    before = one.before
    if one.rule == "B7" or before is None:
        said: Sentence = ("No window is open: an after event must come first (B7).",)
        return Diagnosis("awaits-after", said)
    if one.rule == "B5":
        open_until: Sentence = (" until ", At(before.end)) if leaf.within else ()
        said = ("A window was open already", *open_until, "; it keeps its length (B5).")
        return Diagnosis("already-watching", said)
    if one.rule == "S2":
        past = format_duration(event.occurred - before.end)
        said = (f"A window that ended {past} before still lingers and swallows it (D8, S2).",)
        return Diagnosis("lost-to-lingering-window", said)
    early = format_duration(before.start - event.occurred)
    if one.at < before.start:
        said = (
            "The trigger had fired and cools down until ",
            At(before.start),
            f", {early} later (E1).",
        )
        return Diagnosis("cooling-down", said)
    said = (
        f"It arrived late: it occurred {early} before the window's start at ",
        At(before.start),
        " (E1).",
    )
    return Diagnosis("arrived-late", said)


# --- The event as a whole ------------------------------------------------------------------


def _diagnosis(
    case: Case,
    event: Event,
    leaves: tuple[Clauses, ...],
    records: list[TriggerTransition],
) -> Diagnosis:
    not_delivered = _undelivered(case, event)
    if not_delivered is not None:
        return not_delivered
    fired = any(one.kind == "fired" and one.is_own for one in records)
    furthest = max(leaves, key=lambda one: (one.fired, bool(one.transitions), _passed(one)))
    if fired or isinstance(case.automation.trigger, EventTrigger | MetricTrigger):
        return furthest.diagnosis
    stored = [one for one in records if isinstance(one, HeldTransition) and one.kind == "stored"]
    if stored:
        said: Sentence = (
            stored[-1].firing.trigger.path,
            " fired with it and was stored; the composite waits for others (C3).",
        )
        return Diagnosis("filled-child", said)
    return furthest.diagnosis


def _passed(one: Clauses) -> int:
    return sum(check.passed for check in one.checks)


def _undelivered(case: Case, event: Event) -> Diagnosis | None:
    found = undelivered(case, event)
    if found is not None:
        return Diagnosis(found.cause, capitalised((*found.said, ".")))
    if not _was_taken(case, event):
        said = ("The options left it out: see --from, --to and --until.",)
        return Diagnosis("not-taken", said)
    return None


def _was_taken(case: Case, event: Event) -> bool:
    return event.line in case.evidence.taken
