"""From a firing back to the events that made it, along the records' ``because``."""

from __future__ import annotations

from collections.abc import Iterable

from trigger_cli.model import (
    CompositeTrigger,
    FiredTransition,
    Firing,
    HeldTransition,
    TriggerTransition,
)

LONGEST_CHAIN = 500
"""So many records of a chain are kept, from the firing back."""
_UNRELATED = frozenset({"closed", "dropped"})


def chain_of(firing: Firing, records: Iterable[TriggerTransition]) -> tuple[TriggerTransition, ...]:
    """The records that led to `firing`, oldest first, through composites and their children.

    A window that closed before the one that fired opened is no part of it.
    """
    by_seq = {one.seq: one for one in records}
    found: dict[int, TriggerTransition] = {}
    waiting = [firing.seq]
    while waiting and len(found) < LONGEST_CHAIN:
        seq = waiting.pop()
        one = by_seq.get(seq)
        if one is None or seq in found:
            continue
        found[seq] = one
        if one.kind in {"opened", "renewed"}:
            continue
        waiting += [other for other in one.because if _leads_on(by_seq.get(other))]
        if one.kind == "fired" and isinstance(one.trigger, CompositeTrigger):
            waiting += _stored_with(one, by_seq)
    return tuple(found[seq] for seq in sorted(found))


def _leads_on(one: TriggerTransition | None) -> bool:
    return one is not None and one.kind not in _UNRELATED


def _stored_with(fired: FiredTransition, by_seq: dict[int, TriggerTransition]) -> list[int]:
    """When the composite stored the firings that it then fired with: right after each."""
    stored = []
    for child in fired.firing.children:
        for seq in range(child.seq + 1, child.seq + 12):
            one = by_seq.get(seq)
            if (
                isinstance(one, HeldTransition)
                and one.kind == "stored"
                and one.firing.seq == child.seq
            ):
                stored.append(seq)
                break
    return stored
