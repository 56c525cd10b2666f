"""Selects the firing of an automation to report first: the most informative one."""

from collections import Counter
from collections.abc import Sequence

from trigger_cli.explain.case import Case
from trigger_cli.explain.fired import why_fired
from trigger_cli.explain.records import Diagnosis, ToldFiring
from trigger_cli.model import Firing

_DIAGNOSED = 40
"""The most firings whose causes are determined."""
_ORDINARY = frozenset({"fired", "nothing-came", "metric-breached"})
"""Causes of firings that are as intended."""


def tell_firings(case: Case, firings: Sequence[Firing], asked: int | None) -> ToldFiring | None:
    """The requested firing, counted from 1, else the first with an unusual cause, else the first.

    ``None``: there is no such firing, or its records were not kept.
    """
    if not firings or (asked is not None and len(firings) < asked):
        return None
    by_seq = {one.seq: one for one in case.firings}
    diagnosed: dict[int, Diagnosis] = {}
    for number, firing in enumerate(firings[:_DIAGNOSED], 1):
        if firing.seq in by_seq:
            diagnosed[number] = why_fired(case, by_seq[firing.seq])
    number = asked or 1
    if asked is None:
        special = (one for one, why in diagnosed.items() if why.cause not in _ORDINARY)
        number = next(special, number)
    firing = firings[number - 1]
    if number not in diagnosed:
        if firing.seq not in by_seq:
            return None
        diagnosed[number] = why_fired(case, by_seq[firing.seq])
    causes: tuple[tuple[str, int], ...] = ()
    if len(diagnosed) == len(firings):
        causes = tuple(Counter(why.cause for why in diagnosed.values()).most_common())
    is_chosen = asked is None and number > 1
    return ToldFiring(number, len(firings), firing, diagnosed[number], is_chosen, causes)
