"""Why a composite trigger did not fire: which child, how far apart, in which order (C)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, NearestMiss
from trigger_cli.explain.sentence import At, Name, Sentence
from trigger_cli.model import (
    CompositeTrigger,
    EventTrigger,
    FiredTransition,
    Firing,
    HeldTransition,
    MetricTrigger,
    Trigger,
)
from trigger_cli.times import format_duration


class Constellation(NamedTuple):
    """Firings of enough different children, as close together as they ever came."""

    span: int
    """From the first to the last, µs."""
    firings: tuple[FiredTransition, ...]
    """In the order in which they fired."""


def no_composite_firing(case: Case, explain_child: Callable[[Case], Diagnosis]) -> Diagnosis:
    """The decisive cause; `explain_child` says why a child did not fire."""
    trigger = case.composite
    children = [case.child(child) for child in trigger.triggers]
    silent = [child for child in children if not child.firings]
    fired = len(children) - len(silent)
    if fired < trigger.require:
        return _child_never_fired(trigger, silent, fired, explain_child)
    nearest = nearest_constellation(case)
    if nearest is None:
        return _out_of_order(case)
    within = trigger.within
    if within == 0 and nearest.span > 0:
        said: Sentence = (
            "within 0 asks that all children fire at the same instant; the closest firings are ",
            f"{format_duration(nearest.span)} apart: ",
            *_pair(nearest),
            ".",
        )
        return Diagnosis("within-zero", said)
    if within is not None and nearest.span > within:
        return Diagnosis("child-expired", _expired(nearest, within))
    return _superseded(case, nearest)


def _child_never_fired(
    trigger: CompositeTrigger,
    silent: list[Case],
    fired: int,
    explain_child: Callable[[Case], Diagnosis],
) -> Diagnosis:
    first = silent[0]
    total = len(trigger.triggers)
    if trigger.require < total:
        # Any of several would do; name the one that came furthest.
        first = max(silent, key=lambda one: len(one.records))
    why = explain_child(first).said
    more = len(silent) - 1
    others = f" (nor did {more} other{'s' if more > 1 else ''})" if more else ""
    so_far = f"{fired} of the {trigger.require} children it takes fired: "
    said: Sentence = (
        so_far if fired else "No child fired: " if total > 1 else "",
        *child_name(first.trigger),
        f" did not{others}. ",
        *why,
    )
    return Diagnosis("child-never-fired", said)


def _expired(nearest: Constellation, within: int) -> Sentence:
    first, last = nearest.firings[0], nearest.firings[-1]
    late = nearest.span - within
    waits = ""
    if isinstance(last.trigger, EventTrigger) and last.trigger.posture == "Proactive":
        waits = " (it is proactive, and fires only at its window's end)"
    return (
        *child_name(last.trigger),
        " fired at ",
        At(last.at),
        f"{waits}, {format_duration(nearest.span)} after ",
        *child_name(first.trigger),
        f": {format_duration(late)} more than the composite's within of {format_duration(within)}.",
    )


def _out_of_order(case: Case) -> Diagnosis:
    firsts = [child.firings[0] for child in map(case.child, case.composite.triggers)]
    for earlier, later in pairwise(firsts):
        if later.seq < earlier.seq:
            break
    else:
        earlier, later = firsts[-2], firsts[-1]
    said: Sentence = (
        "All children fired, but never in this order: ",
        *child_name(later.trigger),
        " fired at ",
        At(later.at),
        f", {format_duration(earlier.at - later.at)} before ",
        *child_name(earlier.trigger),
        ".",
    )
    return Diagnosis("out-of-order", said)


def _superseded(case: Case, nearest: Constellation) -> Diagnosis:
    for first in nearest.firings[:-1]:
        for one in case.records:
            if (
                isinstance(one, HeldTransition)
                and one.kind == "superseded"
                and one.firing.seq == first.seq
            ):
                said: Sentence = (
                    "The children fired in order, but ",
                    *child_name(first.trigger),
                    " fired again at ",
                    At(one.at),
                    ", before the last of them did; only its latest firing is kept, and that one ",
                    "stands out of order.",
                )
                return Diagnosis("child-superseded", said)
    said = ("The children fired in order, but their stored firings never stood in it.",)
    return Diagnosis("child-superseded", said)


def _pair(nearest: Constellation) -> Sentence:
    first, last = nearest.firings[0], nearest.firings[-1]
    return (*child_name(first.trigger), " and ", *child_name(last.trigger))


def child_name(trigger: Trigger) -> Sentence:
    """``$.triggers[1] (prefect.work-pool.not-ready)``."""
    match trigger:
        case EventTrigger():
            name = trigger.expect[0] if trigger.expect else "any event"
            absent = "no " if trigger.posture == "Proactive" else ""
            return (trigger.path, f" ({absent}", Name(name), ")")
        case MetricTrigger():
            return (trigger.path, f" ({trigger.metric})")
        case CompositeTrigger():
            return (trigger.path, f" ({trigger.kind})")


# --- Firings close together ------------------------------------------------------------------


def nearest_constellation(case: Case) -> Constellation | None:
    """Enough children's firings as close together as they came; for a sequence, in its order."""
    trigger = case.composite
    by_child = [case.child(child).firings for child in trigger.triggers]
    if trigger.kind == "sequence":
        return _nearest_in_order(by_child)
    return _nearest_of_any(by_child, trigger.require)


