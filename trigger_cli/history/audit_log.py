"""One pass over a log for an audit: the server's firings, and the events for each automation."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from trigger_cli.events.batch import Rows, Selected
from trigger_cli.events.scan import FiringInterest, Interests
from trigger_cli.history.accounts import Twice
from trigger_cli.history.audit import Auditor, AutomationAudit, twice_processed
from trigger_cli.history.delivered import Deliveries
from trigger_cli.history.kept_deliveries import KeptDeliveries
from trigger_cli.history.polling import PollTimes, poll_times_of, standstills_of
from trigger_cli.history.server_log import ServerFiring, server_firing, whose
from trigger_cli.history.simulated import World
from trigger_cli.match.matcher import NameMatcher, Side, Sides
from trigger_cli.match.plan import is_evaluated
from trigger_cli.model import Automation, Event, Labels, LogRecord, Match, Unmatched
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import SECOND
from trigger_cli.vocabulary import FIRING_NAMES

_MOST_ARRIVALS = 300_000
"""The most times of receipt to note, and the most recorded firings of other automations."""
REMEMBERED_IDS = 2_000_000
"""The most ids of events to remember; a longer log is not said to lack an event."""
_BY_TIME = 3 * SECOND // 2


class Audit(Struct):
    """The audits of all automations, and the counts of the log."""

    automations: list[AutomationAudit]
    twice: list[Twice]
    """The events that the server processed more than once, by line."""
    others: dict[str, int]
    """Recorded firings of other automations, by name."""
    not_evaluated: list[Automation]
    """Automations that are disabled, or refused by the dialect's server."""
    started: int | None
    ended: int | None
    events: int
    malformed: int
    leaderless: int
    """The number of events whose leader did not come in time (O4)."""

    @property
    def unexplained(self) -> int:
        """The number of unpaired firings without a reason."""
        return sum(one.unexplained for one in self.automations)

    @property
    def simulated(self) -> int:
        """How many firings the simulation has."""
        return sum(one.simulated for one in self.automations)

    @property
    def has_nothing_to_compare(self) -> bool:
        """Whether the simulation fires, and the log has no firing recorded by a server at all."""
        recorded = bool(self.others) or any(one.recorded for one in self.automations)
        return not recorded and self.simulated > 0


class Unpaired(NamedTuple):
    """How many firings of an automation are on one side only."""

    missed: int
    unexpected: int


BeforeReplay: TypeAlias = Callable[[int, Automation, int], object]
"""Called before each replay, for progress: the number of finished automations, the current one, and
the number of its replay, from 1."""


def _firings(matcher: NameMatcher | None) -> FiringInterest:
    """Selects all labels of the server's firings with one name, with their takings."""

    def select(resource: Labels, related: tuple[Labels, ...]) -> Selected:
        return resource, related, () if matcher is None else matcher.takings(resource, related)

    return FiringInterest(select)


class AuditedEvents(Struct, frozen=True):
    """The events that the automations take, and the server's firings; can be sent to a process."""

    sides: Sides

    def interests(self) -> Interests:
        """All labels of the firings, also of their payload, and of the others those that are shown."""
        of_name = self.sides.interests()
        return lambda name: _firings(of_name(name)) if name in FIRING_NAMES else of_name(name)


