"""Why a composite trigger did not fire: which child, how far apart, or in which order (C)."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from msgspec import Struct

from trigger_cli.explain import changes
from trigger_cli.explain.case import Case
from trigger_cli.explain.reactive import TRIED
from trigger_cli.explain.records import Diagnosis, NearestMiss, because
from trigger_cli.explain.sentence import At, Name, Sentence, say
from trigger_cli.model import (
    CompositeTrigger,
    EventTrigger,
    Firing,
    MetricTrigger,
    Trigger,
)
from trigger_cli.times import format_duration


class Constellation(Struct, frozen=True):
    """Firings of enough different children, in time order."""

    firings: tuple[Firing, ...]

    @property
    def span(self) -> int:
        """The time from the first to the last, µs."""
        return self.firings[-1].at - self.firings[0].at


def no_composite_firing(case: Case, explain_child: Callable[[Case], Diagnosis]) -> Diagnosis:
    """The decisive cause; `explain_child` says why a child did not fire."""
    trigger = case.composite
    if not trigger.triggers:
        return because("child-never-fired", "It has no child that could fire: its list is empty.")
    silent = [child for child in case.children if not child.firings]
    fired = len(case.children) - len(silent)
    if fired < trigger.require:
        return _child_never_fired(trigger, silent, fired, explain_child)
    nearest = next(iter(missed_rounds(case)), None)
    if nearest is None or trigger.within is None:
        if trigger.kind == "sequence":
            return _superseded(case) or _out_of_order(case)
        # Only where firings of children were too many to keep all.
        return because("child-expired", "Its children's firings were never close enough.")
    if trigger.within == 0:
        return because(
            "within-zero",
            "within 0 asks that all children fire at the same instant; the closest firings are {} "
            "apart: {} and {}.",
            format_duration(nearest.span),
            child_name(nearest.firings[0].trigger),
            child_name(nearest.firings[-1].trigger),
        )
    return Diagnosis("child-expired", _expired(nearest, trigger.within))


def _child_never_fired(
    trigger: CompositeTrigger,
    silent: list[Case],
    fired: int,
    explain_child: Callable[[Case], Diagnosis],
) -> Diagnosis:
    first = silent[0]
    total = len(trigger.triggers)
    if trigger.require < total:
        # Any of several children would suffice; name the one that came closest.
        first = max(silent, key=lambda one: len(one.records))
    more = len(silent) - 1
    others = f" (nor did {more} other{'s' if more > 1 else ''})" if more else ""
    so_far = f"{fired} of the {trigger.require} children that it needs fired: "
    return because(
        "child-never-fired",
        "{}{} did not{}. {}",
        so_far if fired else "No child fired: " if total > 1 else "",
        child_name(first.trigger),
        others,
        explain_child(first).said,
    )


def _expired(nearest: Constellation, within: int) -> Sentence:
    first, last = nearest.firings[0], nearest.firings[-1]
    waits = ""
    if isinstance(last.trigger, EventTrigger) and last.trigger.posture == "Proactive":
        waits = " (it is proactive, and fires only at its window's end)"
    return say(
        "{} fired at {}{}, {} after {}: {} more than the composite's within of {}.",
        child_name(last.trigger),
        At(last.at),
        waits,
        format_duration(nearest.span),
        child_name(first.trigger),
        format_duration(nearest.span - within),
        format_duration(within),
    )


def _out_of_order(case: Case) -> Diagnosis:
    firsts = [child.firings[0] for child in case.children]
    pairs = list(pairwise(firsts))
    earlier, later = next((pair for pair in pairs if pair[1].seq < pair[0].seq), pairs[-1])
    gap = earlier.at - later.at
    return because(
        "out-of-order",
        "All children fired, but never in this order: {} fired at {}, {} {}.",
        child_name(later.trigger),
        At(later.at),
        f"{format_duration(gap)} before" if gap else "at the same instant as, but before,",
        child_name(earlier.trigger),
    )


def _superseded(case: Case) -> Diagnosis | None:
    """Check whether the children of a sequence fired in its order, but one fired again too early."""
    chain = min(map(Constellation, _chains(case)), key=lambda one: one.span, default=None)
    if chain is None:
        return None
    *earlier, last = chain.firings
    # Each is its child's latest firing before the next child's: what fired again did so out of order.
    for child, first in reversed([*zip(case.children[:-1], earlier, strict=True)]):
        again = [one for one in child.firings if first.seq < one.seq < last.seq]
        if again:
            return because(
                "child-superseded",
                "The children fired in order, but {} fired again at {}, before the last of "
                "them did; only its latest firing is kept, and that one stands out of order.",
                child_name(first.trigger),
                At(again[-1].at),
            )
    return None


def child_name(trigger: Trigger) -> Sentence:
    """The child's path and what it waits for: ``$.triggers[1] (prefect.work-pool.not-ready)``."""
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


