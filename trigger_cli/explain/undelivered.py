"""Why an event reached no trigger, or reached it too late (O2, O3, O4, O5)."""

from trigger_cli.dialects import Dialect
from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.replayed import Replayed, lost_to
from trigger_cli.explain.sentence import At, Name, Sentence, event_named, say
from trigger_cli.match.patterns import compile_resources
from trigger_cli.model import Automation, Event, FiredTransition


def never_evaluated(automation: Automation, dialect: Dialect) -> Diagnosis:
    """Why the automation is not evaluated in the dialect (O5, D11)."""
    if not automation.enabled:
        return because("disabled", "The automation has enabled: false.")
    assert dialect.refuses_metrics
    words = "The open-source server has no metric triggers and refuses the definition (D11)."
    return because("refused-by-server", words)


def undelivered(replayed: Replayed, event: Event) -> Diagnosis | None:
    """Why no trigger took the event; ``None`` if delivery is not the reason.

    Returns a clause without a full stop, to follow "but"; so do the functions below.
    """
    lost = lost_to(replayed, event)
    if lost == "name":
        return because("never-delivered", "{} events never reach triggers (O3)", Name(event.name))
    if lost == "copy":
        words = "an event with its id was processed less than 30 min before: it was dropped (O2)"
        return because("duplicate", words)
    if lost == "wait":
        deliveries = replayed.deliveries_of(event)
        leader = event.follows or ""
        known = replayed.has_id(leader)
        due = max((one.due for one in deliveries if one.due is not None), default=None)
        return because(
            "waiting-for-leader",
            "it follows {}, {}: it waits{} (O4)",
            Name(leader),
            "which the log does not have"
            if known is False
            else "which was not processed in the 30 min before",
            () if due is None else (" until ", At(due)),
        )
    return None


def dropped_copies(case: Case) -> list[Event]:
    """The events that would have been counted if delivery had not dropped them as duplicates (O2)."""
    lines = {one.event.line for one in case.evidence.deliveries if one.kind == "duplicate"}
    if case.scope is not None:
        lines.intersection_update(one.line for one in case.scope.events)
    if not lines:
        return []
    passes = compile_resources(case.event_trigger, case.dialect)
    return [
        one
        for one in case.evidence.kept.matchable()
        if one.line in lines
        and (roles := case.roles_of(one.name)) is not None
        and roles.expected
        and (passes is None or passes(one.resource, one.related))
    ]


def too_late(case: Case, event: Event, fired: FiredTransition) -> Diagnosis | None:
    """Why the trigger took the event only after it had fired; ``None`` if it did not."""
    taken = next(iter(case.records_of(event)), None)
    if taken is None or taken.seq < fired.seq:
        return None
    held = waited(case, event)
    if held is not None:
        return Diagnosis("waiting-for-leader", ("it ", *held))
    return because("arrived-late", "it was processed only at {}", At(taken.at))


def waited_past(case: Case, late: Event, early: Event) -> Diagnosis | None:
    """Why `early` was processed before `late`: that waited for its leader; ``None`` if it did not."""
    held = waited(case, late)
    if held is None:
        return None
    return because(
        "waiting-for-leader",
        "{} {}, so {} was processed first.",
        event_named(late),
        held,
        event_named(early),
    )


def waited(case: Case, event: Event) -> Sentence | None:
    """The event it waited for, and until when (O4); ``None`` if it did not, or still waits."""
    released = [one for one in case.evidence.deliveries_of(event) if one.kind == "released"]
    if not released:
        return None
    leader = event.follows or ""
    known = case.evidence.has_id(leader)
    return say(
        "follows {}{}, and waited for it until {} (O4)",
        Name(leader),
        ", which the log does not have" if known is False else "",
        At(released[-1].at),
    )