class AuditLog:
    """Collects from a log what an audit needs: the server's firings, and each automation's events.

    Args:
        automations: What to audit.
        ids: The automations by the server's id, as far as the definitions have ids.
        options: How to replay.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        ids: Mapping[str, Automation],
        options: ReplayOptions,
    ) -> None:
        self._options = options
        self._evaluated = [one for one in automations if is_evaluated(one, options.dialect)]
        self._silent = [one for one in automations if not is_evaluated(one, options.dialect)]
        self._ids = ids
        self._names = {one.name: one for one in automations}
        sides = tuple(Side((one,), options.dialect) for one in self._evaluated)
        self.wanted = AuditedEvents(Sides(sides, only_shown=True))
        """What is read of the log."""
        self._matcher, self._plans = self.wanted.sides.plans()
        self._events = KeptDeliveries(self._evaluated)
        self._recorded: dict[int, list[ServerFiring]] = {one.index: [] for one in automations}
        self._others: Counter[str] = Counter()
        self._ids_so_far = _IdsSoFar()
        self._arrivals = array("q"), array("q")
        self._log_end = 0

    @property
    def evaluated(self) -> int:
        """The number of automations to audit."""
        return len(self._evaluated)

    def read(self, records: Iterable[LogRecord | Rows]) -> None:
        """Read the log, in the order of delivery (O1).

        Args:
            records: The records; if in `Rows`, with the labels that are `wanted`.

        Raises:
            LogTooLongError: An automation takes more events than can be kept.
        """
        deliveries = Deliveries(records, self._options, self._matcher, note=self._note)
        takers: dict[int, set[int]] = {}
        """The indices of the automations that have each filter."""
        for automation, plan in zip(self._evaluated, self._plans, strict=True):
            for leaf in plan.leaves:
                takers.setdefault(leaf.filter, set()).add(automation.index)
        for one in deliveries:
            if one.match.takings:
                self._events.add(
                    one, set().union(*(takers[number] for number, _, _ in one.match.takings))
                )
        self._deliveries = deliveries

    @property
    def events(self) -> int:
        """How many events all automations take."""
        return self._events.count

    def audited(self, processes: int = 1, before_replay: BeforeReplay = lambda *_: None) -> Audit:
        """Compare the server's firings with the simulated ones.

        Args:
            processes: How many processes audit the automations, each by itself.
            before_replay: Called for those that are audited in this process.
        """
        deliveries = self._deliveries
        started = deliveries.started
        world = World(self._options, started or 0, deliveries.clock)
        seen: dict[int, Twice] = {}
        looked: list[int] = []
        for automation in self._evaluated:
            recorded = self._recorded[automation.index]
            fired = Counter(one.event_id for one in recorded if one.event_id is not None)
            came: dict[str, int] = {}
            again: dict[str, Event] = {}
            taken = self._events.of(automation, fired) if fired else ()
            for _, _, _, match in taken:
                event = match.event
                came[event.id] = event.received or event.occurred
                if fired[event.id] > 1:
                    again[event.id] = event
            looked += _looked(recorded, came)
            for twice in twice_processed(automation, recorded, again):
                known = seen.get(twice.event.line)
                if known is None or len(known.gaps) < len(twice.gaps):
                    seen[twice.event.line] = twice
        in_order = tuple(seen[line] for line in sorted(seen))
        standstills = standstills_of(*self._arrivals)
        polls = poll_times_of(looked, started or 0, standstills)
        absent = self._ids_so_far.absent()

        # What takes longest, and most memory, goes first.
        places = sorted(
            range(self.evaluated), key=lambda place: -self._events.count_of(self._evaluated[place])
        )

        def audit_of(number: int, before_replay: BeforeReplay = lambda *_: None) -> AutomationAudit:
            place = places[number]
            before = partial(before_replay, number, self._evaluated[place])
            return self._auditor(place, world, polls, in_order, absent, before).audit()

        with deliveries.naming_event():
            here = partial(audit_of, before_replay=before_replay)
            if processes < 2:
                audits = list(map(here, range(self.evaluated)))
            else:
                from trigger_cli.processes import spread_out  # noqa: PLC0415  # 15 ms

                audits = spread_out(audit_of, self.evaluated, processes=processes, here=here)
        audits = [one for _, one in sorted(zip(places, audits, strict=True))]
        for one in audits:
            for twice in one.inferred:
                seen.setdefault(twice.event.line, twice)
        return Audit(
            audits,
            [seen[line] for line in sorted(seen)],
            dict(self._others),
            self._silent,
            started,
            None if started is None else deliveries.clock,
            deliveries.events,
            deliveries.malformed,
            deliveries.lost_leaders.count,
        )

    def unpaired(self) -> dict[int, Unpaired]:
        """What one replay of each automation leaves unpaired, by its index: reasons take many more.

        Raises:
            EndlessError: A replay would have no end.
        """
        deliveries = self._deliveries
        started = deliveries.started or 0
        world = World(self._options, started, deliveries.clock)
        polls = poll_times_of((), started)
        found = {}
        for place, one in enumerate(self._evaluated):
            base = self._auditor(place, world, polls).base
            found[one.index] = Unpaired(len(base.missed), len(base.unexpected))
        return found

    def _auditor(
        self,
        place: int,
        world: World,
        polls: PollTimes,
        twice: tuple[Twice, ...] = (),
        absent: frozenset[str] = frozenset(),
        before_replay: Callable[[int], object] = lambda _number: None,
    ) -> Auditor:
        """The auditor of the evaluated automation at a place; what it is not given is no reason."""
        one = self._evaluated[place]
        return Auditor(
            one,
            tuple(self._recorded[one.index]),
            tuple(self._events.of(one)),
            world,
            self._plans[place],
            polls,
            twice,
            self._log_end,
            absent,
            before_replay,
        )

    def _note(self, run: Unmatched, matches: Sequence[tuple[int, Match]]) -> None:
        """Note when events came, their ids, and the firings that they report."""
        received, occurred = self._arrivals
        for came, was in zip(run.received or repeat(None), run.occurred, strict=False):
            self._log_end = max(self._log_end, was if came is None else came)
            if came is not None and len(received) < _MOST_ARRIVALS:
                received.append(came)
                occurred.append(was)
        begin = 0
        for row, match in matches:
            firing = server_firing(match.event)
            if firing is not None:
                self._ids_so_far.add(run.ids[begin:row])
                begin = row
                self._note_firing(firing)
        self._ids_so_far.add(run.ids[begin:])

    def _note_firing(self, firing: ServerFiring) -> None:
        automation = whose(firing, self._names, self._ids)
        if automation is None:
            if len(self._others) < _MOST_ARRIVALS:
                self._others[firing.automation_name or firing.automation_id] += 1
            return
        self._recorded[automation.index].append(firing)
        if firing.event_id is not None:
            self._ids_so_far.ask(firing.event_id)


class _IdsSoFar:
    """Tells which events had not come when they were asked for, in 8 bytes an event.

    Of the ids it keeps hashes. Should two ids ever have one hash, an absent event is taken for one
    that came.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._asked: dict[str, int] = {}
        """How many ids there were when each was asked for first."""

    def add(self, ids: Iterable[str]) -> None:
        """Events came."""
        if len(self._hashes) < REMEMBERED_IDS:
            self._hashes.extend(map(hash, ids))

    def ask(self, id_: str) -> None:
        """Ask whether an event has come so far."""
        if len(self._hashes) < REMEMBERED_IDS:
            self._asked.setdefault(id_, len(self._hashes))

    def absent(self) -> frozenset[str]:
        """The ids that were asked for before their event came, if it did."""
        wanted = set(map(hash, self._asked))
        first: dict[int, int] = {}
        for place, one in enumerate(self._hashes):
            if one in wanted:
                first.setdefault(one, place)
        return frozenset(
            id_ for id_, count in self._asked.items() if first.get(hash(id_), count) >= count
        )


def _looked(recorded: Iterable[ServerFiring], came: Mapping[str, int]) -> Iterator[int]:
    """When the server must have polled its deadlines: the times of firings without an event.

    Args:
        recorded: The firings of an automation.
        came: When each of their events came, by id, as far as the automation takes it.
    """
    for firing in recorded:
        if firing.event_id is None or firing.at - came.get(firing.event_id, firing.at) > _BY_TIME:
            yield firing.at