def _nearest_of_any(by_child: list[list[FiredTransition]], require: int) -> Constellation | None:
    firings = sorted(
        ((one, child) for child, own in enumerate(by_child) for one in own),
        key=lambda pair: pair[0].seq,
    )
    latest: dict[int, FiredTransition] = {}
    best: Constellation | None = None
    for one, child in firings:
        latest.pop(child, None)
        latest[child] = one
        if len(latest) < require:
            continue
        newest = list(latest.values())[-require:]
        span = newest[-1].at - newest[0].at
        if best is None or span < best.span:
            best = Constellation(span, tuple(newest))
    return best


def _nearest_in_order(by_child: list[list[FiredTransition]]) -> Constellation | None:
    # For each child, the chain of firings up to it that began last.
    firings = sorted(
        ((one, child) for child, own in enumerate(by_child) for one in own),
        key=lambda pair: pair[0].seq,
    )
    chains: list[tuple[FiredTransition, ...] | None] = [None] * len(by_child)
    best: Constellation | None = None
    for one, child in firings:
        before = chains[child - 1] if child else ()
        if before is None:
            continue
        chains[child] = (*before, one)
        if child == len(by_child) - 1:
            chain = (*before, one)
            span = chain[-1].at - chain[0].at
            if best is None or span < best.span:
                best = Constellation(span, chain)
    return best


class Expired(NamedTuple):
    """A stored firing that was too old when another child fired (C3)."""

    late: int
    """How much too old, µs."""
    record: HeldTransition

    @property
    def expired(self) -> Firing:
        """The firing that was too old."""
        return self.record.firing


def expired_firings(case: Case) -> list[Expired]:
    """The stored firings that were dropped, those that were least too old first."""
    within = case.composite.within
    found = [
        Expired(one.at - one.firing.at - within, one)
        for one in case.records
        if isinstance(one, HeldTransition) and one.kind == "expired" and within is not None
    ]
    return sorted(found, key=lambda one: one.late)


# --- Nearest miss --------------------------------------------------------------------------


def composite_miss(case: Case) -> NearestMiss | None:
    """How near the composite came to enough firings in time."""
    trigger = case.composite
    if case.firings:
        return _further_miss(case)
    fired = sum(1 for child in trigger.triggers if case.child(child).firings)
    nearest = nearest_constellation(case)
    if nearest is None or trigger.within is None or nearest.span <= trigger.within:
        if not fired:
            return None
        said: Sentence = (f"{fired} of the {trigger.require} children it takes fired.",)
        return NearestMiss(trigger.path, (), said, fired, trigger.require, None, None, None, None)
    last = nearest.firings[-1]
    return NearestMiss(
        trigger.path,
        (),
        _expired(nearest, trigger.within),
        trigger.require - 1,
        trigger.require,
        nearest.firings[0].at,
        nearest.firings[0].at + trigger.within,
        nearest.span - trigger.within,
        last.event,
    )


def _further_miss(case: Case) -> NearestMiss | None:
    """Beside its firings: the stored firing that was the least too old when another came."""
    trigger = case.composite
    expired = expired_firings(case)
    if not expired or trigger.within is None:
        return None
    least = expired[0]
    said: Sentence = (
        "Another round missed by ",
        format_duration(least.late),
        ": the firing of ",
        *child_name(least.expired.trigger),
        " at ",
        At(least.expired.at),
        " had expired when the next child fired at ",
        At(least.record.at),
        ".",
    )
    return NearestMiss(
        trigger.path,
        (),
        said,
        trigger.require - 1,
        trigger.require,
        least.expired.at,
        least.expired.at + trigger.within,
        least.late,
        least.record.event,
    )
