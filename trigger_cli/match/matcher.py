"""Which filters take an event: the only place where events are matched (N, M, B2)."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.match.filters import Filter, Filters
from trigger_cli.match.index import TriggerIndex
from trigger_cli.match.plan import Plan, compile_plan
from trigger_cli.model import Automation, Event, Labels, Match, Taking
from trigger_cli.vocabulary import shown_labels

# A limit, so that a log in which every event has a different name cannot fill the memory.
_REMEMBERED_NAMES = 10_000


class NameMatcher:
    """The filters that events with one name may pass.

    Args:
        filters: The filters, each with the role of such events.
        only_shown: Whether `select` keeps only `SHOWN_LABELS`.
    """

    __slots__ = ("_index", "_only_shown")

    def __init__(self, filters: Sequence[tuple[Filter, int]], *, only_shown: bool) -> None:
        self._index = TriggerIndex([(one.necessary, (one, role)) for one, role in filters])
        self._only_shown = only_shown

    def takings(self, resource: Labels, related: Sequence[Labels]) -> tuple[Taking, ...]:
        """The takings of an event with these resources, in the filters' order."""
        return tuple(
            [
                (one.number, role, one.key_of(resource, related))
                for one, role in self._index.candidates(resource, related)
                if one.matches is None or one.matches(resource, related)
            ]
        )

    def select(
        self, resource: Labels, related: tuple[Labels, ...]
    ) -> tuple[Labels, tuple[Labels, ...], tuple[Taking, ...]] | None:
        """The event's resources and takings; ``None`` if no filter takes it."""
        takings = self.takings(resource, related)
        if not takings:
            return None
        if self._only_shown:
            return shown_labels(resource), (), takings
        return resource, related, takings


class Matcher:
    """Finds the filters that take each event.

    Args:
        filters: The filters of the plans to replay.
        only_shown: See `NameMatcher`.
    """

    def __init__(self, filters: Filters, *, only_shown: bool = False) -> None:
        self._of_any_name = [one for one in filters.all if one.names is None]
        self._of_name: dict[str, list[Filter]] = {}
        """The filters that take events of some names only, by name."""
        for one in filters.all:
            for name in one.names or ():
                self._of_name.setdefault(name, []).append(one)
        self._only_shown = only_shown
        self._by_name: dict[str, NameMatcher | None] = {}

    def match(self, event: Event) -> Match:
        """The event with its takings."""
        named = self.of_name(event.name)
        if named is None:
            return Match(event, ())
        return Match(event, named.takings(event.resource, event.related))

    def of_name(self, name: str) -> NameMatcher | None:
        """The matcher for events with a name; ``None``: no filter takes them (N1, K1)."""
        try:
            return self._by_name[name]
        except KeyError:
            pass
        if len(self._by_name) >= _REMEMBERED_NAMES:
            self._by_name.clear()
        asked = sorted(self._of_name.get(name, []) + self._of_any_name, key=lambda one: one.number)
        found = [(one, role) for one in asked if (role := one.role_of(name)) is not None]
        named = NameMatcher(found, only_shown=self._only_shown) if found else None
        self._by_name[name] = named
        return named


class Side(Struct, frozen=True):
    """Automations that are replayed in one dialect; can be sent to another process."""

    automations: tuple[Automation, ...]
    dialect: Dialect


class Sides(Struct, frozen=True):
    """All plans that are replayed on one reading of a log; `Log` reads the events they take."""

    sides: tuple[Side, ...]
    only_shown: bool = False
    """Whether matched events keep only `SHOWN_LABELS`: the engine and its views need no others."""

    def plans(self) -> tuple[Matcher, tuple[Plan, ...]]:
        """One matcher for all sides, and the plan of each."""
        filters = Filters()
        plans = tuple(compile_plan(one.automations, one.dialect, filters) for one in self.sides)
        return Matcher(filters, only_shown=self.only_shown), plans

    def interests(self) -> Callable[[str], NameMatcher | None]:
        """Maps an event name to what is read of its events."""
        return self.plans()[0].of_name


def sides_of(automations: Sequence[Automation], *dialects: Dialect) -> Sides:
    """The same automations in each of the dialects."""
    return Sides(tuple(Side(tuple(automations), one) for one in dialects))


def plan_of(automations: Sequence[Automation], dialect: Dialect) -> tuple[Matcher, Plan]:
    """A matcher for the automations in one dialect, and their plan."""
    matcher, (plan,) = sides_of(automations, dialect).plans()
    return matcher, plan