def missed_rounds(case: Case) -> list[Constellation]:
    """The firings with which it would have fired, had none of them expired (C3), the closest first.

    Of each child the latest since the last firing of the composite (C5), as it would have stored them.
    """
    trigger, within = case.composite, case.composite.within
    if within is None:
        return []
    held: dict[str, Firing] = {}
    order = [child.path for child in trigger.triggers] if trigger.kind == "sequence" else None
    found = []
    for one in case.records:
        if one.kind == "fired":
            held.clear()
        if one.kind != "stored":
            continue
        held.pop(one.firing.trigger.path, None)
        held[one.firing.trigger.path] = one.firing
        if len(held) < trigger.require or order not in (None, list(held)):
            continue
        latest = Constellation(tuple(held.values())[-trigger.require :])
        if latest.span > within:
            found.append(latest)
    return sorted(found, key=lambda one: one.span)


def _chains(case: Case) -> Iterator[tuple[Firing, ...]]:
    """Firings in the order of a sequence's children: of each, the latest before the next."""
    chains: dict[int, tuple[Firing, ...]] = {-1: ()}
    for one, child in _firings(case):
        if child - 1 in chains:
            chains[child] = (*chains[child - 1], one)
            if child == len(case.children) - 1:
                yield chains[child]


def _firings(case: Case) -> list[tuple[Firing, int]]:
    """The children's firings in order, each with the index of its child."""
    return sorted(
        ((one.firing, place) for place, child in enumerate(case.children) for one in child.firings),
        key=lambda pair: pair[0].seq,
    )


# --- Nearest miss --------------------------------------------------------------------------


def composite_miss(case: Case) -> NearestMiss | None:
    """How close the composite came to enough firings in time."""
    trigger = case.composite
    if case.firings:
        return _further_miss(case)
    fired = sum(1 for child in case.children if child.firings)
    nearest = next(iter(missed_rounds(case)), None)
    if nearest is None or trigger.within is None:
        said = say(f"{fired} of the {trigger.require} children that it needs fired.")
        if trigger.kind == "sequence" and fired == trigger.require:
            said = say("All its children fired, but their latest firings were in another order.")
        return NearestMiss(trigger.path, (), said, fired, trigger.require) if fired else None
    first, last = nearest.firings[0], nearest.firings[-1]
    said = _expired(nearest, trigger.within)
    return _miss(trigger, said, first.at, nearest.span - trigger.within, last)


def _further_miss(case: Case) -> NearestMiss | None:
    """A near miss of a further firing: the round whose first firing expired by the least.

    A longer `within` may take firings of another round, so a replay shows whether it fires more often.
    """
    trigger = case.composite
    tried = missed_rounds(case)[:TRIED]
    if not tried or trigger.within is None:
        return None
    longer = (changes.change_duration(trigger, "within", one.span).changed for one in tried)
    fire = case.fires_more(tuple(longer))
    missed = next((one for one, more in zip(tried, fire, strict=True) if more), None)
    if missed is None:
        return None
    first, last = missed.firings[0], missed.firings[-1]
    late = missed.span - trigger.within
    said = say(
        "Another round missed by {}: the firing of {} at {} had expired when {} fired at {}.",
        format_duration(late),
        child_name(first.trigger),
        At(first.at),
        child_name(last.trigger),
        At(last.at),
    )
    return _miss(trigger, said, first.at, late, last)


def _miss(
    trigger: CompositeTrigger, said: Sentence, start: int, missed_by: int, last: Firing
) -> NearestMiss:
    end = start + (trigger.within or 0)
    require = trigger.require
    return NearestMiss(
        trigger.path, (), said, require - 1, require, start, end, missed_by, last.event
    )
