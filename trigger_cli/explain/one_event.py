"""What one event of the log did to an automation, by clause and by bucket."""

from collections.abc import Iterator

from trigger_cli.explain.chain import left_by_breach
from trigger_cli.explain.metric import shown_value
from trigger_cli.explain.records import Clauses, Diagnosis, OneEvent, because
from trigger_cli.explain.replayed import Replayed
from trigger_cli.explain.sentence import At, Name, capitalised, listed, wanted_and_found
from trigger_cli.explain.undelivered import never_evaluated, undelivered
from trigger_cli.match.plan import is_evaluated, leaves_of
from trigger_cli.match.why_not import why_not
from trigger_cli.model import (
    Automation,
    Bucket,
    Closed,
    CompositeTrigger,
    Counted,
    Event,
    EventTrigger,
    FiredTransition,
    Ignored,
    MetricTrigger,
    Opened,
    Renewed,
    TriggerTransition,
    value_of,
)
from trigger_cli.times import format_duration

ENDS = frozenset({"opened", "renewed", "closed", "dropped"})
"""Kinds of records that depend on earlier events; an event's effect ends with them."""


def effect_of(replayed: Replayed, automation: Automation, event: Event) -> OneEvent:
    """Explain what the event did; `event` has all its labels."""
    all_records = list(replayed.records_from(automation, event))
    later = _by_deadlines(all_records)
    records = [one for one in all_records if _is_of(one, event) and one.seq not in later]
    deliveries = tuple(replayed.deliveries_of(event))
    leaves = tuple(
        _clauses(replayed, leaf, event, records) for leaf in leaves_of(automation.trigger)
    )
    fired = any(one.kind == "fired" and one.is_own for one in records)
    diagnosis = _diagnosis(replayed, automation, event, leaves, records)
    came_of_it = tuple(_firings_because_of(all_records, event))
    firings = tuple(one for one in came_of_it if not _is_of(one, event) or one.seq in later)
    return OneEvent(event, fired, diagnosis, leaves, deliveries, came_of_it, firings)


def _is_of(one: TriggerTransition, event: Event) -> bool:
    return one.event is not None and one.event.line == event.line


def _by_deadlines(records: list[TriggerTransition]) -> set[int]:
    """The children's firings at deadlines, and what the composites made of them.

    A composite's record has the event of the child's firing, which may have opened the child's
    window long before.
    """
    found: set[int] = set()
    for one in records:
        if isinstance(one.trigger, CompositeTrigger):
            if one.because and max(one.because) in found:
                found.add(one.seq)
        elif one.kind == "fired" and one.event is None:
            found.add(one.seq)
    return found


def _firings_because_of(
    records: list[TriggerTransition], event: Event
) -> Iterator[FiredTransition]:
    """The automation's own firings with the event as a direct or indirect cause, in order."""
    follow: set[int] = set()
    left: dict[str, int] = {}
    """By metric: `left_by_breach` of its latest breach."""
    for one in records:
        causes, path = {*one.because}, one.trigger.path
        if (until := left_by_breach(one)) is not None:
            left[path] = until
        elif one.kind == "fired" and path in left and event.occurred <= left[path]:
            continue
        if isinstance(one, FiredTransition):
            causes.update(child.seq for child in one.firing.children)
        # A window belongs to the event that opened it, not to the one that ended the last window.
        begins = one.kind in ENDS
        if _is_of(one, event) or not (begins or follow.isdisjoint(causes)):
            follow.add(one.seq)
            if isinstance(one, FiredTransition) and one.is_own:
                yield one


def _clauses(
    replayed: Replayed,
    leaf: EventTrigger | MetricTrigger,
    event: Event,
    records: list[TriggerTransition],
) -> Clauses:
    checks = why_not(leaf, event, replayed.dialect)
    own = tuple(one for one in records if one.trigger.path == leaf.path)
    fired = any(one.kind == "fired" for one in own)
    failed = next((check for check in checks if not check.passed), None)
    if failed is not None:
        fired = False
        if failed.is_name:
            wanted = listed(failed.expected) if failed.expected else "another"
            words = "It is named {}; the trigger wants {}."
            diagnosis = because("not-wanted", words, Name(event.name), wanted)
        else:
            hint = f" ({failed.hint})" if failed.hint else ""
            diagnosis = because("not-matched", "{}{}.", wanted_and_found(failed), hint)
    elif isinstance(leaf, MetricTrigger):
        diagnosis = _measured(leaf, own)
    else:
        diagnosis = _too_late(replayed, event, own) or _in_bucket(leaf, event, own)
    return Clauses(leaf.path, checks, own, diagnosis, fired)


def _measured(leaf: MetricTrigger, own: tuple[TriggerTransition, ...]) -> Diagnosis:
    if not own:
        return because("measured", "The metric took it; its value did not change.")
    text = shown_value(leaf, value_of(own[-1]))
    if any(one.kind == "fired" for one in own):
        return because("metric-breached", f"The value became {text}, and it fired.")
    return because("measured", f"The metric took it: its value became {text}.")


# --- Buckets -------------------------------------------------------------------------------


