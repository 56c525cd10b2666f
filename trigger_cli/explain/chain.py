"""The chain of records from a firing back to its events, along ``because``."""

from collections.abc import Iterable

from trigger_cli.model import (
    CompositeTrigger,
    FiredTransition,
    Firing,
    MetricTrigger,
    TriggerTransition,
)

LONGEST_CHAIN = 500
"""The most records of a chain, counted back from the firing."""


def chain_of(firing: Firing, records: Iterable[TriggerTransition]) -> tuple[TriggerTransition, ...]:
    """The records that led to `firing`, oldest first, through composites and their children.

    It excludes windows that closed before the window that fired opened, and values of a metric that no
    run in its range at the breach's beginning made (K1).
    """
    by_seq = {one.seq: one for one in records}
    found: dict[int, TriggerTransition] = {}
    waiting = [firing.seq]
    left: dict[str, int] = {}
    """By metric: `left_by_breach` of its latest breach."""
    while waiting and len(found) < LONGEST_CHAIN:
        seq = waiting.pop()
        one = by_seq.get(seq)
        if one is None or seq in found:
            continue
        path = one.trigger.path
        if path in left and one.at <= left[path]:
            continue
        if (until := left_by_breach(one)) is not None:
            left.setdefault(path, until)
        found[seq] = one
        if one.kind in {"opened", "renewed"}:
            continue
        known = (by_seq[seq] for seq in one.because if seq in by_seq)
        waiting += [other.seq for other in known if other.kind not in {"closed", "dropped"}]
        if one.kind == "fired" and isinstance(one.trigger, CompositeTrigger):
            waiting += _stored_with(one, by_seq)
    return tuple(found[seq] for seq in sorted(found))


def left_by_breach(one: TriggerTransition) -> int | None:
    """Up to where events had left a metric's range when its breach began (K1), µs.

    ``None`` if the record begins no breach. Each value of a metric follows from the one before, but
    what had left the range made no breach.
    """
    if one.kind == "breached" and isinstance(one.trigger, MetricTrigger):
        return one.at - one.trigger.range
    return None


def _stored_with(fired: FiredTransition, by_seq: dict[int, TriggerTransition]) -> list[int]:
    """The records of storing the firings with which the composite fired."""
    return [
        seq
        for child in fired.firing.children
        for seq in range(child.seq + 1, child.seq + 12)
        if (one := by_seq.get(seq)) and one.kind == "stored" and one.firing.seq == child.seq
    ]
