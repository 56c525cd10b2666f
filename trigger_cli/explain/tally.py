"""Counts how far the events of a log pass one event or metric trigger, clause by clause.

The engine emits no record for an event that does not match. This module counts such events: how
many have a wanted name, how many of these pass ``match``, how many ``match_related``, and which
clause refused the others. Counts are exact; the number of stored values is bounded.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct, field

from trigger_cli.dialects import Dialect
from trigger_cli.lazy_sequence import LazySequence
from trigger_cli.match.filters import compile_key
from trigger_cli.match.patterns import compile_match, compile_names, compile_resources
from trigger_cli.match.why_not import why_not
from trigger_cli.model import Event, EventTrigger, Key, MetricTrigger, NameRoles
from trigger_cli.vocabulary import state_name

Role: TypeAlias = Literal["expect", "after"]
"""The role that an event may have."""

KEPT_PASSING = 20_000
"""The most passing events per role to keep, to bound memory."""
ASKED_WHY_NOT = 10_000
"""The most events per role and stage whose failed clauses are determined; the others only count."""
KEPT_KEYS = 100_000
"""The most keys per role to remember."""
_KEPT_VALUES = 500
_REMEMBERED_NAMES = 100_000


class Passing(Struct, frozen=True):
    """An event that passed all filters of the trigger (N and M)."""

    event: Event
    roles: NameRoles
    key: Key


def by_key(passing: Iterable[Passing]) -> dict[Key, list[Passing]]:
    """Events that passed by bucketing key (B2), in order; an empty list for other keys."""
    found: dict[Key, list[Passing]] = defaultdict(list)
    for one in passing:
        found[one.key].append(one)
    return found


class ClauseTally(Struct):
    """What one clause refused."""

    clause: str
    expected: tuple[str, ...]
    failed: int = 0
    values: Counter[str | None] = field(default_factory=Counter)
    """The values refused, with their number of events; ``None``: no value."""
    hints: Counter[str] = field(default_factory=Counter)

    @property
    def hint(self) -> str:
        """The most frequent hint."""
        return next((hint for hint, _ in self.hints.most_common(1)), "")

    @property
    def told_hint(self) -> str:
        """The most frequent hint; with a number, if it is not one of all events refused."""
        number = self.hints[self.hint]
        of_some = f"{number:,} of {self.failed:,}: " if number < self.failed else ""
        return self.hint and of_some + self.hint


class RoleTally(Struct):
    """How far the events of one role passed."""

    named: int = 0
    matched: int = 0
    related: int = 0
    """The number of events that passed all filters."""
    kept: int = 0
    """How many of these are in `LeafTally.passing`."""
    keys: Counter[Key] = field(default_factory=Counter)
    """The number of these events by key; at most `KEPT_KEYS` keys."""
    asked: Counter[bool] = field(default_factory=Counter)
    """How many failed events were checked by clause, by whether they passed ``match``."""
    clauses: dict[str, ClauseTally] = field(default_factory=dict)
    """The clauses that refused events, by path."""

    @property
    def knows_all_keys(self) -> bool:
        """Whether `keys` has all keys."""
        return len(self.keys) < KEPT_KEYS

    def commonest(self, *, related: bool) -> ClauseTally | None:
        """The clause of ``match`` or of ``match_related`` that refused most events."""
        return max(self._of_stage(related=related), key=lambda one: one.failed, default=None)

    def refused_all(self, *, related: bool) -> list[ClauseTally]:
        """The clauses of ``match`` or of ``match_related`` that each refused all events asked."""
        asked = self.asked[related]
        return [one for one in self._of_stage(related=related) if one.failed == asked]

    def _of_stage(self, *, related: bool) -> list[ClauseTally]:
        clauses = self.clauses.values()
        return [one for one in clauses if one.clause.startswith("match_related") == related]


class LeafTally:
    """The tally of one event or metric trigger."""

    def __init__(self, trigger: EventTrigger | MetricTrigger, dialect: Dialect) -> None:
        self.trigger = trigger
        self.named = 0
        """The number of events with a name that `expect` or `after` wants."""
        self.matched = 0
        self.related = 0
        self.roles: dict[Role, RoleTally] = {"expect": RoleTally(), "after": RoleTally()}
        self._passing: list[Event] = []
        self.nearest: Event | None = None
        """Of the events that did not pass, the first with the fewest failed clauses."""
        self._nearness = 0
        """How many clauses of `nearest` passed."""
        self.dialect = dialect
        self._own = compile_match(trigger.match, dialect)
        self._all = compile_resources(trigger, dialect)
        self._named = lru_cache(_REMEMBERED_NAMES)(roles_in(trigger, dialect))
        self._key_of = compile_key(trigger.for_each if isinstance(trigger, EventTrigger) else ())

    def wants(self, name: str) -> bool:
        """Whether `add` counts events with a name."""
        return self._named(name) is not None

    def add(self, event: Event) -> int:
        """Add an event that was delivered to the triggers.

        Returns:
            How many stages it passed: 1, its name; 2, `match` as well; 3, all filters.
        """
        roles = self._named(event.name)
        if roles is None:
            return 0
        tallies = [self.roles["expect"]] if roles.expected else []
        if roles.starts:
            tallies.append(self.roles["after"])
        passed = self._all is None or self._all(event.resource, event.related)
        own = passed or self._own(event.resource)
        self.named += 1
        self.matched += own
        self.related += passed
        for tally in tallies:
            tally.named += 1
            tally.matched += own
            tally.related += passed
        if passed:
            self._keep(event, tallies)
            return 3
        asking = [tally for tally in tallies if tally.asked[own] < ASKED_WHY_NOT]
        if asking:
            self._ask(event, asking, own=own)
        return 1 + own

    @property
    def passing(self) -> Sequence[Passing]:
        """The events that passed all filters, in the order of delivery.

        The first `KEPT_PASSING` of each role, so that each role with passing events has one.
        """
        return LazySequence(self._passed, self._passing)

    def _passed(self, event: Event) -> Passing:
        roles = self._named(event.name)
        assert roles is not None, "`add` passes over others"
        return Passing(event, roles, self._key_of(event.resource, event.related))

    @property
    def is_whole(self) -> bool:
        """Whether `passing` has all events that passed."""
        return all(tally.kept == tally.related for tally in self.roles.values())

    @property
    def keys_never_meet(self) -> bool:
        """Whether no key has events of both roles; ``False`` if unknown."""
        expect, after = self.roles["expect"], self.roles["after"]
        known = expect.knows_all_keys and after.knows_all_keys
        return known and expect.keys.keys().isdisjoint(after.keys)

    def _keep(self, event: Event, tallies: list[RoleTally]) -> None:
        key = self._key_of(event.resource, event.related)
        if any(tally.kept < KEPT_PASSING for tally in tallies):
            self._passing.append(event)
            for tally in tallies:
                tally.kept += 1
        for tally in tallies:
            if key in tally.keys or len(tally.keys) < KEPT_KEYS:
                tally.keys[key] += 1

    def _ask(self, event: Event, tallies: list[RoleTally], *, own: bool) -> None:
        for tally in tallies:
            tally.asked[own] += 1
        checks = why_not(self.trigger, event, self.dialect)
        passed = sum(check.passed for check in checks)
        if passed > self._nearness:
            self.nearest, self._nearness = event, passed
        for check in checks:
            # An event that fails `match` is not checked against `match_related`.
            if check.passed or check.is_name or (check.is_related and not own):
                continue
            for tally in tallies:
                clause = tally.clauses.setdefault(
                    check.clause, ClauseTally(check.clause, check.expected)
                )
                clause.failed += 1
                if check.actual in clause.values or len(clause.values) < _KEPT_VALUES:
                    clause.values[check.actual] += 1
                if check.hint:
                    clause.hints[check.hint] += 1


class JointTally:
    """How far events pass any of several triggers; an event that several want counts once."""

    def __init__(self, tallies: Iterable[LeafTally]) -> None:
        self._tallies = tuple(dict.fromkeys(tallies))  # some are shared
        self.named = 0
        self.matched = 0
        self.related = 0

    def wants(self, name: str) -> bool:
        """As `LeafTally.wants`."""
        return any(one.wants(name) for one in self._tallies)

    def add(self, passed: Mapping[LeafTally, int]) -> None:
        """Add an event; `passed` is what `LeafTally.add` returned of it, for each tally that counts it."""
        most = max((passed.get(one, 0) for one in self._tallies), default=0)
        self.named += most > 0
        self.matched += most > 1
        self.related += most > 2


def roles_in(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> Callable[[str], NameRoles | None]:
    """Maps a name to its roles; ``None`` if the trigger does not want such events (N1, K1)."""
    return compile_names(trigger, dialect) if isinstance(trigger, EventTrigger) else _metric_roles


def _metric_roles(name: str) -> NameRoles | None:
    return None if state_name(name) is None else NameRoles(starts=False, expected=True)
