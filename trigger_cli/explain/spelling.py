"""Which event names of a log come near to a pattern that none of them matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from trigger_cli.dialect import DOCS
from trigger_cli.match.patterns import STAR, compile_pattern

NEAR = 0.75
"""How alike two names must be: 1 is the same but for upper and lower case."""
SAME_BUT_FOR_CASE = 1.0
_LONGEST = 200
"""Longer names are not compared letter by letter."""
_SHORTEST_ENDING = 8
_JOINTS = str.maketrans("", "", "-_ .")


class Near(NamedTuple):
    """A name of the log that comes near to a pattern."""

    name: str
    pattern: str
    likeness: float
    events: int
    """How many events of the log have the name."""


def nearest(patterns: Sequence[str], names: Mapping[str, int], limit: int = 3) -> list[Near]:
    """The names nearest to one of the patterns, the most alike first."""
    found = []
    for name, events in names.items():
        likeness, pattern = max(
            ((likeness_of(pattern, name), pattern) for pattern in patterns), default=(0.0, "")
        )
        if likeness >= NEAR:
            found.append(Near(name, pattern, likeness, events))
    return sorted(found, key=lambda one: (-one.likeness, -one.events, one.name))[:limit]


def is_near(patterns: Iterable[str], name: str) -> bool:
    """Whether `name` comes near to one of the patterns."""
    return any(likeness_of(pattern, name) >= NEAR for pattern in patterns)


def likeness_of(pattern: str, name: str) -> float:
    """How alike a pattern and a name are, 0 to 1; what is before and after the last dot counts apart.

    ``prefect.flow-run.Failed`` and ``prefect.flow-run.Paused`` share most of their letters, and
    have little to do with each other.
    """
    pattern = pattern.removeprefix("!")
    if not pattern or not name or max(len(pattern), len(name)) > _LONGEST:
        return 0.0
    lower, lower_name = pattern.casefold(), name.casefold()
    if compile_pattern(lower, DOCS)(lower_name):
        return SAME_BUT_FOR_CASE
    if STAR in pattern:
        return 0.0
    if lower.translate(_JOINTS) == lower_name.translate(_JOINTS):
        return 0.98
    shorter, longer = sorted((lower, lower_name), key=len)
    if len(shorter) >= _SHORTEST_ENDING and longer.endswith(f".{shorter}"):
        return 0.95
    head, _, tail = lower.rpartition(".")
    name_head, _, name_tail = lower_name.rpartition(".")
    tails = _ratio(tail, name_tail)
    return min(tails, _ratio(head, name_head)) if tails >= NEAR else 0.0


def _ratio(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()