def _too_late(
    replayed: Replayed, event: Event, own: tuple[TriggerTransition, ...]
) -> Diagnosis | None:
    """Check whether the event found no window because the last one of its key had ended (B7)."""
    last = own[-1] if own else None
    if not isinstance(last, Ignored) or last.rule != "B7":
        return None
    end = replayed.window_ended(last)
    if end is None or end > event.occurred:
        return None
    return _window_closed(event, end, has_after=True)


def _window_closed(event: Event, end: int, *, has_after: bool) -> Diagnosis:
    return because(
        "after-window-closed",
        "The window had closed at {}, {} before{}.",
        At(end),
        format_duration(event.occurred - end),
        "; the next opens with an after event" if has_after else "",
    )


def _in_bucket(leaf: EventTrigger, event: Event, own: tuple[TriggerTransition, ...]) -> Diagnosis:
    # The last record of each kind; the most specific for the event comes first.
    last = {one.kind: one for one in own}
    if isinstance(fired := last.get("fired"), FiredTransition):
        before = fired.before
        count = "" if before is None else f": it was {max(before.count, 0)} of {leaf.threshold}"
        return because("fired", f"It fired the trigger{count}.")
    if isinstance(ignored := last.get("ignored"), Ignored):
        return _ignored(leaf, event, ignored)
    if isinstance(renewed := last.get("renewed"), Renewed):
        words = "It satisfied the window and began a new one, until {}."
        return because("started-watch", words, At(renewed.after.end))
    for one in reversed(own):
        if isinstance(one, Counted | Opened) and one.after.count > 0:
            return _counted(leaf, one.after)
    if isinstance(opened := last.get("opened"), Opened):
        after = opened.after
        until = (", until ", At(after.end)) if after.end > after.start else ()
        return because("started-watch", "It opened a window{}.", until)
    if isinstance(closed := last.get("closed"), Closed):
        return _window_closed(event, closed.before.end, has_after=bool(leaf.after))
    return because("not-taken", "This replay has no record of it.")


def _counted(leaf: EventTrigger, bucket: Bucket) -> Diagnosis:
    so_far = f"It counted: {bucket.count} of {leaf.threshold}"
    if leaf.within == 0:
        return because("counted", f"{so_far}.")
    if leaf.posture == "Proactive" and bucket.count >= leaf.threshold:
        return because(
            "counted", f"{so_far}, so the window until {{}} is satisfied.", At(bucket.end)
        )
    return because("counted", f"{so_far} in the window until {{}}.", At(bucket.end))


def _ignored(leaf: EventTrigger, event: Event, one: Ignored) -> Diagnosis:
    before = one.before
    if one.rule == "H3":
        return because("held-already", "A copy of it is held already, so it is ignored (H3).")
    if one.rule == "H2":
        words = "No window is open: it is held, and counts in one that opens over it (H2, H4)."
        return because("held", words)
    if one.rule == "B7" or before is None:
        words = "No window is open: only an after event opens one (B7)."
        return because("awaits-after", words)
    if one.rule == "B5":
        until = (" until ", At(before.end)) if leaf.within else ()
        words = "A window was open already{}; it keeps its length (B5)."
        return because("already-watching", words, until)
    if one.rule == "S2":
        past = format_duration(event.occurred - before.end)
        words = (
            f"The server still has the window that ended {past} before, which takes it (D8, S2)."
        )
        return because("lost-to-lingering-window", words)
    early, start = format_duration(before.start - event.occurred), At(before.start)
    if one.at < before.start:
        words = f"The trigger had fired and cools down until {{}}, {early} later (E1)."
        return because("cooling-down", words, start)
    words = f"It arrived late: it occurred {early} before the window's start at {{}} (E1)."
    return because("arrived-late", words, start)


# --- The event as a whole ------------------------------------------------------------------


def _diagnosis(
    replayed: Replayed,
    automation: Automation,
    event: Event,
    leaves: tuple[Clauses, ...],
    records: list[TriggerTransition],
) -> Diagnosis:
    found = undelivered(replayed, event)
    if found is not None:
        return Diagnosis(found.cause, capitalised((*found.said, ".")))
    if not is_evaluated(automation, replayed.dialect):
        return never_evaluated(automation, replayed.dialect)
    where = replayed.left_out(event)
    if where is not None:
        words = f"It occurred at {{}}, {where}, so the replay did not take it."
        return because("not-taken", words, At(event.occurred))
    fired = next((one for one in records if one.kind == "fired" and one.is_own), None)
    if isinstance(fired, FiredTransition) and len(fired.firing.children) > 1:
        path = fired.firing.children[-1].trigger.path
        needed = len(fired.firing.children)
        return because("fired", f"{path} fired with it, the last of the {needed} children needed.")
    stored = [one for one in records if one.kind == "stored"]
    if stored and fired is None:
        path, composite = stored[-1].firing.trigger.path, stored[-1].trigger
        others = "others (C3)"
        if isinstance(composite, CompositeTrigger) and composite.kind == "sequence":
            others = "all to have fired in its order (C3, C4)"
        words = f"{path} fired with it and was stored; the composite waits for {others}."
        return because("filled-child", words)
    return max(leaves, key=_furthest).diagnosis


def _furthest(one: Clauses) -> tuple[bool, bool, int]:
    return one.fired, bool(one.transitions), sum(check.passed for check in one.checks)
