"""An index from labels to triggers, which finds the triggers that an event may match.

Only a proven necessary condition may skip an event: `find_necessary_label` uses no label of an
object that can match by absence (M5).
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.match.patterns import GLOB_CHARACTERS, STAR, asserts_absence, is_negated
from trigger_cli.model import EventTrigger, Labels, MetricTrigger
from trigger_cli.vocabulary import RESOURCE_ROLE

_Item = TypeVar("_Item")


class NecessaryLabel(Struct, frozen=True):
    """A necessary condition of a trigger: one label, on a resource, has one of these values.

    An event that does not meet it cannot match the trigger, so it may be skipped.
    """

    related: bool
    """Whether the label is on a related resource rather than on the primary one."""
    label: str
    values: frozenset[str]


# Labels with few different values in a log, which select poorly.
_COMMON_LABELS = frozenset({RESOURCE_ROLE})


def find_necessary_label(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> NecessaryLabel | None:
    """The most selective condition of `trigger` that can be looked up, if there is one (M1, M2)."""
    objects = [(False, trigger.match)]
    objects += [(True, one) for one in trigger.match_related if not asserts_absence(one, dialect)]
    candidates = [
        NecessaryLabel(related, label, frozenset(patterns))
        for related, labels in objects
        for label, patterns in labels
        if patterns and all(_is_literal(pattern, dialect) for pattern in patterns)
    ]
    if not candidates:
        return None
    return min(candidates, key=lambda one: (one.label in _COMMON_LABELS, len(one.values)))


def _is_literal(pattern: str, dialect: Dialect) -> bool:
    if dialect.glob_characters and GLOB_CHARACTERS.intersection(pattern):
        return False
    return not is_negated(pattern) and STAR not in pattern


class TriggerIndex(Generic[_Item]):
    """Items with a necessary label each; an event selects a few candidates among them.

    For a hundred triggers on different flows, an event costs a few lookups instead of a hundred
    predicates: 2 µs instead of 60 (``benchmarks/run.py``, lane "100 automations").
    """

    def __init__(self, items: Sequence[tuple[NecessaryLabel | None, _Item]]) -> None:
        self._all = [item for _, item in items]
        self._always = [place for place, (necessary, _) in enumerate(items) if necessary is None]
        # By label, then by value: the positions of the items that need it.
        self._own: dict[str, dict[str, list[int]]] = {}
        self._related: dict[str, dict[str, list[int]]] = {}
        for place, (necessary, _) in enumerate(items):
            if necessary is not None:
                index = self._related if necessary.related else self._own
                by_value = index.setdefault(necessary.label, {})
                for value in necessary.values:
                    by_value.setdefault(value, []).append(place)
        self._looks_up = len(items) - len(self._always) >= _WORTH_LOOKING_UP

    def candidates(self, resource: Labels, related: Sequence[Labels]) -> Sequence[_Item]:
        """The items that an event with these resources may match, in order."""
        if not self._looks_up:
            return self._all
        found = set(self._always)
        for label, by_value in self._own.items():
            if label in resource:
                found.update(by_value.get(resource[label], ()))
        for label, by_value in self._related.items():
            for one in related:
                if label in one:
                    found.update(by_value.get(one[label], ()))
        items = self._all
        return [items[place] for place in sorted(found)]


# Calling fewer predicates than this is faster than looking them up.
_WORTH_LOOKING_UP = 4
